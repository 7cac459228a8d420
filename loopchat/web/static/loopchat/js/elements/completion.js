/** @file What the word at the caret may become: people and all after `@`, emoji after `:`. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { begun as begunCommand, written } from "../model/slash.js"
import { own } from "../slash.js"
import { begun, completed, matching, spelled } from "../model/completion.js"
import { allEmoji, called, found } from "../model/emoji.js"
import { personName } from "../model/names.js"
import { mayCallAll } from "../model/rights.js"
import { personAvatar } from "./avatar.js"
import { Element } from "./base.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../types.js").Member} Member */
/** @typedef {import("../model/completion.js").Begun} Begun */
/** @typedef {{key: string, whole: string, sign: unknown, label: string, more: string}} Offer */

const OFFERS_MAX = 8
const COMMANDS_MAX = 30

/** Event `completed` with `{text, caret}`. */
class Completion extends Element {
  static properties = { room: { attribute: false }, offers: { state: true }, at: { state: true } }

  /** @type {Begun | null} */
  #begun = null
  #text = ""

  constructor() {
    super()
    /** @type {Room} */
    this.room = /** @type {any} */ (null)
    /** @type {Offer[]} */
    this.offers = []
    /** Which one Enter takes. */
    this.at = 0
  }

  /** For the field: which option it points at. */
  get chosenId() {
    return this.offers[this.at] ? `offer-${this.at}` : ""
  }

  render() {
    if (this.offers.length === 0) return nothing
    return html`<ul class="completion" id="completion" role="listbox" aria-label=${t("Suggestions")}>
      ${this.offers.map((offer, n) => html`<li class="completion__item" id=${`offer-${n}`} role="option" aria-selected=${n === this.at ? "true" : "false"}
        @pointerdown=${(/** @type {Event} */ event) => event.preventDefault()} @click=${() => this.#take(offer)}>
        ${offer.sign}<span class="truncate">${offer.label}</span><span class="completion__more truncate">${offer.more}</span></li>`)}
    </ul>`
  }

  updated() {
    this.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" })
    this.tell("offered", this.chosenId)
  }

  /** The text or the caret changed. @param {string} text @param {number} caret */
  async look(text, caret) {
    const whole = spelled(text, caret)
    const command = begunCommand(text, caret)
    const found = command === undefined ? whole ?? begun(text, caret) : slash(command, caret)
    this.#text = text
    this.#begun = found
    if (whole) return this.#replace(whole)
    const offers = found ? await this.#offersFor(found) : []
    if (this.#begun !== found) return
    this.offers = offers
    this.at = 0
  }

  /** The second colon is there: what stands between them becomes its emoji, if it is one. @param {Begun} whole */
  async #replace(whole) {
    this.offers = []
    const one = called(await allEmoji().catch(() => []), whole.word)
    if (one && this.#begun === whole) this.#complete(whole, one.emoji)
  }

  close() {
    this.#begun = null
    this.offers = []
  }

  /** A key in the field: whether it was meant for this. @param {KeyboardEvent} event */
  pressed(event) {
    const { key } = event
    const count = this.offers.length
    if (!count || (key === "Enter" && this.offers[this.at].whole === this.#text)) return false
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false
    if (key === "ArrowDown" || key === "ArrowUp") this.at = (this.at + (key === "ArrowDown" ? 1 : -1) + count) % count
    else if (key === "Enter" || key === "Tab") this.#take(this.offers[this.at])
    else if (key === "Escape") this.close()
    else return false
    event.preventDefault()
    return true
  }

  /** @param {Offer} offer */
  #take(offer) {
    if (this.#begun) this.#complete(this.#begun, offer.whole)
  }

  /** @param {Begun} begun @param {string} whole */
  #complete(begun, whole) {
    const made = completed(this.#text, begun, whole)
    this.close()
    this.tell("completed", made)
  }

  /** @param {Begun} begun @returns {Promise<Offer[]>} */
  async #offersFor({ sign, word }) {
    try {
      if (sign === "/") return await this.#commands(word)
      return sign === "@" ? await this.#people(word) : await emoji(word)
    } catch {
      return []
    }
  }

  /** Those of the chat, then those of bots. @param {string} word @returns {Promise<Offer[]>} */
  async #commands(word) {
    const mine = own(this.room).map(({ name, hint, help }) => offer(`/${name}`, hint, help))
    const offers = await this.app.commands.of(this.room.id).catch(() => [])
    const theirs = offers.map(one => offer(written(offers, one), one.hint, one.help || `@${one.username}`))
    return [...mine, ...theirs].filter(({ key }) => key.slice(1).startsWith(word)).slice(0, COMMANDS_MAX)
  }

  /** @param {string} word @returns {Promise<Offer[]>} */
  async #people(word) {
    const { summary } = this.room
    const others = (await this.app.session.members.called(this.room, word)).filter(({ uid }) => uid !== this.app.store.me.uid)
    const offers = matching(others, word, OFFERS_MAX).map(person => ({
      key: String(person.uid), whole: `@${person.username}`, label: personName(person), more: `@${person.username}`,
      sign: personAvatar(person, { size: "s" }),
    }))
    const calls = mayCallAll(summary) && "all".startsWith(word.toLowerCase())
    const all = { key: "all", whole: "@all", label: "@all", more: t("Everybody in this conversation"), sign: html`<span class="completion__sign">📣</span>` }
    return calls ? [...offers, all] : offers
  }
}

/** @param {string} whole @param {string} [hint] @param {string} [more] @returns {Offer} */
const offer = (whole, hint, more) => ({
  key: whole, whole, label: hint ? `${whole} ${hint}` : whole, more: more ?? "", sign: html`<span class="completion__sign">/</span>`,
})

/** @param {string} word @param {number} caret @returns {Begun} */
const slash = (word, caret) => ({ sign: "/", word, start: 0, end: caret })

/** @param {string} word @returns {Promise<Offer[]>} */
const emoji = async word => found(await allEmoji(), word, OFFERS_MAX).map(one => ({
  key: one.emoji, whole: one.emoji, label: `:${one.words[0] ?? one.name}:`, more: one.name,
  sign: html`<span class="completion__sign">${one.emoji}</span>`,
}))

customElements.define("loop-completion", Completion)
export { Completion }
