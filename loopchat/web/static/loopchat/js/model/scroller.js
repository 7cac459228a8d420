/** @file Keeps the view still while rows come and go above and below it. */

const NEAR_END_PX = 100

/** @typedef {{row: Element, top: number}} Anchor */

export class Scroller {
  /** Whether the end is followed: the reader was within 100 px of it. */
  following = true

  /** @param {HTMLElement} box the element that scrolls */
  constructor(box) {
    this.box = box
  }

  /** How far the end is away. */
  get below() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight
  }

  /** The person scrolled. */
  moved() {
    this.following = this.below <= NEAR_END_PX
  }

  toEnd() {
    this.following = true
    this.box.scrollTop = this.box.scrollHeight
  }

  /** The first row that is visible, and where it stands. @returns {Anchor | null} */
  anchor() {
    const edge = this.box.getBoundingClientRect().top
    const row = this.#rows().find(one => one.getBoundingClientRect().bottom > edge)
    return row ? { row, top: row.getBoundingClientRect().top } : null
  }

  /** Puts that row back where it stood. @param {Anchor | null} anchor */
  restore(anchor) {
    if (!anchor?.row.isConnected) return
    this.box.scrollTop += anchor.row.getBoundingClientRect().top - anchor.top
  }

  /** Brings a row to the upper part of the view, or the end when that is nearer. @param {Element} row */
  show(row) {
    const shift = row.getBoundingClientRect().top - this.box.getBoundingClientRect().top
    this.box.scrollTop += shift - this.box.clientHeight / 4
    this.moved()
  }

  /** The last row that is visible to its end. */
  lastVisible() {
    const edge = this.box.getBoundingClientRect().bottom + 4
    return this.#rows().findLast(one => one.getBoundingClientRect().bottom <= edge) ?? null
  }

  #rows() {
    return [...this.box.querySelectorAll("[data-key]")]
  }
}
