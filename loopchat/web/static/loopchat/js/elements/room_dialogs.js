/** @file Dialogs about one room: add people, change its name and topic. */

import { html } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { post } from "../net/http.js"
import { Dialog } from "./dialog.js"
import "./picker.js"

/** @typedef {import("../store/room.js").Room} Room */

class RoomDialog extends Dialog {
  /** @type {Record<string, object>} */
  static properties = { room: { attribute: false }, chosen: { state: true } }

  constructor() {
    super()
    /** @type {Room} */
    this.room = /** @type {any} */ (null)
    /** @type {{username: string}[]} */
    this.chosen = []
  }

  /** @param {string} action @param {Record<string, string | string[]>} fields */
  act(action, fields) {
    return post(`${this.app.urls.rooms}${this.room.id}/${action}/`, fields)
  }

  /** @param {string} label @param {boolean} ready */
  buttons(label, ready) {
    return html`<button type="button" class="button" @click=${this.close}>${t("Cancel")}</button>
      <button class="button button--primary" ?disabled=${this.busy || !ready}>${label}</button>`
  }
}

class Invite extends RoomDialog {
  render() {
    return this.frame(t("Add people"), html`<loop-picker many .app=${this.app}
      @picked=${(/** @type {CustomEvent} */ event) => (this.chosen = event.detail)}></loop-picker>`,
    this.buttons(t("Add"), this.chosen.length > 0))
  }

  async send() {
    await this.act("invite", { people: this.chosen.map(person => person.username) })
    this.close()
  }
}

class Rename extends RoomDialog {
  render() {
    const { name, topic, kind } = this.room.summary
    return this.frame(t("Name and topic"), html`
      ${this.input("name", t("Name"), { value: name, max: 64, required: kind !== "group" })}
      ${this.input("topic", t("Topic"), { value: topic, max: 250, hint: t("What is it about? May stay empty.") })}`,
    this.buttons(t("Save"), true))
  }

  /** @param {FormData} form */
  async send(form) {
    const { name, topic } = this.room.summary
    const wanted = { name: String(form.get("name")), topic: String(form.get("topic")) }
    if (wanted.name !== name) await this.act("rename", { name: wanted.name })
    if (wanted.topic !== topic) await this.act("topic", { topic: wanted.topic })
    this.close()
  }
}

customElements.define("loop-invite", Invite)
customElements.define("loop-rename", Rename)
