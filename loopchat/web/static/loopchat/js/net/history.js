/** @file Fetches pages of a room's log, one at a time for each room. */

/** @typedef {import("../store/store.js").Store} Store */
/** @typedef {(type: string, fields: object) => Promise<any>} Ask */

const PAGE = 60

export class History {
  /** @type {Map<number, Promise<void>>} */
  #running = new Map()

  /** @param {Store} store @param {Ask} ask */
  constructor(store, ask) {
    this.store = store
    this.ask = ask
  }

  /** Whether a page of this room is on its way. @param {number} room */
  isLoading(room) {
    return this.#running.has(room)
  }

  /** The newest page, when the live end is not held. @param {number} room */
  latest(room) {
    return this.#once(room, async () => {
      const log = this.store.room(room)?.log
      if (!log || log.attached) return
      await this.#page(room, {})
      if (!log.isEmpty && !log.attached) await this.#page(room, { after: log.to })
    })
  }

  /** The page before what is held; the newest part is let go when it becomes too much. @param {number} room */
  older(room) {
    return this.#once(room, async () => {
      const log = this.store.room(room)?.log
      if (!log || log.complete || log.isEmpty) return
      await this.#page(room, { before: log.from })
      if (log.trim("end")) this.store.changed()
    })
  }

  /** The page after what is held. @param {number} room */
  newer(room) {
    return this.#once(room, async () => {
      const log = this.store.room(room)?.log
      if (!log || log.attached || log.isEmpty) return
      await this.#page(room, { after: log.to })
      if (log.trim("start")) this.store.changed()
    })
  }

  /** The stretch around a seq, in place of what is held. @param {number} room @param {number} seq */
  around(room, seq) {
    return this.#once(room, async () => {
      const log = this.store.room(room)?.log
      if (!log || (seq >= log.from && seq <= log.to)) return
      await this.#page(room, { before: seq + PAGE / 2 })
    })
  }

  /** @param {number} room @param {object} range */
  async #page(room, range) {
    this.store.merge(room, await this.ask("history", { room, limit: PAGE, ...range }))
  }

  /** @param {number} room @param {() => Promise<void>} work */
  #once(room, work) {
    const running = this.#running.get(room) ?? work().finally(() => {
      this.#running.delete(room)
      this.store.changed()
    })
    this.#running.set(room, running)
    return running
  }
}
