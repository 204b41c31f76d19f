/*
 * What the reader has chosen, and who wants to know of a change. Its own file as
 * the one place of the page that changes: views read it and follow it.
 */

/**
 * @typedef {object} Choice
 * @property {string} metric
 * @property {'after' | 'before'} side - of a comparison: whose values are widths
 * @property {string} thread - as Filter
 * @property {string} process - as Filter
 * @property {number} region
 * @property {[number, number] | null} window - slices
 * @property {'heavy' | 'name' | 'time'} order
 * @property {boolean} icicle
 * @property {string} tab
 * @property {number} label - whose callers and callees are shown, or -1
 * @property {string} search
 * @property {string | null} lit - name of the function chosen in a table
 * @property {RelationCause | null} cause - of a resource, chosen among relations
 * @property {number | null} time - where the cursor of the timelines is, seconds
 */

/** @typedef {(choice: Choice, changed: Set<string>) => void} Follower */

class Store {
  /** @param {Choice} choice */
  constructor(choice) {
    this.choice = choice;
    /** @type {{keys: string[], follow: Follower}[]} */
    this.followers = [];
  }

  /**
   * Calls `follow` after changes of any of the keys.
   * @param {string[]} keys @param {Follower} follow
   */
  on(keys, follow) {
    this.followers.push({ keys, follow });
  }

  /** @param {Partial<Choice>} changes */
  set(changes) {
    const old = this.choice;
    const next = {...old, ...changes };
    const changed = new Set(
      Object.keys(changes).filter((key) => Reflect.get(old, key) !== Reflect.get(next, key)));
    if (changed.size === 0) return;
    this.choice = next;
    for (const { keys, follow } of this.followers) {
      if (keys.some((key) => changed.has(key))) follow(next, changed);
    }
  }
}

/** Choices that change sums. */
const SUM_KEYS = ['metric', 'side', 'thread', 'process', 'region', 'window'];
