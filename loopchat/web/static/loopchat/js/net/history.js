/** @file Fetches pages of a room's log, one at a time for each room. */

/** @typedef {import("../store/store.js").Store} Store */
/** @typedef {import("../store/log.js").Log} Log */
/** @typedef {(type: string, fields: object) => Promise<any>} Ask */

const PAGE = 60
const FAILED_MS = 1500

export class History {
  /** @type {Map<number, Promise<void>>} */
  #running = new Map()

  /** @param {Store} store @param {Ask} ask */
  constructor(store, ask) {
    this.store = store
    this.ask = ask
  }

  /** The newest page, when the live end is not held. @param {number} room */
  latest(room) {
    return this.#fetch(room, log => !log.attached, async log => {
      await this.#page(room, {})
      if (!log.isEmpty && !log.attached) await this.#page(room, { after: log.to })
    })
  }

  /** The page before what is held; the newest part is let go when it becomes too much. @param {number} room */
  older(room) {
    return this.#fetch(room, log => !log.isEmpty && !log.complete, async log => {
      await this.#page(room, { before: log.from })
      log.trim("end")
    })
  }

  /** The page after what is held. @param {number} room */
  newer(room) {
    return this.#fetch(room, log => !log.isEmpty && !log.attached, async log => {
      await this.#page(room, { after: log.to })
      log.trim("start")
    })
  }

  /** The stretch around a seq, in place of what is held. @param {number} room @param {number} seq */
  async around(room, seq) {
    await this.#running.get(room)?.catch(() => {})
    return this.#fetch(room, log => log.isEmpty || seq < log.from || seq > log.to, async () => {
      this.store.merge(room, await this.ask("around", { room, seq, limit: PAGE }))
    })
  }

  /**
   * The stretch around a time; the seq of the first item at or after it, or of the newest one.
   * @param {number} room
   * @param {number} ts
   * @returns {Promise<number | undefined>}
   */
  async atTime(room, ts) {
    await this.#running.get(room)?.catch(() => {})
    const page = await this.ask("around", { room, ts, limit: PAGE })
    this.store.merge(room, page)
    const item = page.items.find((/** @type {{seq: number}} */ { seq }) => seq >= page.at) ?? page.items.at(-1)
    return item?.seq
  }

  /** @param {number} room @param {object} range */
  async #page(room, range) {
    this.store.merge(room, await this.ask("history", { room, limit: PAGE, ...range }))
  }

  /**
   * @param {number} room
   * @param {(log: Log) => boolean} isNeeded
   * @param {(log: Log) => Promise<void>} work
   * @returns {Promise<void>}
   */
  async #fetch(room, isNeeded, work) {
    const log = this.store.room(room)?.log
    if (this.#running.has(room)) return this.#running.get(room)
    if (!log || !isNeeded(log)) return
    const running = work(log)
    this.#running.set(room, running)
    await running.then(() => this.#done(room), refused => this.#failed(room, refused))
  }

  /** @param {number} room */
  #done(room) {
    this.#running.delete(room)
    this.store.changed()
  }

  /** A page that failed is not asked for again at once. @param {number} room @param {Error} refused */
  #failed(room, refused) {
    setTimeout(() => this.#done(room), FAILED_MS)
    throw refused
  }
}
