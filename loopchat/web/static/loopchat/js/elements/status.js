/** @file What I say of my present: a status that may end by itself, and do not disturb. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { clock, dayLabel } from "../model/dates.js"
import { post } from "../net/http.js"
import { isQuiet, statusOf } from "../store/people.js"
import { Dialog } from "./dialog.js"
import "./emoji_picker.js"
import { icon } from "./icons.js"

const MINUTE_MS = 60_000

/** @type {() => [string, string, number][]} sign, words, minutes that it usually lasts */
const OFTEN = () => [
  ["📅", t("In a meeting"), 60], ["🎧", t("Focusing"), 240], ["🏠", t("Working from home"), 480], ["🤒", t("Out sick"), 1440], ["🌴", t("On holiday"), 0],
]

/** @type {() => [number, string][]} */
const SPANS = () => [[0, t("Does not end by itself")], [30, t("30 minutes")], [60, t("1 hour")], [240, t("4 hours")], [480, t("8 hours")], [1440, t("1 day")], [10_080, t("1 week")]]

class Status extends Dialog {
  static properties = { emoji: { state: true }, text: { state: true }, span: { state: true }, picking: { state: true } }

  constructor() {
    super()
    this.emoji = this.text = ""
    /** Minutes; -1: as it is. */
    this.span = 0
    this.picking = false
  }

  connectedCallback() {
    super.connectedCallback()
    const { emoji, text, until_ts } = statusOf(this.app.store.me) ?? { emoji: "", text: "" }
    this.emoji = emoji
    this.text = text
    this.span = until_ts ? -1 : 0
  }

  render() {
    const { me } = this.app.store
    return html`${this.frame(t("Status"), html`
      <div class="status">
        <button type="button" class="icon-button status__emoji" aria-label=${t("Emoji of the status")} @click=${() => (this.picking = true)}>${this.emoji || icon("smile")}</button>
        <input class="input" maxlength="100" autocomplete="off" autofocus aria-label=${t("What are you doing?")} placeholder=${t("What are you doing?")}
          .value=${this.text} @input=${(/** @type {any} */ event) => (this.text = event.target.value)}>
      </div>
      <div class="dates__often">${OFTEN().map(([emoji, text, minutes]) => html`<button type="button" class="chip" @click=${() => this.#take(emoji, text, minutes)}>${emoji} ${text}</button>`)}</div>
      ${this.#span("span", t("Ends after"), this.span, statusOf(me)?.until_ts)}
      ${this.#quiet(me)}`, html`
      ${statusOf(me) ? html`<button type="button" class="button button--danger" @click=${() => this.#store({ status_emoji: "", status_text: "" })}>${t("Clear status")}</button>` : nothing}
      <button class="button button--primary" ?disabled=${this.busy || !(this.emoji || this.text.trim())}>${t("Save")}</button>`)}
    ${this.picking ? html`<loop-emoji-picker .app=${this.app} .pick=${(/** @type {string} */ emoji) => (this.emoji = emoji)} @dialog-closed=${this.#picked}></loop-emoji-picker>` : nothing}`
  }

  /** @param {string} name @param {string} label @param {number} chosen @param {number} [until] */
  #span(name, label, chosen, until) {
    return html`<div class="field"><label class="field__label" for=${`status-${name}`}>${label}</label>
      <select class="input" id=${`status-${name}`} @change=${(/** @type {any} */ event) => (this.span = Number(event.target.value))}>
        ${until ? html`<option value="-1" ?selected=${chosen === -1}>${at(until)}</option>` : nothing}
        ${SPANS().map(([minutes, words]) => html`<option value=${minutes} ?selected=${chosen === minutes}>${words}</option>`)}
      </select></div>`
  }

  /** @param {import("../types.js").Me} me */
  #quiet(me) {
    const spans = SPANS().slice(1, 6)
    return html`<section class="status__quiet" aria-label=${t("Do not disturb")}>
      <h3 class="field__label">${t("Do not disturb")}</h3>
      <p class="field__hint">${isQuiet(me) ? at(me.dnd_until_ts ?? 0) : t("No notifications on your devices; others see a mark.")}</p>
      <div class="dates__often">${isQuiet(me)
        ? html`<button type="button" class="button button--small" @click=${() => this.#store({ dnd_until_ts: "0" }, false)}>${t("Turn off")}</button>`
        : spans.map(([minutes, words]) => html`<button type="button" class="button button--small" @click=${() => this.#store({ dnd_until_ts: until(minutes) }, false)}>${words}</button>`)}</div>
    </section>`
  }

  /** @param {string} emoji @param {string} text @param {number} minutes */
  #take(emoji, text, minutes) {
    this.emoji = emoji
    this.text = text
    this.span = minutes
  }

  /** The picker lies above this dialog, which stays. @param {Event} event */
  #picked(event) {
    event.stopPropagation()
    this.picking = false
  }

  async send() {
    const end = this.span < 0 ? String(statusOf(this.app.store.me)?.until_ts ?? 0) : until(this.span)
    await this.#store({ status_emoji: this.emoji, status_text: this.text.trim(), status_until_ts: end })
  }

  /** @param {Record<string, string>} fields @param {boolean} [closes] */
  async #store(fields, closes = true) {
    try {
      this.app.store.circle.look(await post(this.app.urls.change_profile, fields))
      this.app.store.changed()
      if (closes) this.close()
    } catch (refused) {
      this.error = /** @type {Error} */ (refused).message
    }
  }
}

/** @param {number} minutes from now; 0 has no end */
const until = minutes => String(minutes ? Date.now() + minutes * MINUTE_MS : 0)

/** @param {number} ts */
const at = ts => t("Until {day}, {time}", { day: dayLabel(ts, t), time: clock(ts) })

customElements.define("loop-status", Status)
