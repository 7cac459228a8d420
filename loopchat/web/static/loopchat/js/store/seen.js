/** @file How far this tab has looked and the server has not confirmed yet. Reloading the page does not undo it. */

const NAME = "loopchat-seen"

export class Seen {
  /** The seq of the last message that was looked at, by room. @type {Map<number, number>} */
  #upTo
  #key

  /** @param {number} uid @param {string} epoch what is numbered in another one means nothing here */
  constructor(uid, epoch) {
    this.#key = `${NAME}-${uid}-${epoch}`
    this.#upTo = new Map(this.#load())
  }

  /** @param {number} room */
  of(room) {
    return this.#upTo.get(room)
  }

  /** @returns {[number, number][]} rooms and how far */
  all() {
    return [...this.#upTo]
  }

  /** @param {number} room @param {number} seq */
  note(room, seq) {
    this.#upTo.set(room, Math.max(seq, this.#upTo.get(room) ?? 0))
    this.#save()
  }

  /** The server knows it, or does not want to. @param {number} room */
  forget(room) {
    if (this.#upTo.delete(room)) this.#save()
  }

  clear() {
    this.#upTo.clear()
    this.#save()
  }

  /** @returns {[number, number][]} */
  #load() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key) ?? "[]")
    } catch {
      return []
    }
  }

  #save() {
    try {
      if (this.#upTo.size) sessionStorage.setItem(this.#key, JSON.stringify([...this.#upTo]))
      else sessionStorage.removeItem(this.#key)
    } catch {
      // A browser that keeps nothing forgets it with the page.
    }
  }
}
