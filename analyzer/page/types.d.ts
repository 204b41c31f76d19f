/*
 * Types of the page's data document (profinject-html-1, described in
 * analyzer/reports/html_data.h) and of what the page takes from outside. For the
 * type check alone; nothing of it gets into the page.
 */

type Unit = 'nanoseconds' | 'bytes' | 'count' | 'text' | string;

interface MetricDescription {
  name: string;
  title: string;
  label: string;
  unit: Unit;
  signed?: boolean;
  total?: number;
  over_time?: boolean;
}

interface SparseColumn {
  index: number[];
  value: number[];
}

interface SeriesDescription {
  name: string;
  title: string;
  unit: string;
  group: string;
  time: number[];
  value: (number | null)[];
  label?: string;
  factor?: number; // of what is drawn; its value is so many times that
}

interface ResourceSeries {
  name: string;
  subject: string | null;
  whose: string | null;
  unit: string;
  group: string;
  about: string | null;
  reason: string | null;
  scope: string;
  process: number;
  thread: number;
  of: number;
  every: number;
  mean: number | null;
  low: number | null;
  high: number | null;
  value: (number | null)[] | null;
  least: (number | null)[] | null;
  most: (number | null)[] | null;
}

interface Resources {
  start_s: number;
  cell_s: number;
  cells: number;
  left_out: number;
  series: ResourceSeries[];
}

interface Relation {
  reason: string | null;
  cells: number;
  effective?: number;
  pearson?: number;
  spearman?: number;
  lag_s?: number;
  lag_low_s?: number;
  lag_high_s?: number;
  strength?: number;
  low?: number;
  high?: number;
  p?: number;
  q?: number;
  significant?: boolean;
}

interface RelationCause {
  label: number;
  activity: number;
  amount: number | null;
  share: number | null;
  share_of_time: number | null;
  explained: number | null;
  relation: Relation;
}

interface RelationSeries {
  name: string;
  subject: string | null;
  whose: string | null;
  unit: string;
  changes: boolean;
  parts: number;
  resource: number;
  total: number | null;
  reason: string | null;
  causes: RelationCause[];
}

interface Relations {
  reason: string | null;
  cell_s: number;
  functions: number;
  tested: number;
  significant: number;
  activities: string[];
  marks: number[];
  named: { name: string; first: string; second: string; relation: Relation }[];
  series: RelationSeries[];
  pairs: {
    first: number[];
    second: number[];
    cells: number[];
    strength: (number | null)[];
    lag_s: (number | null)[];
    low: (number | null)[];
    high: (number | null)[];
    q: (number | null)[];
    significant: (number | null)[];
    reason: (string | null)[];
  };
}

interface Judgement {
  verdict: string;
  title: string;
  text: string | null;
  runner_up: string | null;
  least: number;
  classes: { name: string; strength: number | null; evidence: string | null }[];
  scores: { name: string; formula: string; value: number | null; inputs: string | null }[];
  thread_formula: string;
  threads: { thread: number; efficiency: number | null; cpu: number; wall: number; idle: number }[];
}

interface Advice {
  rule: string;
  advice: string;
  finding: string;
  share: number | null;
  labels: number[];
}

interface TableColumn {
  title: string;
  unit: Unit;
  signed?: boolean; // numbers are changes
}

type TableCell = number | string | null;

interface TableDescription {
  name: string;
  title: string;
  note?: string;
  columns: TableColumn[];
  rows: TableCell[][];
}

interface PageDocument {
  schema: string;
  generator: string;
  title: string;
  facts: [string, string][];
  why: string | null;
  end: string | null;
  part: string | null;
  messages: string[];
  start_s: number;
  end_s: number;
  metrics: MetricDescription[];
  processes: { comm: string; pid: number }[];
  threads: { name: string; tid: number; process: number }[];
  regions: string[];
  files: string[];
  modules: string[];
  labels: {
    name: string[];
    file: number[];
    line: number[];
    module: number[];
    kind: number[];
    off: number[];
  };
  nodes: { parent: number[]; label: number[] };
  entries: {
    node: number[];
    thread: number[];
    region: number[];
    values: { [metric: string]: number[] | SparseColumn };
  };
  slices: {
    width_s: number;
    count: number;
    slice: number[];
    entry: number[];
    cpu: number[];
    off: number[];
  } | null;
  series: SeriesDescription[];
  resources?: Resources | null;
  relations?: Relations | null;
  judgement?: Judgement | null;
  advice?: Advice[];
  tables: TableDescription[];
  diff: { before: string; after: string; normalised: boolean; runs: number[] } | null;
}

/* Newer than the declarations of the compiler. */
declare class DecompressionStream {
  constructor(format: string);
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/* What the page uses of dygraphs. */
declare class Dygraph {
  constructor(element: HTMLElement, data: (number | number[] | null)[][], options: object);
  updateOptions(options: object): void;
  resize(): void;
  destroy(): void;
  setSelection(row: number | false): void;
  clearSelection(): void;
  toDomXCoord(x: number): number;
  getArea(): { x: number; y: number; w: number; h: number };
}

interface Window {
  profinject: object;
}
