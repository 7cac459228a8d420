/** @file One table: the parts of the client that come with their first use, or when nothing else is to do. */

/** @type {Record<string, () => Promise<unknown>>} */
const PARTS = {
  card: () => import("./elements/card.js"),
  confirm: () => import("./elements/confirm.js"),
  date: () => import("./elements/date.js"),
  details: () => import("./elements/details.js"),
  emoji: () => import("./elements/emoji_picker.js"),
  forward: () => import("./elements/forward.js"),
  invitation: () => import("./elements/invitation.js"),
  invite: () => import("./elements/room_dialogs.js"),
  lobby: () => import("./elements/lobby.js"),
  menu: () => import("./elements/message_menu.js"),
  new: () => import("./elements/new_conversation.js"),
  notices: () => import("./elements/notices.js"),
  people: () => import("./elements/people.js"),
  pinned: () => import("./elements/kept.js"),
  readers: () => import("./elements/readers.js"),
  rename: () => import("./elements/room_dialogs.js"),
  revisions: () => import("./elements/revisions.js"),
  saved: () => import("./elements/kept.js"),
  settle: () => import("./elements/room_dialogs.js"),
  shortcuts: () => import("./elements/shortcuts.js"),
  status: () => import("./elements/status.js"),
  switcher: () => import("./elements/switcher.js"),
}

/** @type {Set<string>} */
const here = new Set()

/** Whether a part can be used at once. @param {string} name */
export const isHere = name => here.has(name)

/** Brings a part; rejects while it cannot be had. @param {string} name */
export async function bring(name) {
  await PARTS[name]?.()
  here.add(name)
}

/** Brings everything, one after the other: a dialog opens at once then, also without a connection. */
export async function bringAll() {
  for (const name of Object.keys(PARTS)) await bring(name).catch(() => {})
}
