/** @file Asks before something that cannot be taken back. */

import { html } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { Dialog } from "./dialog.js"

/** @typedef {{title: string, text: string, yes: string}} Question */

/** Calls `answer` with what was chosen, once. */
class Confirm extends Dialog {
  static properties = { question: { attribute: false }, answer: { attribute: false } }

  constructor() {
    super()
    /** @type {Question} */
    this.question = { title: "", text: "", yes: "" }
    /** @type {(sure: boolean) => void} */
    this.answer = () => {}
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    this.answer(false)
  }

  render() {
    const { title, text, yes } = this.question
    return this.frame(title, html`<p>${text}</p>`, html`
      <button type="button" class="button" @click=${this.close}>${t("Cancel")}</button>
      <button class="button button--strong-danger">${yes}</button>`)
  }

  async send() {
    this.answer(true)
    this.close()
  }
}

customElements.define("loop-confirm", Confirm)
