/*
 * The time axis: how long it is, the slices it is known by and the part of it that
 * is chosen. Its own file because timelines, resources and inputs choose the same.
 * What is chosen is whole slices, the smallest part of the time of which the
 * document knows who ran; so sums are exact.
 */

class Times {
  /** @param {App} app */
  constructor(app) {
    const { data, slices } = app.model;
    this.store = app.store;
    this.slices = slices && !app.results.compares ? slices : null;
    /** @type {[number, number]} */
    this.range = [data.start_s, Math.max(data.end_s, data.start_s + 1e-6)];
    this.last = this.range[0];  // of the cursor, where the keyboard goes on
  }

  /** @param {number} time */
  percent(time) {
    return (100 * (time - this.range[0])) / (this.range[1] - this.range[0]);
  }

  /** What one press of an arrow key is. */
  get step() {
    return this.slices ? this.slices.width * Math.max(1, Math.round(this.slices.count / 100))
                       : (this.range[1] - this.range[0]) / 100;
  }

  /**
   * Puts the cursor of all timelines there; null: nowhere.
   * @param {number | null} time
   */
  point(time) {
    if (time !== null) this.last = Math.min(this.range[1], Math.max(this.range[0], time));
    this.store.set({ time: time === null ? null : this.last });
  }

  /**
   * Whole slices that hold the times.
   * @param {number} from @param {number} to @returns {[number, number] | null}
   */
  slicesOf(from, to) {
    if (!this.slices || !Number.isFinite(from) || !Number.isFinite(to)) return null;
    const { width, count } = this.slices;
    const number = (/** @type {number} */ time) => (time - this.range[0]) / width;
    // A hair's breadth over an edge is the edge: times are decimal, edges are not.
    const first = Math.max(0, Math.floor(number(Math.min(from, to)) + 1e-6));
    const last = Math.min(count, Math.ceil(number(Math.max(from, to)) - 1e-6));
    if (first >= count) return [count - 1, count];
    return [first, Math.max(last, first + 1)];
  }

  /**
   * Chooses a part; false: it is the one that was chosen.
   * @param {number} from @param {number} to
   */
  choose(from, to) {
    const window = this.slicesOf(from, to);
    const isAll =
      window !== null && this.slices !== null && window[0] === 0 && window[1] === this.slices.count;
    const old = this.store.choice.window;
    if (old && window && old[0] === window[0] && old[1] === window[1]) return false;
    this.store.set({ window: isAll ? null : window });
    return true;
  }

  /**
   * Seconds of what is chosen.
   * @returns {[number, number]}
   */
  chosen() {
    const { window } = this.store.choice;
    if (!window || !this.slices) return this.range;
    const { width } = this.slices;
    return [
      this.range[0] + window[0] * width, Math.min(this.range[0] + window[1] * width, this.range[1])
    ];
  }
}
