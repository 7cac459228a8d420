/** @file The state that a message of mine shows: clock, one tick, two, two blue ones, or failed. */

/** @typedef {{read: number, delivered: number}} Cursor */
/** @typedef {"waiting" | "failed" | "stored" | "delivered" | "read"} Ticks */

/**
 * @param {number} seq of my message
 * @param {Iterable<Cursor>} others cursors of all other members; none means that nothing is known
 * @returns {Ticks}
 */
export function ticks(seq, others) {
  let known = false
  let delivered = true
  let read = true
  for (const cursor of others) {
    known = true
    if (cursor.read < seq) read = false
    if (Math.max(cursor.delivered, cursor.read) < seq) delivered = false
  }
  if (!known || !delivered) return "stored"
  return read ? "read" : "delivered"
}
