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

  /** The first row that is visible, and where its words stand: the name above them may come and go. @returns {Anchor | null} */
  anchor() {
    const rows = this.#rows()
    const row = rows[firstBelow(rows, this.box.getBoundingClientRect().top)]
    return row ? { row, top: wordsTop(row) } : null
  }

  /** Puts that row back where it stood. @param {Anchor | null} anchor */
  restore(anchor) {
    if (!anchor?.row.isConnected) return
    this.box.scrollTop += wordsTop(anchor.row) - anchor.top
  }

  /** Brings a row to the upper part of the view, or the beginning or end when that is near. @param {Element} row */
  show(row) {
    const { scrollTop, clientHeight } = this.box
    const place = scrollTop + row.getBoundingClientRect().top - this.box.getBoundingClientRect().top
    this.box.scrollTop = place < clientHeight / 2 ? 0 : place - clientHeight / 4
    this.moved()
  }

  /** The last row that is visible to its end. */
  lastVisible() {
    const rows = this.#rows()
    return rows[firstBelow(rows, this.box.getBoundingClientRect().bottom + 4) - 1] ?? null
  }

  #rows() {
    return [...this.box.querySelectorAll("[data-key]")]
  }
}

/** @param {Element} row */
const wordsTop = row => (row.querySelector(".bubble__text") ?? row).getBoundingClientRect().top

/** The place of the first row that ends below an edge; rows stand below each other. @param {Element[]} rows @param {number} edge */
function firstBelow(rows, edge) {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle].getBoundingClientRect().bottom > edge) high = middle
    else low = middle + 1
  }
  return low
}
