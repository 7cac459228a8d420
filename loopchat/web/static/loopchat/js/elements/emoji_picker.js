/** @file All emoji, by group or by search, in the tone of skin that one likes. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { TONE_COUNT, allEmoji, found, handIn, inTones, picked, toned } from "../model/emoji.js"
import { Dialog } from "./dialog.js"

/** @typedef {import("../model/emoji.js").Emoji} Emoji */

const FOUND_MAX = 120
const NAME = "loopchat-skin"
const USED = "loopchat-emoji"
/** The group of what was picked lately. */
const LATELY = -1

/** @returns {[number, string, string][]} group, its sign, its name */
const GROUPS = () => [
  [0, "😀", t("Smileys")], [1, "👋", t("People")], [3, "🐻", t("Animals and nature")], [4, "🍔", t("Food and drink")],
  [5, "🚗", t("Travel and places")], [6, "⚽", t("Activities")], [7, "💡", t("Objects")], [8, "❤️", t("Symbols")], [9, "🏁", t("Flags")],
]

/** @returns {string[]} */
function readUsed() {
  try {
    return JSON.parse(localStorage.getItem(USED) ?? "[]")
  } catch {
    return []
  }
}

/** Calls `pick` with what was chosen. */
class EmojiPicker extends Dialog {
  static properties = { all: { state: true }, wanted: { state: true }, group: { state: true }, tone: { state: true }, toning: { state: true } }

  constructor() {
    super()
    /** @type {(emoji: string) => unknown} */
    this.pick = () => {}
    /** @type {Emoji[]} */
    this.all = []
    this.wanted = ""
    /** What was picked lately, the last one first. */
    this.used = readUsed()
    this.group = this.used.length ? LATELY : 0
    /** The one whose tones are offered. @type {Emoji | null} */
    this.toning = null
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
      ${this.toning ? this.#tones(this.toning) : nothing}
      <div class="emoji__grid" role="group" aria-label=${t("Emoji")} @click=${this.#clicked} @contextmenu=${this.#held}>
        ${this.group === LATELY && !this.wanted.trim() ? this.used.map(emoji => one(emoji, emoji))
          : this.#shown().map(each => one(toned(each, this.tone), each.name, each.hasTones))}</div>
      ${this.group !== LATELY && this.all.length && this.#shown().length === 0 ? html`<p class="picker__nobody">${t("Nothing found.")}</p>` : nothing}
    </div>`)
  }

  /** @param {Emoji} emoji */
  #tones(emoji) {
    return html`<div class="emoji__tabs" role="group" aria-label=${t("Tone of skin")} @click=${this.#clicked}>${inTones(emoji).map((each, n) =>
      one(each, t("Tone of skin {n} of {all}", { n: n + 1, all: TONE_COUNT })))}</div>`
  }

  #tabs() {
    /** @type {[number, string, string][]} */
    const lately = this.used.length ? [[LATELY, "🕘", t("Used lately")]] : []
    return html`<div class="emoji__tabs" role="radiogroup" aria-label=${t("Kind of emoji")}>${[...lately, ...GROUPS()].map(([group, sign, name]) => html`<button
      type="button" class="emoji__tab" role="radio" aria-checked=${group === this.group ? "true" : "false"} title=${name} aria-label=${name}
      @click=${() => this.#turnTo(group)}>${sign}</button>`)}</div>`
  }

  /** @param {number} group */
  #turnTo(group) {
    this.group = group
    this.toning = null
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

  /** A long press, the other button or the menu key: its tones, for this time only. @param {Event} event */
  #held(event) {
    const button = event.target instanceof globalThis.Element ? event.target.closest("button") : null
    const emoji = this.all.find(each => each.hasTones && toned(each, this.tone) === button?.dataset.emoji)
    if (!emoji) return
    event.preventDefault()
    this.toning = emoji
    this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.querySelector(".emoji__tabs .emoji__one"))?.focus())
  }

  /** @param {string} emoji */
  #take(emoji) {
    localStorage.setItem(USED, JSON.stringify(picked(this.used, emoji)))
    this.close()
    this.pick(emoji)
  }

  #nextTone() {
    this.tone = (this.tone + 1) % TONE_COUNT
    localStorage.setItem(NAME, String(this.tone))
  }
}

/** @param {string} emoji @param {string} name @param {boolean} [tones] */
const one = (emoji, name, tones = false) => html`<button type="button" class="emoji__one" data-emoji=${emoji} title=${name}
  aria-label=${name} aria-haspopup=${tones ? "true" : nothing}>${emoji}</button>`

customElements.define("loop-emoji-picker", EmojiPicker)
