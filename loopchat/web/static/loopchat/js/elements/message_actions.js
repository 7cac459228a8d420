/** @file What the commands of a message do. */

import { copyText } from "../clipboard.js"
import { t, tn } from "../i18n.js"
import { messagePath, transcript } from "../model/forwarding.js"
import { markUnread } from "../moves.js"

/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Message} Message */

/** @type {Record<string, (timeline: Timeline, item: any, detail?: any) => unknown>} */
const ACTIONS = {
  again: ({ app }, item) => app.outbox.again(item.cid),
  discard: ({ app }, item) => app.outbox.discard(item.cid),
  jump: (timeline, item) => timeline.jump(item),
  pick: (timeline, { seq }) => {
    // A mouse that rests elsewhere may have taken the bar away from the keyboard.
    timeline.active = timeline.querySelector(`#m-${Number(seq)}`)?.getAttribute("data-key") ?? null
    timeline.picking = true
  },
  menu: (timeline, item, at) => timeline.hands.openMenu(item, at),
  emoji: (timeline, item) => timeline.app.open({ name: "emoji", pick: emoji => react(timeline, item, { emoji, on: true }) }),
  card: ({ app }, { uid, username }) => app.openCard({ uid, username }),
  unfold: (timeline, item) => timeline.unfold(item),
  reply: (timeline, item) => timeline.tell("compose", { mode: "reply", item }),
  edit: (timeline, item) => timeline.tell("compose", { mode: "edit", item }),
  copy: ({ app }, item) => copy(app, [item]),
  link: ({ app }, item) => copyLink(app, item),
  forward: ({ app }, item) => app.open({ name: "forward", items: [item] }),
  pin: ({ app }, item, on = true) => keep(app, "pin", item, on, on ? t("Pinned") : t("Unpinned")),
  save: ({ app }, item, on = true) => save(app, [item], on),
  select: ({ app }, item) => app.selection.toggle(item),
  unread: ({ app }, item) => markUnread(app, item),
  info: ({ app }, item) => app.open({ name: "readers", item }),
  revisions: ({ app }, item) => app.open({ name: "revisions", item }),
  react: react,
  delete: (timeline, item) => {
    stepAside(timeline, item)
    remove(timeline.app, [item])
  },
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

/** The keyboard does not get lost with the message that it is on. @param {Timeline} timeline @param {Message} item */
function stepAside(timeline, { seq }) {
  const all = /** @type {HTMLElement[]} */ ([...timeline.querySelectorAll(".message")])
  const at = all.findIndex(one => one.id === `m-${seq}`)
  if (all[at]?.contains(document.activeElement)) (all[at + 1] ?? all[at - 1])?.focus()
}

/** They disappear at once, and may be called back for some seconds. @param {App} app @param {Message[]} items */
export function remove(app, items) {
  app.deletions.add(items)
  app.toast(tn(items.length, "Message deleted", "{n} messages deleted"), { label: t("Undo"), run: () => app.deletions.undo(items) })
}

/** @param {App} app @param {Message[]} items */
export async function copy(app, items) {
  await copyText(transcript(items, item => app.store.circle.name(item)))
  app.toast(t("Copied"))
}

/** @param {App} app @param {Message} item */
async function copyLink(app, item) {
  const room = app.store.room(item.room)
  if (!room) return
  await copyText(new URL(messagePath(room.summary, item.seq), location.origin).href)
  app.toast(t("Link copied"))
}

/** @param {App} app @param {Message[]} items @param {boolean} on */
export async function save(app, items, on) {
  const done = await Promise.all(items.map(({ room, id }) => app.ask("save", { room, id, on })))
  if (!done.every(Boolean)) return
  app.toast(on ? t("Saved") : t("Removed from saved"), { label: t("Show saved"), run: () => app.open({ name: "saved" }) })
}

/** @param {App} app @param {string} command @param {Message} item @param {boolean} on @param {string} word */
async function keep(app, command, { room, id }, on, word) {
  if (await app.ask(command, { room, id, on })) app.toast(word)
}
