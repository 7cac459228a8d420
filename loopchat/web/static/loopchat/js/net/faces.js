/** @file How people look whose names are on the screen: asked for once, many at a time. */

import { get } from "./http.js"

/** @typedef {import("../store/store.js").Store} Store */

const PAUSE_MS = 60
const MOST = 100

export class Faces {
  /** @type {Set<number>} */
  #asked = new Set()
  /** @type {number[]} */
  #wanted = []
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {Store} store @param {string} url */
  constructor(store, url) {
    this.store = store
    this.url = url
    for (const name of ["held", "message"]) store.addEventListener(name, event => this.#want(/** @type {CustomEvent} */ (event).detail.uid))
    store.circle.unknown = uid => this.#want(uid)
  }

  /** @param {number} uid */
  #want(uid) {
    if (!uid || this.#asked.has(uid) || this.store.circle.face(uid)) return
    this.#asked.add(uid)
    this.#wanted.push(uid)
    this.#timer ??= setTimeout(() => this.#ask(), PAUSE_MS)
  }

  async #ask() {
    const uids = this.#wanted.splice(0, MOST)
    this.#timer = this.#wanted.length ? setTimeout(() => this.#ask(), PAUSE_MS) : undefined
    try {
      const { results } = await get(this.url, { uids: uids.join(",") })
      for (const face of results) this.store.circle.look(face)
      this.store.changed()
    } catch {
      for (const uid of uids) this.#asked.delete(uid)
    }
  }
}
