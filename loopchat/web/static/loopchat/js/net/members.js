/** @file Who is in a room: looked up once, and again when their number changed. */

import { get } from "./http.js"

/** @typedef {import("../types.js").Member} Member */
/** @typedef {import("../store/room.js").Room} Room */

export class Members {
  /** @type {Map<number, {stamp: number, people: Promise<Member[]>}>} */
  #known = new Map()

  /** @param {string} rooms the address above the rooms' forms */
  constructor(rooms) {
    this.rooms = rooms
  }

  /** What is known belongs to another history. */
  forget() {
    this.#known.clear()
  }

  /** @param {Room} room @returns {Promise<Member[]>} */
  of({ id, summary }) {
    const known = this.#known.get(id)
    if (known?.stamp === summary.members) return known.people
    const people = get(`${this.rooms}${id}/members/`).then(found => found.results)
    this.#known.set(id, { stamp: summary.members, people })
    people.catch(() => this.#known.delete(id))
    return people
  }
}
