/** @file The title of the tab: `(3) Room – Loopchat`. */

import { t } from "./i18n.js"
import { roomName } from "./elements/summary.js"

/** @param {import("./app.js").App} app */
export function updateTitle({ store, shown, invitation }) {
  let unread = 0
  for (const room of store.rooms.values()) unread += room.summary.unread
  const name = shown ? roomName(shown.summary) : (invitation?.name ?? t("Lobby"))
  const title = `${unread ? `(${unread}) ` : ""}${name} – Loopchat`
  if (document.title !== title) document.title = title
}
