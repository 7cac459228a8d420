/** @file The menu of formats, and the keys for those that are used most. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { formatted } from "../model/format.js"
import { icon } from "./icons.js"

/** @typedef {import("../model/format.js").Format} Format */

const MOD = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl+"

/** @returns {[Format, import("./icons.js").IconName, string, string?][]} */
const FORMATS = () => [
  ["bold", "bold", t("Bold"), "B"],
  ["italic", "italic", t("Italic"), "I"],
  ["strike", "strike", t("Strikethrough")],
  ["code", "code", t("Code"), "E"],
  ["block", "codeBlock", t("Block of code")],
  ["quote", "quote", t("Quote")],
  ["list", "list", t("List")],
  ["spoiler", "spoiler", t("Spoiler")],
]

/** @param {(format: Format) => void} choose */
export const formatMenu = choose => html`
  <button type="button" class="icon-button composer__tool" popovertarget="formats" title=${t("Formatting")} aria-label=${t("Formatting")}>${icon("format")}</button>
  <div class="menu formats" id="formats" popover>${FORMATS().map(([format, picture, label, key]) => html`<button type="button" class="menu__item"
    popovertarget="formats" popovertargetaction="hide" @click=${() => choose(format)}>${icon(picture, "small")}${label}
    ${key ? html`<kbd class="formats__keys">${MOD}${key}</kbd>` : nothing}</button>`)}</div>`

/** The format that a key asks for. @param {KeyboardEvent} event @returns {Format | null} */
export function formatOf({ ctrlKey, metaKey, altKey, shiftKey, key }) {
  if (!(MOD === "⌘" ? metaKey : ctrlKey) || altKey || shiftKey) return null
  return FORMATS().find(([, , , letter]) => letter === key.toUpperCase())?.[0] ?? null
}

/** Formats what is selected in the field. @param {HTMLTextAreaElement} field @param {Format} format */
export function format(field, format) {
  const { value, selectionStart, selectionEnd } = field
  const { text, start, end } = formatted({ text: value, start: selectionStart, end: selectionEnd }, format)
  replace(field, text)
  field.setSelectionRange(start, end)
}

/** Another text, so that the browser can undo it. @param {HTMLTextAreaElement} field @param {string} text */
export function replace(field, text) {
  field.focus()
  field.setSelectionRange(0, field.value.length)
  if (!document.execCommand("insertText", false, text)) field.value = text
  field.dispatchEvent(new Event("input", { bubbles: true }))
}
