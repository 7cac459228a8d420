/** @file Items and pending messages of a room → the rows that the timeline draws. */

import { day } from "./dates.js"

/** @typedef {import("../types.js").Item} Item */
/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Pending} Pending */

/**
 * @typedef {{type: "date", key: string, ts: number}} DateRow
 * @typedef {{type: "line", key: string, n: number}} LineRow
 * @typedef {{type: "note", key: string, items: Exclude<Item, Message>[]}} NoteRow several, when they say the same of several people
 * @typedef {{type: "message", key: string, item: Message, first: boolean, last: boolean}} MessageRow
 * @typedef {{type: "pending", key: string, item: Pending, first: boolean, last: boolean}} PendingRow
 * @typedef {DateRow | LineRow | NoteRow | MessageRow | PendingRow} Row
 */

const GROUP_MS = 5 * 60_000
const LONG_CHARACTERS = 1500
const LONG_LINES = 20

/** Whether a text is folded until somebody wants to read all of it. @param {string} text */
export const isLong = text => text.length > LONG_CHARACTERS || text.split("\n", LONG_LINES + 1).length > LONG_LINES

/** @param {Row | undefined} row @param {{uid: number, ts: number, guise?: import("../types.js").Guise}} item */
function continues(row, { uid, ts, guise }) {
  if (!row || (row.type !== "message" && row.type !== "pending")) return false
  return row.item.uid === uid && ts - row.item.ts < GROUP_MS && isSame(guise, /** @type {Message} */ (row.item).guise)
}

/** @param {import("../types.js").Guise | undefined} one @param {import("../types.js").Guise | undefined} other */
const isSame = (one, other) => one?.name === other?.name && one?.emoji === other?.emoji

/** @param {Row[]} made @param {NoteRow["items"][0]} item */
function noted(made, item) {
  const before = made[made.length - 1]
  if (before?.type === "note" && isAlike(before.items[0], item)) before.items.push(item)
  else made.push({ type: "note", key: `note-${item.seq}`, items: [item] })
}

/** @param {NoteRow["items"][0]} one @param {NoteRow["items"][0]} other */
function isAlike(one, other) {
  if (one.type !== "membership" || other.type !== "membership") return false
  return one.kind === other.kind && one.role === other.role && Boolean(one.by) === Boolean(other.by)
}

/**
 * One person's messages within five minutes form a group; a date stands before the first item of a
 * day, the "new messages" line before the first unread one.
 * @param {Item[]} items in order of seq
 * @param {Pending[]} pending in order of sending
 * @param {{lineAt?: number | null, unread?: number}} [options] seq of the first unread message
 * @returns {Row[]}
 */
export function rows(items, pending, { lineAt = null, unread = 0 } = {}) {
  /** @type {Row[]} */
  const made = []
  let today = 0
  let lined = lineAt === null

  /** @param {number} ts */
  const dated = ts => {
    const date = day(ts)
    if (date === today) return
    today = date
    made.push({ type: "date", key: `date-${date}`, ts })
  }

  /** @param {{uid: number, ts: number, guise?: import("../types.js").Guise}} item */
  const grouped = item => {
    const before = made[made.length - 1]
    const first = !continues(before, item)
    if (!first && before && "last" in before) before.last = false
    return { first, last: true }
  }

  for (const item of items) {
    dated(item.ts)
    if (!lined && lineAt !== null && item.seq >= lineAt) {
      made.push({ type: "line", key: "line", n: unread })
      lined = true
    }
    if (item.type === "chat_message") {
      made.push({ type: "message", key: `${item.uid}-${item.cid}`, item, ...grouped(item) })
    } else {
      noted(made, item)
    }
  }
  for (const item of pending) {
    dated(item.ts)
    made.push({ type: "pending", key: `${item.uid}-${item.cid}`, item, ...grouped(item) })
  }
  return made
}

/** Rows of one day stand together, so that its date sticks only to them. @param {Row[]} all */
export function days(all) {
  /** @type {Row[][]} */
  const made = []
  for (const row of all) {
    if (row.type === "date") made.push([row])
    else made[made.length - 1].push(row)
  }
  return made
}
