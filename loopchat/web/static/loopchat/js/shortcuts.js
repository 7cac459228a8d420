/** @file One table: the keys of the client. The help sheet is drawn from it. */

import { t } from "./i18n.js"
import { close, markAllRead, step } from "./moves.js"

/** @typedef {import("./app.js").App} App */
/**
 * @typedef {{keys: string, label: () => string, run?: (app: App) => unknown, isForTyping?: boolean}} Shortcut
 *   without `run` the element that has the focus sees to it; `isForTyping`: also while one writes.
 */

const isApple = /Mac|iPhone|iPad/.test(navigator.platform)

/** @type {Shortcut[]} */
export const SHORTCUTS = [
  { keys: "Mod+K", label: () => t("Go to a conversation or a person"), run: app => app.open({ name: "switcher" }), isForTyping: true },
  { keys: "Alt+ArrowUp", label: () => t("Conversation above"), run: app => step(app, -1), isForTyping: true },
  { keys: "Alt+ArrowDown", label: () => t("Conversation below"), run: app => step(app, 1), isForTyping: true },
  { keys: "Alt+Shift+ArrowUp", label: () => t("Unread conversation above"), run: app => step(app, -1, true), isForTyping: true },
  { keys: "Alt+Shift+ArrowDown", label: () => t("Unread conversation below"), run: app => step(app, 1, true), isForTyping: true },
  { keys: "Escape", label: () => t("Mark as read and close"), run: close, isForTyping: true },
  { keys: "Shift+Escape", label: () => t("Mark everything as read"), run: markAllRead, isForTyping: true },
  { keys: "?", label: () => t("Show this sheet"), run: app => app.open({ name: "shortcuts" }) },
  { keys: "Enter", label: () => t("Send") },
  { keys: "Shift+Enter", label: () => t("Begin a new line") },
  { keys: "ArrowUp", label: () => t("Edit my last message, in an empty field") },
  { keys: "Mod+B", label: () => t("Bold") },
  { keys: "Mod+I", label: () => t("Italic") },
  { keys: "Mod+E", label: () => t("Code") },
  { keys: "R", label: () => t("Reply to the focused message") },
  { keys: "E", label: () => t("React to the focused message") },
  { keys: "F", label: () => t("Forward the focused message") },
  { keys: "S", label: () => t("Save the focused message") },
  { keys: "P", label: () => t("Pin the focused message") },
  { keys: "X", label: () => t("Mark several messages, beginning with the focused one") },
  { keys: "Delete", label: () => t("Delete the focused message") },
  { keys: "U", label: () => t("Mark as unread from the focused message") },
]

/** @param {App} app */
export function listen(app) {
  document.addEventListener("keydown", event => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open], :popover-open")) return
    const pressed = combination(event)
    const found = SHORTCUTS.find(one => one.run && one.keys === pressed)
    if (!found || !mayRun(found, event.target)) return
    event.preventDefault()
    found.run?.(app)
  })
}

/** In a search field Escape empties it; a question mark belongs into a text. @param {Shortcut} shortcut @param {EventTarget | null} target */
function mayRun({ keys, isForTyping }, target) {
  if (!(target instanceof HTMLElement)) return true
  if (target instanceof HTMLInputElement) return isForTyping && !keys.endsWith("Escape")
  return isForTyping || !(target instanceof HTMLTextAreaElement || target.isContentEditable)
}

/** @param {KeyboardEvent} event */
function combination({ key, altKey, ctrlKey, metaKey, shiftKey }) {
  const mod = isApple ? metaKey : ctrlKey
  if ((isApple ? ctrlKey : metaKey) || (mod && shiftKey)) return ""
  const name = key.length === 1 ? key.toUpperCase() : key
  const shift = shiftKey && key.length > 1
  return [mod ? "Mod" : "", altKey ? "Alt" : "", shift ? "Shift" : "", name].filter(Boolean).join("+")
}

/** @type {Record<string, string>} */
const DRAWN = { ArrowUp: "↑", ArrowDown: "↓", Mod: isApple ? "⌘" : "Ctrl", Escape: "Esc", Alt: isApple ? "⌥" : "Alt" }

/** The keys as they stand on the keyboard. @param {Shortcut} shortcut */
export const keyNames = ({ keys }) => keys.split("+").map(key => DRAWN[key] ?? key)
