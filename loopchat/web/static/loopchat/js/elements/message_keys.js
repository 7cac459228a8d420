/** @file Walking through messages with the keyboard: arrows move, letters act, Esc goes back to writing. */

import { act } from "./message_actions.js"
import { mayDo } from "./message_choices.js"

/** @typedef {import("./timeline.js").Timeline} Timeline */

/** @type {Record<string, (timeline: Timeline, focused: Element | null) => unknown>} */
const KEYS = {
  ArrowUp: (timeline, focused) => step(timeline, focused, -1),
  ArrowDown: (timeline, focused) => step(timeline, focused, 1),
  Escape: timeline => timeline.app.selection.room === null ? timeline.tell("write") : timeline.app.selection.end(),
  Enter: openMenu,
  ContextMenu: openMenu,
  r: (timeline, focused) => onMessage(timeline, focused, "reply"),
  e: (timeline, focused) => onMessage(timeline, focused, "pick"),
  f: (timeline, focused) => onMessage(timeline, focused, "forward"),
  p: (timeline, focused) => onMessage(timeline, focused, "pin"),
  s: (timeline, focused) => onMessage(timeline, focused, "save"),
  x: (timeline, focused) => onMessage(timeline, focused, "select"),
  u: (timeline, focused) => onMessage(timeline, focused, "unread"),
  Delete: (timeline, focused) => onMessage(timeline, focused, "delete"),
}

/** @param {Timeline} timeline @param {KeyboardEvent} event */
export function pressed(timeline, event) {
  const target = /** @type {Element} */ (event.target)
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey
  if (!plain || !target.matches(".timeline__box, .message")) return
  if (!Object.hasOwn(KEYS, event.key)) return
  event.preventDefault()
  KEYS[event.key](timeline, target.matches(".message") ? target : null)
}

/** @param {Timeline} timeline @param {Element | null} focused @param {1 | -1} by */
function step(timeline, focused, by) {
  const all = /** @type {HTMLElement[]} */ ([...timeline.querySelectorAll(".message")])
  const at = focused ? all.indexOf(/** @type {HTMLElement} */ (focused)) + by : all.length - 1
  all[at]?.focus()
}

/** @param {Timeline} timeline @param {Element | null} focused */
function openMenu(timeline, focused) {
  const { left, top } = focused?.querySelector(".bubble")?.getBoundingClientRect() ?? { left: 0, top: 0 }
  return onMessage(timeline, focused, "menu", { x: left + 16, y: top + 16 })
}

/** @param {Timeline} timeline @param {Element | null} focused @param {string} action @param {unknown} [detail] */
function onMessage(timeline, focused, action, detail) {
  const item = timeline.hands.messageOf(focused)
  if (!item) return
  const own = item.uid === timeline.app.store.me.uid
  if (action === "menu" || mayDo(item, timeline.room.summary, own, action)) act(timeline, action, item, detail)
}
