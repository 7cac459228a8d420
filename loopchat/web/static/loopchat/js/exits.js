/** @file The ways out of a room that are asked about first. */

import { t } from "./i18n.js"

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./store/room.js").Room} Room */

/** @param {App} app @param {Room} room */
export async function leave(app, { id, summary }) {
  const sure = await app.confirm({
    title: t("Leave this conversation?"),
    text: summary.kind === "public" ? t("You can come back at any time.") : t("You can come back only when somebody adds you again."),
    yes: t("Leave"),
  })
  if (sure) await app.ask("leave", { room: id })
}

/** @param {App} app @param {Room} room */
export async function deleteRoom(app, { id }) {
  const sure = await app.confirm({
    title: t("Delete this room?"),
    text: t("All its messages are deleted for everybody. This cannot be undone."),
    yes: t("Delete room"),
  })
  if (sure && (await app.manage(id, "delete"))) app.store.removeRoom(id)
}
