/** @file One room as this client knows it: its summary, its log, who types, who has read. */

import { ticks } from "../model/ticks.js"
import { Log } from "./log.js"

/** @typedef {import("../types.js").RoomSummary} RoomSummary */
/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Page} Page */
/** @typedef {{username: string, until: number}} Typist */

export class Room {
  /** @type {RoomSummary} */
  summary
  /** Every event up to this seq was applied. */
  cursor = 0
  /** Messages up to this seq are in `summary.unread`. */
  #counted = 0
  log = new Log()
  /** @type {Map<number, Typist>} */
  typing = new Map()
  /** @type {Map<number, {read: number, delivered: number}>} cursors of the others */
  cursors = new Map()
  /** @type {number | null} */
  onlineCount = null
  /** Where the "new messages" line stands, and for how many. @type {{at: number, n: number} | null} */
  line = null

  /** @param {RoomSummary} summary @param {number} me my own user id */
  constructor(summary, me) {
    this.me = me
    this.summary = summary
    this.cursor = summary.head
    this.#counted = counted(summary)
  }

  get id() {
    return this.summary.room
  }

  /** A newer summary; events that ran ahead of it stay counted. @param {RoomSummary} summary */
  refresh(summary) {
    this.summary = summary
    this.#counted = counted(summary)
    const ahead = this.log.items().filter(item => item.seq > this.#counted)
    for (const item of ahead) if (item.type === "chat_message") this.#summarise(item)
    if (this.line && summary.read >= this.line.at) this.line = null
  }

  /** All that is held is void; events follow from `head` + 1. @param {number} head */
  rebase(head) {
    this.cursor = head
    this.log.clear()
  }

  /** @param {Page} page */
  merge(page) {
    this.log.merge(page, this.cursor)
  }

  /** A new message at the end. @param {Message} message */
  arrived(message) {
    if (message.seq > this.#counted) {
      this.#counted = message.seq
      this.#summarise(message)
    }
    this.typing.delete(message.uid)
  }

  /** @param {Message} message */
  #summarise(message) {
    const { id, seq, uid, username, ts, message: text, deleted_ts } = message
    const own = uid === this.me
    const read = own && this.summary.unread === 0 ? seq : this.summary.read
    const unread = this.summary.unread + (own || seq <= this.summary.read ? 0 : 1)
    const last = { id, seq, uid, username, ts, message: text, deleted_ts }
    this.summary = { ...this.summary, last, read, unread, updated_ts: Math.max(ts, this.summary.updated_ts) }
  }

  /**
   * My read cursor moved. What is held tells the count exactly; else the server's word counts.
   * @param {number} seq
   * @param {number} [unread]
   */
  readUpTo(seq, unread) {
    const read = Math.max(seq, this.summary.read)
    const known = this.log.attached && this.log.from <= read + 1
    const left = known ? this.#waitingAfter(read).length : (unread ?? this.summary.unread)
    this.summary = { ...this.summary, read, unread: left, unread_from: undefined }
  }

  /** Messages of others after a seq, of those that are held. @param {number} seq */
  #waitingAfter(seq) {
    return this.log.items().filter(
      item => item.type === "chat_message" && item.seq > seq && item.uid !== this.me,
    )
  }

  /** Remembers where unread messages begin, for the line in the timeline. */
  drawLine() {
    const { unread, read, unread_from: from } = this.summary
    const reaches = this.log.from <= read + 1
    const first = reaches ? this.#waitingAfter(read)[0]?.seq : undefined
    const at = from ?? first ?? read + 1
    this.line = unread > 0 || from ? { at, n: unread } : null
  }

  /** Who types at this moment. @param {number} now */
  typists(now = Date.now()) {
    return [...this.typing.values()].filter(typist => typist.until > now).map(typist => typist.username)
  }

  /**
   * @param {number} uid
   * @param {{read?: number, delivered?: number}} moved
   */
  moveCursor(uid, { read = 0, delivered = 0 }) {
    const known = this.cursors.get(uid) ?? { read: 0, delivered: 0 }
    this.cursors.set(uid, {
      read: Math.max(known.read, read),
      delivered: Math.max(known.delivered, delivered),
    })
  }

  /** Where the others are, as a page or a look-up tells. @param {import("../types.js").MemberCursor[]} cursors */
  place(cursors) {
    for (const { uid, read, delivered } of cursors) this.moveCursor(uid, { read, delivered })
  }

  /** The state of a message of mine. @param {number} seq */
  ticks(seq) {
    if (!this.summary.receipts) return "stored"
    return ticks(seq, this.cursors.values(), this.summary.members - 1)
  }
}

/** The seq up to which messages are in `unread`: it may be newer than the base of what follows. @param {RoomSummary} summary */
const counted = ({ head, last }) => Math.max(head, last?.seq ?? 0)
