/** @file One table: what each event of the server does to the store. Applying twice changes nothing. */

import { previewOf } from "../model/flat.js"
import { personal } from "./personal.js"

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./room.js").Room} Room */
/** @typedef {import("../types.js").Frame} Frame */
/** @typedef {import("../types.js").Message} Message */

/** Events with a seq of their room. @type {Record<string, (store: Store, room: Room, event: any) => void>} */
export const logged = Object.assign(Object.create(null), {
  chat_message(/** @type {Store} */ store, /** @type {Room} */ room, /** @type {Message} */ event) {
    room.log.append(event.seq, event)
    room.answered(event)
    room.arrived(event)
    if (event.all && event.uid !== store.me.uid) room.called(event.seq)
    store.tell("message", event)
  },

  edited(/** @type {Store} */ store, /** @type {Room} */ room, /** @type {any} */ event) {
    const { message, rich, ts } = event
    if (message === undefined) return store.tell("stale", { room: room.id, id: event.id })
    room.log.change(event.id, old => (old.deleted_ts ? old : { ...old, message, rich, edited_ts: ts }))
    changeLast(room, event.id, { message: previewOf(event) })
  },

  deleted(/** @type {Store} */ store, /** @type {Room} */ room, /** @type {Frame} */ event) {
    room.log.change(event.id, old => ({ ...old, message: undefined, rich: undefined, reactions: undefined, deleted_ts: event.ts }))
    changeLast(room, event.id, { message: undefined, deleted_ts: event.ts })
  },

  reaction(/** @type {Store} */ store, /** @type {Room} */ room, /** @type {Frame} */ event) {
    room.log.change(event.id, old => reacted(old, event))
  },

  membership(/** @type {Store} */ store, /** @type {Room} */ room, /** @type {any} */ event) {
    const removed = event.kind === "leave" || event.kind === "kick" || event.kind === "ban"
    if (event.uid === store.me.uid && event.role) room.summary = { ...room.summary, role: event.role }
    const isNew = room.takeMembership(event)
    if (isNew) room.changedCompany = true
    if (removed) room.cursors.delete(event.uid)
    else if (event.kind === "join" && event.uid !== store.me.uid) {
      room.moveCursor(event.uid, { read: event.seq, delivered: event.seq })
      if (!store.people.has(event.uid)) store.tell("stranger", event.uid)
    }
    room.log.append(event.seq, event)
    if (isNew) store.tell("company", room.id)
    if (removed && event.uid === store.me.uid) store.removeRoom(room.id, event)
  },

  room(/** @type {Store} */ store, /** @type {Room} */ room, /** @type {any} */ event) {
    const { name, topic, archived, kind, slug } = event
    const changed = Object.entries({ name, topic, archived, kind, slug }).filter(([, value]) => value !== undefined)
    room.summary = { ...room.summary, ...Object.fromEntries(changed) }
    room.log.append(event.seq, event)
  },

  pinned(/** @type {Store} */ store, /** @type {Room} */ room, /** @type {any} */ event) {
    room.takePin(event)
    room.log.append(event.seq, event)
    store.tell("pinned", event)
  },
})

/** Events that are not of a room's log. @type {Record<string, (store: Store, event: any) => void>} */
export const passing = Object.assign(Object.create(null), personal, {
  message_read(/** @type {Store} */ store, /** @type {Frame} */ event) {
    const room = store.room(event.room)
    if (!room) return
    if (event.uid !== store.me.uid) room.moveCursor(event.uid, { read: event.seq })
    else if (event.unread_from) room.markUnread(event.unread_from)
    else if (event.seq >= room.summary.read) room.readUpTo(event.seq, event.unread)
  },

  delivered(/** @type {Store} */ store, /** @type {Frame} */ event) {
    if (event.uid !== store.me.uid) store.room(event.room)?.moveCursor(event.uid, { delivered: event.seq })
  },

  room_added(/** @type {Store} */ store, /** @type {any} */ event) {
    store.addRoom(event)
    // Their join was told to nobody but themselves.
    if (event.peer && !store.people.has(event.peer.uid)) store.tell("stranger", event.peer.uid)
  },

  room_removed(/** @type {Store} */ store, /** @type {Frame} */ event) {
    store.removeRoom(event.room)
  },

  user_typing(/** @type {Store} */ store, /** @type {any} */ event) {
    const room = store.room(event.room)
    if (!room || event.uid === store.me.uid) return
    room.typing.delete(event.uid)
    if (!event.is_typing) return
    room.typing.set(event.uid, { username: store.circle.name(event), until: Date.now() + event.ttl_ms })
    setTimeout(() => store.changed(), event.ttl_ms + 20)
  },

  public_room(/** @type {Store} */ store, /** @type {any} */ event) {
    if (event.gone) store.offers.delete(event.room)
    else store.offers.set(event.room, event)
  },

  whisper(/** @type {Store} */ store, /** @type {any} */ event) {
    store.room(event.room)?.whisper(event)
  },

  presence(/** @type {Store} */ store, /** @type {Frame} */ event) {
    store.movePresence(event.uid, event.state, event.last_seen_ts)
  },

  online_count(/** @type {Store} */ store, /** @type {Frame} */ event) {
    const room = store.room(event.room)
    if (room) room.onlineCount = event.online_count
  },

  degraded(/** @type {Store} */ store, /** @type {Frame} */ event) {
    store.degraded = event.what
  },
})

/** @param {Room} room @param {number} id @param {object} changed */
function changeLast(room, id, changed) {
  const { last } = room.summary
  if (last?.id === id) room.summary = { ...room.summary, last: { ...last, ...changed } }
}

/** @param {Message} message @param {Frame} event */
function reacted(message, { uid, emoji, on }) {
  if (message.deleted_ts) return message
  const counts = new Map(Object.entries(message.reactions ?? {}))
  const { n, uids } = counts.get(emoji) ?? { n: 0, uids: [] }
  const listed = uids.includes(uid)
  const mayBeUnlisted = n > uids.length
  if (on ? listed : !listed && !mayBeUnlisted) return message
  const left = on ? [...uids, uid] : uids.filter(other => other !== uid)
  const total = n + (on ? 1 : -1)
  if (total > 0) counts.set(emoji, { n: total, uids: left })
  else counts.delete(emoji)
  return { ...message, reactions: Object.fromEntries(counts) }
}
