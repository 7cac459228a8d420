/** @file What concerns only me and my own devices: who calls me, what I keep, how I want it. */

/** @typedef {import("./store.js").Store} Store */

/** Part of the table in `events.js`. @type {Record<string, (store: Store, event: any) => void>} */
export const personal = {
  notification(store, event) {
    if (event.kind !== "invitation") store.room(event.room)?.called(event.seq)
    store.tell("called", event)
  },

  room_settings(store, { room: id, level, muted_until }) {
    const room = store.room(id)
    if (room) room.summary = { ...room.summary, level, muted_until }
  },

  message_request(store, { room: id, request, unread }) {
    const room = store.room(id)
    if (room) room.summary = { ...room.summary, request: request || undefined, unread: unread ?? room.summary.unread }
  },

  contact(store, event) {
    store.circle.move(event)
    if (event.friend) store.tell("befriended", event)
  },

  profile(store, event) {
    store.circle.look(event)
    for (const room of store.rooms.values()) {
      const { peer } = room.summary
      const { username, name, avatar, deleted } = event
      if (peer && peer.uid === event.uid) room.summary = { ...room.summary, peer: { ...peer, username, name, avatar, deleted } }
    }
  },

  privacy(store, { last_seen, online, receipts, write }) {
    store.circle.privacy = { last_seen, online, receipts, write }
  },

  preferences(store, { receipts, client }) {
    store.prefer({ receipts, client })
  },

  draft(store, { room: id, message, reply_to, ts }) {
    const room = store.room(id)
    if (!room) return
    room.summary = { ...room.summary, draft: message ? { message, reply_to, ts } : undefined }
    store.tell("draft", { room: id, message, reply_to, ts })
  },

  saved(store, { room, id, on }) {
    store.tell("saved", { room, id, on })
  },
}
