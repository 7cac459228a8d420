/** @file What is done with several marked messages: it stands in the place of the composer. */

import { html } from "../../vendor/lit.js"
import { t, tn } from "../i18n.js"
import { mayDelete } from "../model/rights.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import { copy, remove, save } from "./message_actions.js"

class SelectionBar extends Element {
  static properties = { room: { attribute: false } }

  constructor() {
    super()
    /** @type {import("../store/room.js").Room} */
    this.room = /** @type {any} */ (null)
  }

  firstUpdated() {
    this.querySelector("button")?.focus()
  }

  render() {
    const { app } = this
    const { items } = app.selection
    const own = items.every(({ uid }) => mayDelete(this.room.summary, uid === app.store.me.uid))
    return html`<div class="selection" role="toolbar" aria-label=${t("Marked messages")}
        @keydown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && this.#end(event)}>
      <button type="button" class="icon-button" aria-label=${t("Cancel")} @click=${this.#end}>${icon("close")}</button>
      <p class="selection__n" role="status">${tn(items.length, "{n} selected", "{n} selected")}</p>
      ${this.#button("copy", t("Copy text"), items.length > 0, () => copy(app, items))}
      ${this.#button("forward", t("Forward"), items.length > 0, () => app.open({ name: "forward", items }), false)}
      ${this.#button("star", t("Save"), items.length > 0, () => save(app, items, true))}
      ${this.#button("trash", t("Delete"), items.length > 0 && own, () => remove(app, items))}
    </div>`
  }

  /** @param {import("./icons.js").IconName} picture @param {string} label @param {boolean} ready @param {() => unknown} work @param {boolean} [ends] */
  #button(picture, label, ready, work, ends = true) {
    const run = () => {
      work()
      if (ends) this.app.selection.end()
    }
    return html`<button type="button" class="icon-button" title=${label} aria-label=${label} ?disabled=${!ready} @click=${run}>${icon(picture)}</button>`
  }

  /** @param {Event} event */
  #end(event) {
    event.preventDefault()
    this.app.selection.end()
  }
}

customElements.define("loop-selection", SelectionBar)
