/** @file What all dialogs share: a title, a way out, one error line, and a form that is sent once. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"

/** It is in the page while it is open, and asks to be taken away with the event `dialog-closed`. */
export class Dialog extends Element {
  /** @type {Record<string, object>} */
  static properties = { error: { state: true }, field: { state: true }, busy: { state: true } }

  constructor() {
    super()
    this.error = ""
    /** Which field the error is about. */
    this.field = ""
    this.busy = false
  }

  firstUpdated() {
    this.querySelector("dialog")?.showModal()
    this.updateComplete.then(() => this.#begin())
  }

  /** Where there is something to fill in, one begins there. */
  #begin() {
    if (this.querySelector("[autofocus]")) return
    const field = this.querySelector(".dialog__body input:not([type=radio], [type=checkbox])")
    if (field instanceof HTMLElement) field.focus()
  }

  /** @param {string} title @param {unknown} content @param {unknown} [buttons] */
  frame(title, content, buttons) {
    return html`<dialog class="dialog" aria-labelledby=${`${this.localName}-title`} closedby="any" @close=${() => this.tell("dialog-closed")}>
      <form class="dialog__form" novalidate @submit=${this.#submit}>
        <header class="dialog__head">
          <h2 class="dialog__title" id=${`${this.localName}-title`}>${title}</h2>
          <button type="button" class="icon-button" aria-label=${t("Close")} @click=${this.close}>${icon("close", "small")}</button>
        </header>
        <div class="dialog__body">
          ${this.error && !this.field ? html`<p class="form__error" role="alert">${this.error}</p>` : nothing}
          ${content}
        </div>
        ${buttons ? html`<footer class="form__row dialog__foot">${buttons}</footer>` : nothing}
      </form>
    </dialog>`
  }

  /** @param {string} name @param {string} label @param {{value?: string, hint?: string, max: number, required?: boolean}} options */
  input(name, label, { value = "", hint, max, required = false }) {
    const wrong = this.error && this.field === name
    return html`<div class="field">
      <label class="field__label" for=${`dialog-${name}`}>${label}</label>
      <input class="input" id=${`dialog-${name}`} name=${name} maxlength=${max} ?required=${required} .defaultValue=${value}
        autocomplete="off" aria-invalid=${wrong ? "true" : nothing} aria-describedby=${`dialog-${name}-note`}>
      <p class=${wrong ? "field__error" : "field__hint"} id=${`dialog-${name}-note`}>${wrong ? this.error : (hint ?? nothing)}</p>
    </div>`
  }

  close() {
    this.querySelector("dialog")?.close()
  }

  /** What the form does; an error it throws is shown. @param {FormData} _form @returns {Promise<void>} */
  async send(_form) {
    this.close()
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault()
    if (this.busy) return
    this.busy = true
    this.error = this.field = ""
    try {
      await this.send(new FormData(/** @type {HTMLFormElement} */ (event.target)))
    } catch (refused) {
      const { message, field } = /** @type {import("../net/requests.js").Refusal} */ (refused)
      this.error = message
      this.field = this.querySelector(`[name="${CSS.escape(field ?? "")}"]`) ? (field ?? "") : ""
    }
    this.busy = false
  }
}
