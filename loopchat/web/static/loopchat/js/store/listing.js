/** @file The order of conversations, as the list draws them and as the keyboard walks through them. */

import { isSilent, isUnread } from "../model/attention.js"

/** @typedef {import("./room.js").Room} Room */
/** @typedef {{unread: Room[], direct: Room[], rooms: Room[], requests: Room[]}} Listing */

/** @param {Room} room */
const lastTime = ({ summary }) => summary.last?.ts ?? summary.updated_ts

/** The newest conversation first. @param {Room} a @param {Room} b */
export const byTime = (a, b) => lastTime(b) - lastTime(a)

/** What waits stands first, but for the room on the screen and those that are muted. @param {Room[]} all @param {number | null} shown @returns {Listing} */
export function listing(all, shown) {
  const sorted = all.toSorted(byTime)
  const waits = (/** @type {Room} */ { id, summary }) => id !== shown && isUnread(summary) && (!isSilent(summary) || Boolean(summary.unread_from))
  const requests = sorted.filter(({ summary }) => summary.request)
  const rest = sorted.filter(room => !waits(room) && !room.summary.request)
  const isPublic = (/** @type {Room} */ { summary }) => summary.kind === "public" || summary.kind === "private"
  return { unread: sorted.filter(waits), direct: rest.filter(room => !isPublic(room)), rooms: rest.filter(isPublic), requests }
}

/** An empty direct conversation is in nobody's way until something is said. @param {Room} room @param {number | null} shown @param {boolean} drafted */
export const isWorthARow = ({ id, summary }, shown, drafted) =>
  summary.kind !== "direct" || Boolean(summary.last) || id === shown || drafted
