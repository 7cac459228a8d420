/** @file All emoji, by group or by search, in the tone of skin that one likes. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { TONE_COUNT, allEmoji, found, handIn, toned } from "../model/emoji.js"
import { Dialog } from "./dialog.js"

/** @typedef {import("../model/emoji.js").Emoji} Emoji */

const FOUND_MAX = 120
const NAME = "loopchat-skin"

/** @returns {[number, string, string][]} group, its sign, its name */
const GROUPS = () => [
  [0, "😀", t("Smileys")], [1, "👋", t("People")], [3, "🐻", t("Animals and nature")], [4, "🍔", t("Food and drink")],
  [5, "🚗", t("Travel and places")], [6, "⚽", t("Activities")], [7, "💡", t("Objects")], [8, "❤️", t("Symbols")], [9, "🏁", t("Flags")],
]

/** Calls `pick` with what was chosen. */
class EmojiPicker extends Dialog {
  static properties = { all: { state: true }, wanted: { state: true }, group: { state: true }, tone: { state: true } }

  constructor() {
    super()
    /** @type {(emoji: string) => unknown} */
    this.pick = () => {}
    /** @type {Emoji[]} */
    this.all = []
    this.wanted = ""
    this.group = 0
    this.tone = Number(localStorage.getItem(NAME)) || 0
  }

  firstUpdated() {
    super.firstUpdated()
    allEmoji().then(all => (this.all = all), () => (this.error = t("The emoji cannot be loaded now.")))
  }

  render() {
    return this.frame(t("Emoji"), html`<div class="emoji">
      <div class="emoji__top">
        <input class="input" type="search" autocomplete="off" autofocus placeholder=${t("Search emoji")} aria-label=${t("Search emoji")}
          .value=${this.wanted} @input=${(/** @type {any} */ event) => (this.wanted = event.target.value)}>
        <button type="button" class="emoji__one" aria-label=${t("Tone of skin {n} of {all}", { n: this.tone + 1, all: TONE_COUNT })}
          title=${t("Tone of skin")} @click=${this.#nextTone}>${handIn(this.tone)}</button>
      </div>
      ${this.wanted.trim() ? nothing : this.#tabs()}
      <div class="emoji__grid" role="group" aria-label=${t("Emoji")} @click=${this.#clicked}>${this.#shown().map(one => html`<button type="button"
        class="emoji__one" data-emoji=${toned(one, this.tone)} title=${one.name} aria-label=${one.name}>${toned(one, this.tone)}</button>`)}</div>
      ${this.all.length && this.#shown().length === 0 ? html`<p class="picker__nobody">${t("Nothing found.")}</p>` : nothing}
    </div>`)
  }

  #tabs() {
    return html`<div class="emoji__tabs" role="radiogroup" aria-label=${t("Kind of emoji")}>${GROUPS().map(([group, sign, name]) => html`<button
      type="button" class="emoji__tab" role="radio" aria-checked=${group === this.group ? "true" : "false"} title=${name} aria-label=${name}
      @click=${() => (this.group = group)}>${sign}</button>`)}</div>`
  }

  #shown() {
    return this.wanted.trim() ? found(this.all, this.wanted, FOUND_MAX) : this.all.filter(({ group }) => group === this.group)
  }

  /** Enter takes the first one that was found. */
  async send() {
    const [first] = this.wanted.trim() ? this.#shown() : []
    if (first) this.#take(toned(first, this.tone))
  }

  /** @param {Event} event */
  #clicked({ target }) {
    const button = target instanceof globalThis.Element ? target.closest("button") : null
    if (button?.dataset.emoji) this.#take(button.dataset.emoji)
  }

  /** @param {string} emoji */
  #take(emoji) {
    this.close()
    this.pick(emoji)
  }

  #nextTone() {
    this.tone = (this.tone + 1) % TONE_COUNT
    localStorage.setItem(NAME, String(this.tone))
  }
}

customElements.define("loop-emoji-picker", EmojiPicker)
