/** @file What a room may call attention to: its level, its mute, and what counts because of them. */

/** @typedef {import("../types.js").RoomSummary} RoomSummary */

/** A mute that does not end: the largest number that travels unharmed. */
export const FOR_EVER = Number.MAX_SAFE_INTEGER

const HOUR_MS = 3_600_000
const MORNING = 8

/** @typedef {"hours" | "long" | "tomorrow" | "ever"} Span */

/** When a mute that begins now ends. @param {Span} span @param {number} now */
export function muteEnd(span, now = Date.now()) {
  if (span === "hours") return now + HOUR_MS
  if (span === "long") return now + 8 * HOUR_MS
  if (span === "ever") return FOR_EVER
  const morning = new Date(now)
  morning.setDate(morning.getDate() + 1)
  return morning.setHours(MORNING, 0, 0, 0)
}

/** @param {RoomSummary} room @param {number} now */
export const isMuted = ({ muted_until: until }, now = Date.now()) => (until ?? 0) > now

/** Whether nothing of the room is to be noticed. @param {RoomSummary} room @param {number} now */
export const isSilent = (room, now = Date.now()) => Boolean(room.request) || room.level === "nothing" || isMuted(room, now)

/** How many messages of the room wait for attention: what titles and icons count. @param {RoomSummary} room @param {number} now */
export function counted(room, now = Date.now()) {
  if (isSilent(room, now)) return 0
  return room.level === "mentions" ? (room.mentions ?? 0) : room.unread
}

/** Whether a desktop notice is due. @param {RoomSummary} room @param {boolean} isCall whether the message names or answers me @param {number} now */
export function deservesNotice(room, isCall, now = Date.now()) {
  if (isSilent(room, now)) return false
  return isCall || room.level !== "mentions"
}

/** Whether there is anything unread, or marked so by hand. @param {RoomSummary} room */
export const isUnread = room => !room.request && (room.unread > 0 || Boolean(room.unread_from))

/** Whether that is worth a bold line: not when nothing of it counts. @param {RoomSummary} room @param {number} now */
export const isLoud = (room, now = Date.now()) => counted(room, now) > 0 || Boolean(room.unread_from)

/** All rooms together: what waits, and whether somebody calls. @param {Iterable<{summary: RoomSummary}>} rooms @param {number} now */
export function waiting(rooms, now = Date.now()) {
  let messages = 0
  let calls = 0
  for (const { summary } of rooms) {
    messages += counted(summary, now)
    if (!isSilent(summary, now)) calls += summary.mentions ?? 0
  }
  return { messages, calls }
}
