/** @file Leads to the first message of a day: any day, or one that is asked for often. */

import { html } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { dayStart, isoDay, startOf } from "../model/dates.js"
import { Dialog } from "./dialog.js"

/** The words and the begin of each, in days before today. @returns {[string, number][]} */
const OFTEN = () => [
  [t("Today"), dayStart(0)], [t("Yesterday"), dayStart(1)], [t("A week ago"), dayStart(7)],
  [t("A month ago"), dayStart(30)], [t("The beginning"), 0],
]

class GoToDate extends Dialog {
  static properties = { room: { attribute: false } }

  constructor() {
    super()
    /** @type {import("../store/room.js").Room} */
    this.room = /** @type {any} */ (null)
  }

  render() {
    return this.frame(t("Go to a date"), html`<div class="dates">
      <div class="field"><label class="field__label" for="dialog-day">${t("Date")}</label>
        <input class="input" type="date" id="dialog-day" name="day" required autofocus max=${isoDay(Date.now())}></div>
      <div class="dates__often">${OFTEN().map(([label, ts]) => html`<button type="button" class="chip"
        @click=${() => this.#go(ts)}>${label}</button>`)}</div>
    </div>`, html`<button type="button" class="button" @click=${this.close}>${t("Cancel")}</button>
      <button class="button button--primary" ?disabled=${this.busy}>${t("Go")}</button>`)
  }

  /** @param {FormData} form */
  async send(form) {
    const ts = startOf(String(form.get("day")))
    if (ts) await this.#go(ts)
  }

  /** @param {number} ts */
  async #go(ts) {
    const seq = await this.app.session.history.atTime(this.room.id, ts)
    this.close()
    if (seq) this.app.openMessage(this.room.id, seq)
  }
}

customElements.define("loop-date", GoToDate)
