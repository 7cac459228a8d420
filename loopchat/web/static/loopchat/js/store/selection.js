/** @file The messages that somebody has marked, to do the same with all of them. */

/** @typedef {import("../types.js").Message} Message */

const MAX = 100

export class Selection {
  /** @type {Map<number, Message>} by id */
  #chosen = new Map()
  /** In which room; null while nothing is being marked. @type {number | null} */
  room = null

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed
  }

  /** @param {number} room */
  isIn(room) {
    return this.room === room
  }

  /** @param {number} id */
  has(id) {
    return this.#chosen.has(id)
  }

  /** In the order of the room. */
  get items() {
    return [...this.#chosen.values()].sort((a, b) => a.seq - b.seq)
  }

  /** @param {Message} item */
  toggle(item) {
    if (this.room !== item.room) this.#chosen.clear()
    this.room = item.room
    if (!this.#chosen.delete(item.id) && this.#chosen.size < MAX) this.#chosen.set(item.id, item)
    this.changed()
  }

  end() {
    if (this.room === null) return
    this.room = null
    this.#chosen.clear()
    this.changed()
  }
}
