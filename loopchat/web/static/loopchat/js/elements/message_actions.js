/** @file What the buttons of a message do. */

import { t } from "../i18n.js"
import { markUnread } from "../moves.js"

/** @typedef {import("./timeline.js").Timeline} Timeline */

/** @type {Record<string, (timeline: Timeline, item: any, detail?: any) => unknown>} */
const ACTIONS = {
  again: ({ app }, item) => app.outbox.again(item.cid),
  discard: ({ app }, item) => app.outbox.discard(item.cid),
  jump: (timeline, item) => timeline.jump(item),
  pick: timeline => (timeline.picking = true),
  reply: (timeline, item) => timeline.tell("compose", { mode: "reply", item }),
  edit: (timeline, item) => timeline.tell("compose", { mode: "edit", item }),
  copy: ({ app }, item) => copy(app, item.message ?? ""),
  unread: ({ app }, item) => markUnread(app, item),
  info: ({ app }, item) => app.open({ name: "readers", item }),
  react: react,
  delete: remove,
}

/** @param {Timeline} timeline @param {string} name @param {any} item @param {unknown} [detail] */
export function act(timeline, name, item, detail) {
  ACTIONS[name]?.(timeline, item, detail)
}

/** @param {Timeline} timeline @param {any} item @param {{emoji: string, on: boolean}} reaction */
async function react(timeline, item, { emoji, on }) {
  timeline.picking = false
  await timeline.app.ask("react", { room: item.room, id: item.id, emoji, on })
}

/** @param {Timeline} timeline @param {any} item */
async function remove({ app }, item) {
  const sure = await app.confirm({
    title: t("Delete this message?"),
    text: t("It disappears for everybody in the conversation."),
    yes: t("Delete"),
  })
  if (sure) await app.ask("delete", { room: item.room, id: item.id })
}

/** @param {import("../app.js").App} app @param {string} text */
async function copy(app, text) {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    copyOldWay(text)
  }
  app.toast(t("Copied"))
}

/** Plain-http pages have no clipboard object. @param {string} text */
function copyOldWay(text) {
  const field = document.createElement("textarea")
  field.value = text
  field.className = "sr-only"
  document.body.append(field)
  field.select()
  document.execCommand("copy")
  field.remove()
}
