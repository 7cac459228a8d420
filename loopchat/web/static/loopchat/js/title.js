/** @file What the tab says: `(3) Room – Loopchat`, and a dot on its icon. */

import { number, t } from "./i18n.js"
import { waiting } from "./model/attention.js"
import { roomName } from "./elements/summary.js"

/** @param {import("./app.js").App} app */
export function updateTitle({ store, shown, invitation, screen, page }) {
  const { messages, calls } = waiting(store.rooms.values())
  const name = shown ? roomName(shown.summary) : page || (screen ? t("People") : (invitation?.name ?? t("Lobby")))
  const title = `${messages ? `(${number(messages)}) ` : ""}${name} – Loopchat`
  if (document.title !== title) document.title = title
  mark(calls ? "favicon-called.svg" : messages ? "favicon-unread.svg" : "favicon.svg")
}

/** The icon's variants lie beside each other. @param {string} file */
function mark(file) {
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="icon"]'))
  if (link && !link.href.endsWith(`/${file}`)) link.href = new URL(file, link.href).href
}
