/** @file The ways out of a room that are asked about first, and the word about those that one did not choose. */

import { roomName } from "./elements/summary.js"
import { t } from "./i18n.js"
import { personName } from "./model/names.js"

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./store/room.js").Room} Room */

/** @param {App} app @param {Room} room */
export async function leave(app, { id, summary }) {
  const sure = await app.confirm({
    title: t("Leave this conversation?"),
    text: summary.kind === "public" ? t("You can come back at any time.") : t("You can come back only when somebody adds you again."),
    yes: t("Leave"),
  })
  if (!sure) return
  app.leaving = id
  await app.ask("leave", { room: id })
  app.leaving = 0
}

/** Whether somebody is an owner too; the only one cannot leave before. @param {App} app @param {Room} room @param {import("./types.js").Member} member */
export async function makeOwner(app, { id }, member) {
  const sure = await app.confirm({
    title: t("Make {name} an owner?", { name: personName(member) }),
    text: t("They may do everything here that you may, and you cannot take it back."),
    yes: t("Make owner"),
  })
  return sure && Boolean(await app.manage(id, "role", { username: member.username, role: "owner" }))
}

/** Whether somebody was shut out. @param {App} app @param {Room} room @param {import("./types.js").Member} member */
export async function ban(app, { id }, member) {
  const sure = await app.confirm({
    title: t("Ban {name} from this room?", { name: personName(member) }),
    text: t("They are removed and cannot come back until you allow it."),
    yes: t("Ban"),
  })
  return sure && Boolean(await app.manage(id, "ban", { username: member.username }))
}

/** @param {App} app @param {Room} room */
export async function deleteRoom(app, { id }) {
  const sure = await app.confirm({
    title: t("Delete this room?"),
    text: t("All its messages are deleted for everybody. This cannot be undone."),
    yes: t("Delete room"),
  })
  if (!sure) return
  app.leaving = id
  if (await app.manage(id, "delete")) app.store.removeRoom(id)
  app.leaving = 0
}

/** Whether somebody is blocked now. @param {App} app @param {{uid: number, username: string, name?: string}} person */
export async function block(app, person) {
  const name = personName(person)
  const sure = await app.confirm({
    title: t("Block {name}?", { name }),
    text: t("They cannot write to you, ask you or see whether you are here, and are not told. Their messages in rooms are folded."),
    yes: t("Block"),
  })
  return sure && Boolean(await app.ask("block", { username: person.username, on: true }))
}

/** Why a room is gone from the screen; nothing where that needs no word. @param {App} app @param {Room} room @param {{kind?: string, by?: number}} why */
export function farewell({ leaving, store: { circle } }, { id, summary, log }, { kind, by = 0 }) {
  const name = roomName(summary)
  const theirs = log.items().find(item => item.uid === by && item.type !== "room")
  const who = personName(circle.face(by) ?? /** @type {{username: string} | undefined} */ (theirs) ?? { username: "" })
  if (circle.isBlocked(summary.peer?.uid)) return t("You have blocked {name}.", { name })
  if (summary.request) return ""
  if (leaving === id || kind === "leave") return t("You have left {name}.", { name })
  if (kind === "ban") return who ? t("{who} has banned you from {name}.", { who, name }) : t("You were banned from {name}.", { name })
  if (kind === "kick" && who) return t("{who} has removed you from {name}.", { who, name })
  return t("You are not in {name} any more.", { name })
}
