/** @file Walking through messages with the keyboard: arrows move, R replies, E reacts, U marks as unread, Esc goes back to writing. */

import { act } from "./message_actions.js"

/** @typedef {import("./timeline.js").Timeline} Timeline */

/** @type {Record<string, (timeline: Timeline, focused: Element | null) => unknown>} */
const KEYS = {
  ArrowUp: (timeline, focused) => step(timeline, focused, -1),
  ArrowDown: (timeline, focused) => step(timeline, focused, 1),
  Escape: timeline => timeline.tell("write"),
  r: (timeline, focused) => onMessage(timeline, focused, "reply"),
  e: (timeline, focused) => onMessage(timeline, focused, "pick"),
  u: (timeline, focused) => onMessage(timeline, focused, "unread"),
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

/** @param {Timeline} timeline @param {Element | null} focused @param {string} action */
function onMessage(timeline, focused, action) {
  const seq = Number(focused?.id.slice(2))
  const item = timeline.room.log.items().find(one => one.seq === seq)
  if (item?.type === "chat_message" && !item.deleted_ts) act(timeline, action, item)
}
