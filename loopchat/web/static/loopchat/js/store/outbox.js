/** @file Messages that the server has not acknowledged yet. They survive reloads and restarts. */

import { uuid } from "../model/ids.js"
import { openStorage } from "./outbox_storage.js"

/** @typedef {import("../types.js").Pending} Pending */
/** @typedef {import("../types.js").Me} Me */
/** @typedef {import("../net/requests.js").Refusal} Refusal */
/** @typedef {(type: string, fields: object) => Promise<any>} Ask */

const PAUSE_MS = 1000

/**
 * Per room one message is unanswered at a time, so that they are stored in the order in which they
 * were written. The same `cid` is sent again until the server answers: it stores it once.
 * Event `changed` when an entry came, went or has another state.
 */
export class Outbox extends EventTarget {
  /** @type {Map<string, Pending>} */
  #entries = new Map()
  /** Done on this page: the storage may be read while they go from it. @type {Set<string>} */
  #over = new Set()
  /** @type {Set<number>} rooms with an unanswered message */
  #busy = new Set()
  #storage = openStorage()
  #online = false

  /** @param {Me} me @param {Ask} ask */
  constructor(me, ask) {
    super()
    this.me = me
    this.ask = ask
  }

  /** Takes up what an earlier page, or another tab that is gone, left behind. */
  async load() {
    const left = await (await this.#storage).load(this.me.uid)
    for (const entry of left.sort((a, b) => a.order - b.order)) {
      if (this.#entries.has(entry.cid) || this.#over.has(entry.cid)) continue
      this.#entries.set(entry.cid, entry.state === "failed" ? entry : { ...entry, state: "waiting" })
    }
    this.#changed()
  }

  /** @param {number} room */
  of(room) {
    return [...this.#entries.values()].filter(entry => entry.room === room)
  }

  /**
   * @param {number} room
   * @param {string} message
   * @param {number} [replyTo] id of the message that it answers
   */
  add(room, message, replyTo) {
    const now = Date.now()
    const order = Math.max(now, ...[...this.#entries.values()].map(entry => entry.order + 1))
    const base = { cid: uuid(), uid: this.me.uid, room, message, ts: now, order }
    this.#set({ ...base, ...(replyTo ? { reply_to: replyTo } : {}), state: "waiting" })
    this.#pump(room)
  }

  /** Sends a failed message again. @param {string} cid */
  again(cid) {
    const entry = this.#entries.get(cid)
    if (!entry) return
    this.#set({ ...entry, state: "waiting", error: undefined })
    this.#pump(entry.room)
  }

  /** @param {string} cid */
  discard(cid) {
    const entry = this.#entries.get(cid)
    if (entry) this.#remove(entry)
  }

  /** The log has it: the pending copy goes. @param {{uid: number, cid: string}} message */
  seen({ uid, cid }) {
    if (uid === this.me.uid) this.discard(cid)
  }

  /** Connected and ready, or not. @param {boolean} online */
  async goes(online) {
    this.#online = online
    if (!online) return
    await this.load()
    for (const entry of this.#entries.values()) {
      if (entry.state === "stored") this.#entries.delete(entry.cid)
      else this.#pump(entry.room)
    }
  }

  /** Signed out: nothing of this person stays on the device. */
  async clear() {
    this.#online = false
    this.#entries.clear()
    await (await this.#storage).clear(this.me.uid)
  }

  /** @param {number} room */
  async #pump(room) {
    const next = this.of(room).find(entry => entry.state === "waiting")
    if (!next || !this.#online || this.#busy.has(room)) return
    this.#busy.add(room)
    this.#hold({ ...next, state: "sending" })
    const pause = await this.#send(next)
    if (pause) await new Promise(resume => setTimeout(resume, pause))
    this.#busy.delete(room)
    this.#pump(room)
  }

  /** @param {Pending} entry @returns {Promise<number>} how long to pause before the next one, ms */
  async #send(entry) {
    const { cid, room, message, reply_to } = entry
    try {
      const { seq } = await this.ask("chat_message", { room, cid, message, ...(reply_to ? { reply_to } : {}) })
      this.#stored(cid, seq)
      return 0
    } catch (refused) {
      return this.#refused(entry, /** @type {Refusal} */ (refused))
    }
  }

  /** Acknowledged: it may go from the device, and is shown until its event comes. @param {string} cid @param {number} seq */
  async #stored(cid, seq) {
    const entry = this.#entries.get(cid)
    if (!entry) return
    this.#over.add(cid)
    this.#hold({ ...entry, state: "stored" })
    this.dispatchEvent(new CustomEvent("stored", { detail: { room: entry.room, cid, seq } }))
    await (await this.#storage).remove(entry)
  }

  /** @param {Pending} entry @param {Refusal} refusal */
  #refused(entry, refusal) {
    if (!this.#entries.has(entry.cid)) return 0
    if (!refusal.isPassing) {
      this.#set({ ...entry, state: "failed", error: refusal.message })
      return 0
    }
    this.#hold({ ...entry, state: "waiting" })
    return refusal.code === "lost" ? 0 : (refusal.retryAfter ?? PAUSE_MS)
  }

  /** In memory and on the device. @param {Pending} entry */
  async #set(entry) {
    this.#hold(entry)
    await (await this.#storage).put(entry)
  }

  /** @param {Pending} entry */
  #hold(entry) {
    this.#entries.set(entry.cid, entry)
    this.#changed()
  }

  /** @param {Pending} entry */
  async #remove(entry) {
    this.#over.add(entry.cid)
    this.#entries.delete(entry.cid)
    this.#changed()
    await (await this.#storage).remove(entry)
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}
