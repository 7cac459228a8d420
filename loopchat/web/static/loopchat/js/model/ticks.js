/** @file The state that a message of mine shows: clock, one tick, two, two blue ones, or failed. */

/** @typedef {{read: number, delivered: number}} Cursor */
/** @typedef {"waiting" | "failed" | "stored" | "delivered" | "read"} Ticks */

/**
 * @param {number} seq of my message
 * @param {Iterable<Cursor>} cursors of other people, as far as they are known
 * @param {number} others how many other people there are
 * @returns {Ticks}
 */
export function ticks(seq, cursors, others) {
  let read = 0
  let delivered = 0
  for (const cursor of cursors) {
    if (cursor.read >= seq) read += 1
    if (Math.max(cursor.delivered, cursor.read) >= seq) delivered += 1
  }
  if (others < 1 || delivered < others) return "stored"
  return read < others ? "delivered" : "read"
}
