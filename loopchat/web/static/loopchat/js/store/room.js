/** @file One room as this client knows it: its summary, its log, who types, who has read. */

import { names, previewOf } from "../model/flat.js"
import { personName } from "../model/names.js"
import { ticks } from "../model/ticks.js"
import { Log } from "./log.js"

/** @typedef {import("../types.js").RoomSummary} RoomSummary */
/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Page} Page */
/** @typedef {{username: string, until: number}} Typist */
/** @typedef {{seq: number, kind: string, uid: number}} Membership */

const WHISPERS_MAX = 3
/** People named in place of a group's name, as the server does. */
const NAMED_MAX = 3
/** What happened to a member, and by how much the number of members changes. @type {Map<string, number>} */
const CHANGES = new Map([["join", 1], ["leave", -1], ["kick", -1], ["ban", -1]])

export class Room {
  /** @type {RoomSummary} */
  summary
  /** Every event up to this seq was applied. */
  cursor = 0
  /** Messages up to this seq are in `summary.unread`. */
  #counted = 0
  /** Who came and went, and what was pinned, up to this seq is in the summary. */
  #asOf = 0
  /** Calls up to this seq are in `summary.mentions`. */
  #called = 0
  log = new Log()
  /** @type {Map<number, Typist>} */
  typing = new Map()
  /** @type {Map<number, {read: number, delivered: number}>} cursors of the others */
  cursors = new Map()
  /** @type {number | null} */
  onlineCount = null
  /** Where the "new messages" line stands, and for how many. @type {{at: number, n: number} | null} */
  line = null
  /** Marked as unread by hand while it is on the screen: what is seen does not undo that. */
  kept = false
  /** What bots answered to me alone, the newest last. @type {import("../types.js").Whisper[]} */
  whispers = []
  /** Somebody came or went: whether they are a bot, and what a group without a name is called, is not known. */
  changedCompany = false
  /** Whether I tell others what I have read, and so hear it of them. */
  tells = true

  /** @param {RoomSummary} summary @param {number} me my own user id */
  constructor(summary, me) {
    this.me = me
    this.summary = summary
    this.cursor = summary.head
    this.#counted = this.#called = counted(summary)
    this.#asOf = asOf(summary)
  }

  get id() {
    return this.summary.room
  }

  /** Another summary; one that is older than the events that came since has nothing to say. @param {RoomSummary} summary */
  refresh(summary) {
    if (asOf(summary) < this.cursor) return
    this.summary = summary
    this.#counted = counted(summary)
    this.#called = Math.max(this.#called, this.#counted)
    this.#asOf = asOf(summary)
    if (this.line && summary.read >= this.line.at) this.line = null
  }

  /** All that is held is void; events follow from `head` + 1. What is counted goes on from what was known. @param {number} head */
  rebase(head) {
    this.cursor = this.#asOf = head
    this.cursors.clear()
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
    const { id, seq, uid, username, ts, deleted_ts } = message
    const own = uid === this.me
    const read = own && this.summary.unread === 0 ? seq : this.summary.read
    const unread = this.summary.unread + (own || seq <= this.summary.read || this.summary.request ? 0 : 1)
    const last = { id, seq, uid, username, ts, message: previewOf(message), deleted_ts }
    this.summary = { ...this.summary, last, read, unread, updated_ts: Math.max(ts, this.summary.updated_ts) }
  }

  /**
   * Somebody came or went: how many members there are.
   * @param {Membership} event
   * @returns {boolean} whether the summary did not know it yet
   */
  takeMembership({ seq, kind, uid }) {
    const change = CHANGES.get(kind)
    if (!change || seq <= this.#asOf) return false
    this.#asOf = seq
    const bots = this.summary.bots?.filter(one => change > 0 || one !== uid)
    this.summary = { ...this.summary, members: Math.max(1, this.summary.members + change), bots } // I am in it
    return true
  }

  /** A message was pinned or unpinned: how many are. @param {{seq: number, on: boolean}} event */
  takePin({ seq, on }) {
    if (seq <= this.#asOf) return
    this.#asOf = seq
    this.summary = { ...this.summary, pinned: Math.max(0, (this.summary.pinned ?? 0) + (on ? 1 : -1)) }
  }

  /** A message names me or answers me. It may be told twice. @param {number} seq */
  called(seq) {
    if (seq <= this.#called || seq <= this.summary.read) return
    this.#called = seq
    this.summary = { ...this.summary, mentions: (this.summary.mentions ?? 0) + 1 }
  }

  /** I want to come back to this. @param {number} from seq of the first message that counts as unread */
  markUnread(from) {
    this.summary = { ...this.summary, unread_from: from }
    this.kept = true
    this.drawLine()
  }

  /**
   * My read cursor moved. What is held tells the count exactly; else the server's word counts.
   * @param {number} seq
   * @param {number} [unread]
   */
  readUpTo(seq, unread) {
    this.kept = false
    const read = Math.max(seq, this.summary.read)
    const known = this.log.attached && this.log.from <= read + 1
    const waiting = known ? this.#waitingAfter(read) : null
    const left = waiting?.length ?? unread ?? this.summary.unread
    const calls = waiting?.filter(item => this.#calls(item)).length ?? this.summary.mentions ?? 0
    this.summary = { ...this.summary, read, unread: left, mentions: Math.min(left, calls), unread_from: undefined }
  }

  /** @param {Message} item */
  #calls(item) {
    const answered = item.reply_to ? this.log.quoted(item.reply_to)?.uid : undefined
    return item.all || answered === this.me || names(item.rich ?? [], this.me)
  }

  /** Messages of others after a seq, of those that are held. @param {number} seq @returns {Message[]} */
  #waitingAfter(seq) {
    const messages = this.log.items().filter(item => item.type === "chat_message")
    return messages.filter(item => item.seq > seq && item.uid !== this.me)
  }

  /** Remembers where unread messages begin, for the line in the timeline. */
  drawLine() {
    const { unread, read, unread_from: from } = this.summary
    const reaches = this.log.from <= read + 1
    const first = reaches ? this.#waitingAfter(read)[0]?.seq : undefined
    const at = from ?? first ?? read + 1
    const n = from && !this.log.isEmpty && this.log.from <= from ? this.#waitingAfter(from - 1).length : unread
    this.line = unread > 0 || from ? { at, n } : null
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

  /** A bot answers to me alone, or is asked. @param {import("../types.js").Whisper} whisper */
  whisper(whisper) {
    const asked = this.whispers.find(one => one.cid === whisper.cid)
    this.whispers = [...this.whispers.filter(one => one !== asked), { ...asked, ...whisper }].slice(-WHISPERS_MAX)
  }

  /** A bot that I have asked says it to everybody. @param {Message} message */
  answered({ uid, asked: by }) {
    if (by && by.uid !== this.me) return
    const waits = this.whispers.filter(one => one.uid === uid && one.message === undefined && !one.failed)
    const asked = waits.find(one => !by || one.command === by.command)
    if (asked && uid !== this.me) this.unwhisper(asked.cid)
  }

  /** @param {string} cid */
  unwhisper(cid) {
    this.whispers = this.whispers.filter(one => one.cid !== cid)
  }

  /** Where the others are, as a page or a look-up tells. @param {import("../types.js").MemberCursor[]} cursors */
  place(cursors) {
    for (const { uid, read, delivered } of cursors) this.moveCursor(uid, { read, delivered })
  }

  /** Who is in it besides me. @param {import("../types.js").Member[]} members */
  accompany(members) {
    const others = members.filter(one => one.uid !== this.me)
    const bots = others.filter(one => one.bot).map(one => one.uid)
    const names = this.summary.kind === "group" && !this.summary.name ? others.slice(0, NAMED_MAX).map(personName) : undefined
    this.summary = { ...this.summary, bots, others: names }
  }

  /** The state of a message of mine; nobody waits for bots, unless they are who I talk to. @param {number} seq */
  ticks(seq) {
    if (!this.summary.receipts || !this.tells) return "stored"
    const bots = new Set(this.summary.bots)
    const cursors = [...this.cursors].filter(([uid]) => !bots.has(uid)).map(([, cursor]) => cursor)
    return ticks(seq, cursors, this.summary.members - 1 - bots.size)
  }
}

/** The seq up to which messages are in `unread`: it may be newer than the base of what follows. @param {RoomSummary} summary */
const counted = summary => Math.max(asOf(summary), summary.last?.seq ?? 0)

/** The seq up to which a summary knows everything: what follows `head` may be in it already. @param {RoomSummary} summary */
const asOf = ({ head, as_of }) => Math.max(head, as_of ?? 0)
