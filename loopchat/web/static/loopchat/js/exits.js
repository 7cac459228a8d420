/** @file The ways out of a room that are asked about first. */

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
