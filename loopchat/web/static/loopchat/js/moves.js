/** @file Where the keyboard leads: to the next room, the next unread one, out of a room. */

import { isUnread } from "./model/attention.js"
import { isWorthARow, listing } from "./store/listing.js"

/** @typedef {import("./app.js").App} App */

/** The rooms in the order of the list. @param {App} app */
function inOrder({ store, shown, drafts }) {
  const id = shown?.id ?? null
  const worth = [...store.rooms.values()].filter(room => isWorthARow(room, id, Boolean(drafts.of(room.id))))
  const { requests, unread, direct, rooms } = listing(worth, id)
  return [...requests, ...unread, ...direct, ...rooms]
}

/** Opens the room above or below in the list, round the ends. @param {App} app @param {1 | -1} by @param {boolean} [onlyUnread] */
export function step(app, by, onlyUnread = false) {
  const all = inOrder(app)
  const at = app.shown ? all.indexOf(app.shown) : by > 0 ? -1 : 0
  const round = all.map((_, n) => all[(at + by * (n + 1) + all.length * 2) % all.length])
  const next = round.find(room => room !== app.shown && (!onlyUnread || isUnread(room.summary)))
  if (next) app.openRoom(next.id)
}

/** Marks the room on the screen as read and leaves it. @param {App} app */
export function close(app) {
  const room = app.shown
  if (!room) return
  room.kept = false
  app.session.cursors.read(room.id, room.cursor)
  app.openLobby()
}

/** Nothing is unread any more, in no room. @param {App} app */
export async function markAllRead(app) {
  await app.ask("mark_all_read", {})
}

/** What came from this message on counts as unread again. @param {App} app @param {{room: number, seq: number}} item */
export async function markUnread(app, { room, seq }) {
  await app.session.cursors.settle(room)
  await app.ask("mark_unread", { room, seq })
}
