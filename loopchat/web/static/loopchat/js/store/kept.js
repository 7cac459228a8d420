/** @file Which messages are pinned in a room and which I have saved, as far as somebody asked. */

/** @typedef {import("./store.js").Store} Store */
/** @typedef {(type: string, fields: object) => Promise<any>} Ask */

const PAGE = 100
const PAGES = 10

export class Kept {
  /** @type {Map<number, Promise<Set<number>>>} ids by room */
  #pins = new Map()
  /** @type {Promise<Set<number>> | null} */
  #saved = null

  /** @param {Store} store @param {Ask} ask */
  constructor(store, ask) {
    this.ask = ask
    store.addEventListener("pinned", event => this.#pins.delete(/** @type {CustomEvent} */ (event).detail.room))
    store.addEventListener("saved", event => this.#marked(/** @type {CustomEvent} */ (event).detail))
  }

  /** Connected again: what changed meanwhile was not told. */
  forget() {
    this.#pins.clear()
    this.#saved = null
  }

  /** Whether this message is pinned, and saved. @param {{room: number, id: number}} message */
  async of({ room, id }) {
    const [pins, saved] = await Promise.all([this.#pinned(room), this.#allSaved()])
    return { pinned: pins.has(id), saved: saved.has(id) }
  }

  /** @param {number} room @returns {Promise<Set<number>>} */
  #pinned(room) {
    const known = this.#pins.get(room)
    if (known) return known
    const asked = this.ask("pins", { room }).then(({ items }) => new Set(items.map((/** @type {any} */ item) => item.id)))
    this.#pins.set(room, asked)
    asked.catch(() => this.#pins.delete(room))
    return /** @type {any} */ (asked)
  }

  #allSaved() {
    this.#saved ??= this.#readSaved().catch(refused => {
      this.#saved = null
      throw refused
    })
    return this.#saved
  }

  async #readSaved() {
    const ids = new Set()
    /** @type {number | undefined} */
    let before
    for (let page = 0; page < PAGES; page += 1) {
      const { items, next } = await this.ask("saves", { limit: PAGE, ...(before ? { before } : {}) })
      for (const item of items) ids.add(item.message.id)
      before = next
      if (!next) break
    }
    return ids
  }

  /** @param {{id: number, on: boolean}} marked */
  async #marked({ id, on }) {
    const ids = await this.#saved?.catch(() => null)
    if (on) ids?.add(id)
    else ids?.delete(id)
  }
}
