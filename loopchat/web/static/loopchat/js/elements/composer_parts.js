/** @file Parts of the composer: what is answered or edited, how much room is left. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { previewOf } from "../model/flat.js"
import { hue } from "../model/names.js"
import { icon } from "./icons.js"

/** @typedef {{mode: "reply" | "edit", item: import("../types.js").Message}} Mode */

export const MESSAGE_MAX = 8000
const NEARLY_FULL = 500

/** Why nothing can be written here. @param {import("../types.js").RoomSummary} room */
export const closedWhy = ({ kind }) => kind === "direct"
  ? t("This account was deleted. You can read what was said, but nobody would read an answer.")
  : t("This room is archived: it can be read, not written.")

/** @param {Mode} mode @param {import("../store/people.js").People} circle @param {(event: Event) => void} cancel */
export function banner({ mode, item }, circle, cancel) {
  const name = item.uid === circle.me.uid ? t("You") : circle.name(item)
  return html`<div class="composer__banner" data-hue=${hue(item.uid)}>
    ${icon(mode, "small")}
    <p class="composer__about"><strong>${mode === "edit" ? t("Edit message") : name}</strong>
      <span class="truncate" dir="auto">${previewOf(item)}</span></p>
    <button type="button" class="icon-button" aria-label=${t("Cancel")} @click=${cancel}>${icon("close", "small")}</button>
  </div>`
}

/** How many characters a text has, when it may be too many. @param {string} text */
export const lengthOf = text => (text.length > MESSAGE_MAX - NEARLY_FULL ? [...text.trim()].length : 0)

/** @param {number} left */
export const counter = left => left < NEARLY_FULL
  ? html`<span class="composer__left" data-over=${left < 0 || nothing}>${left}</span>`
  : nothing

/** The field is as high as its text, up to 40 % of the window. @param {HTMLTextAreaElement | null} field */
export function grow(field) {
  if (!field) return
  field.style.setProperty("--height", "0px")
  field.style.setProperty("--height", `${field.scrollHeight}px`)
}

/** Whether this Enter sends: a setting; Ctrl or ⌘ with it always does. @param {KeyboardEvent} event */
export function sends(event) {
  if (event.ctrlKey || event.metaKey) return true
  return document.documentElement.dataset.enter !== "line" && !event.shiftKey
}
