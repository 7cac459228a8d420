/** @file A search field over people; one or several may be chosen. */

import { html, nothing, repeat } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { personName } from "../model/names.js"
import { get } from "../net/http.js"
import { personAvatar } from "./avatar.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"

/** @typedef {{uid: number, username: string, name?: string}} Found */

const PAUSE_MS = 180

/** Event `picked` when the choice changed; `chosen` holds it. */
class Picker extends Element {
  static properties = { many: { type: Boolean }, error: { type: String }, found: { state: true }, chosen: { state: true }, wanted: { state: true } }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  constructor() {
    super()
    this.many = false
    /** What is wrong with the choice. */
    this.error = ""
    /** @type {Found[] | null} */
    this.found = null
    /** @type {Found[]} */
    this.chosen = []
    this.wanted = ""
  }

  connectedCallback() {
    super.connectedCallback()
    this.#search()
  }

  render() {
    return html`<div class="picker">
      ${this.chosen.length && this.many ? html`<ul class="picker__chosen">${this.chosen.map(person => html`<li>
        <button type="button" class="chip" aria-label=${t("Remove {name}", { name: personName(person) })} @click=${() => this.#toggle(person)}>
          ${personName(person)}${icon("close", "small")}</button></li>`)}</ul>` : nothing}
      <input class="input" type="search" autocomplete="off" placeholder=${t("Name of a person")} aria-label=${t("Search people")}
        .value=${this.wanted} @input=${this.#typed}>
      ${this.error ? html`<p class="field__error" role="alert">${this.error}</p>` : nothing}
      <ul class="picker__list">${repeat(this.found ?? [], person => person.uid, person => html`<li>
        <button type="button" class="row row--small" aria-pressed=${this.#isChosen(person) ? "true" : "false"} @click=${() => this.#toggle(person)}>
          ${personAvatar(person, { size: "s", state: this.app.store.people.get(person.uid)?.state })}
          <span class="row__name truncate" dir="auto">${personName(person)}</span><span class="row__line truncate" dir="auto">@${person.username}</span>
          ${this.#isChosen(person) ? html`<span class="picker__mark">${icon("check", "small")}</span>` : nothing}
        </button></li>`)}</ul>
      ${this.found?.length === 0 ? html`<p class="picker__nobody">${t("Nobody found.")}</p>` : nothing}
    </div>`
  }

  /** @param {InputEvent} event */
  #typed(event) {
    this.wanted = /** @type {HTMLInputElement} */ (event.target).value
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#search(), PAUSE_MS)
  }

  async #search() {
    const wanted = this.wanted
    const answer = await get(this.app.urls.find_people, { q: wanted.trim() }).catch(() => null)
    if (answer && wanted === this.wanted) this.found = answer.results
  }

  /** @param {Found} person */
  #isChosen(person) {
    return this.chosen.some(other => other.uid === person.uid)
  }

  /** @param {Found} person */
  #toggle(person) {
    const others = this.chosen.filter(other => other.uid !== person.uid)
    const added = others.length === this.chosen.length ? [person] : []
    this.chosen = this.many ? [...others, ...added] : [person]
    this.tell("picked", this.chosen)
  }
}

customElements.define("loop-picker", Picker)
