/** @file Lines about a room: its name, its last message, who types, who is here. */

import { t, tn } from "../i18n.js"
import { ago } from "../model/dates.js"
import { previewOf } from "../model/flat.js"
import { atName, personName } from "../model/names.js"
import { isQuiet, statusOf } from "../store/people.js"

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../types.js").RoomSummary} RoomSummary */

/** A group without a name is called after who else is in it. @param {RoomSummary} room */
export const roomName = room =>
  room.notes ? t("Notes to yourself") : room.peer ? personName(room.peer) : room.name || room.others?.join(", ") || t("Group")

/** "Ann is typing…", two names, or several people. @param {string[]} names */
export function typingLine(names) {
  if (names.length === 0) return ""
  if (names.length === 1) return t("{name} is typing…", { name: names[0] })
  if (names.length === 2) return t("{one} and {two} are typing…", { one: names[0], two: names[1] })
  return t("Several people are typing…")
}

/** The last message as one line of a list: also one that waits to be sent, and none that is about to be deleted. @param {App} app @param {Room} room */
export function previewLine({ store, outbox, deletions }, room) {
  const { kind, topic, notes } = room.summary
  const waiting = outbox.of(room.id).findLast(entry => !room.log.hasCid(entry.uid, entry.cid))
  const last = waiting ?? visibleLast(room, deletions)
  if (!last) return topic || t("No messages yet")
  const text = "deleted_ts" in last && last.deleted_ts ? t("Message deleted") : (last.message ?? "").replace(/\s+/gu, " ")
  if (notes) return text
  if (last.uid === store.me.uid) return t("You: {text}", { text })
  if (store.circle.isBlocked(last.uid)) return t("Message of a blocked person")
  return kind === "direct" || !("username" in last) ? text : `${store.circle.name(last)}: ${text}`
}

/** @param {Room} room @param {import("../store/deletions.js").Deletions} deletions @returns {import("../types.js").LastMessage | undefined} */
function visibleLast({ summary: { last }, log }, deletions) {
  if (!last || !deletions.has(last.id)) return last
  const before = log.items().findLast(item => item.type === "chat_message" && !deletions.has(item.id))
  return before?.type === "chat_message" ? { ...before, message: previewOf(before) } : { ...last, message: "", deleted_ts: 1 }
}

/** The line under the name in the header of a conversation. @param {App} app @param {Room} room */
export function statusLine(app, room) {
  const names = room.typists()
  const { peer, members, topic, notes } = room.summary
  if (names.length) return peer ? t("typing…") : typingLine(names)
  if (notes) return t("Only you see this.")
  if (peer) return [presenceLine(app.store.people.get(peer.uid)) || atName(peer), statusText(app.store.circle.face(peer.uid))].filter(Boolean).join(" · ")
  const people = tn(members, "{n} member", "{n} members")
  const online = room.onlineCount === null ? "" : ` · ${t("{n} online", { n: Math.max(1, room.onlineCount) })}`
  return `${people}${online}${topic ? ` · ${topic}` : ""}`
}

/** @param {import("../types.js").Person | undefined} person */
export function presenceLine(person) {
  if (person?.state === "online") return t("online")
  if (person?.state === "away") return t("away")
  return person?.last_seen_ts ? t("last seen {when}", { when: ago(person.last_seen_ts) }) : ""
}

/** "🌱 In the garden", a crossed bell, or nothing. @param {import("../types.js").Face | undefined} face */
export function statusText(face) {
  const { emoji, text } = statusOf(face) ?? { emoji: "", text: "" }
  const said = `${emoji} ${text}`.trim()
  return isQuiet(face) ? `🔕 ${said || t("Do not disturb")}` : said
}
