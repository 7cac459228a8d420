/** @file Who is in a room: looked up once, and again when their number changed. */

import { get } from "./http.js"

/** @typedef {import("../types.js").Member} Member */
/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {{results: Member[], count: number, next?: string}} MemberPage */

/** A room with more people is searched at the server, not held here. */
const HELD_MAX = 200
const SEARCHES_MAX = 100

export class Members {
  /** @type {Map<number, {stamp: number, people: Promise<Member[]>, searches: Map<string, Promise<Member[]>>}>} */
  #known = new Map()

  /** @param {string} rooms the address above the rooms' forms */
  constructor(rooms) {
    this.rooms = rooms
  }

  /** What is known belongs to another history. */
  forget() {
    this.#known.clear()
  }

  /** A part of the list as it is now. @param {number} room @param {{q?: string, after?: string}} [part] @returns {Promise<MemberPage>} */
  page(room, part) {
    return get(`${this.rooms}${room}/members/`, part)
  }

  /** All of them, of a large room the first. @param {Room} room @returns {Promise<Member[]>} */
  of(room) {
    return this.#of(room).people
  }

  /** Those who may be meant by the beginning of a name: of a large room the server finds them. @param {Room} room @param {string} word @returns {Promise<Member[]>} */
  called(room, word) {
    const { people, searches } = this.#of(room)
    if (room.summary.members <= HELD_MAX || !word) return people
    const known = searches.get(word)
    if (known) return known
    const found = this.page(room.id, { q: word }).then(page => page.results)
    if (searches.size >= SEARCHES_MAX) searches.clear()
    searches.set(word, found)
    found.catch(() => searches.delete(word))
    return found
  }

  /** @param {Room} room */
  #of({ id, summary }) {
    const known = this.#known.get(id)
    if (known?.stamp === summary.members) return known
    const people = this.#read(id)
    const fresh = { stamp: summary.members, people, searches: new Map() }
    this.#known.set(id, fresh)
    people.catch(() => this.#known.delete(id))
    return fresh
  }

  /** @param {number} id */
  async #read(id) {
    /** @type {Member[]} */
    const all = []
    /** @type {string | undefined} */
    let after
    do {
      const page = await this.page(id, after ? { after } : undefined)
      all.push(...page.results)
      after = page.next
    } while (after && all.length < HELD_MAX)
    return all
  }
}
