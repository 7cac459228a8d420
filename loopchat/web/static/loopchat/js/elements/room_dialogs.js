/** @file Dialogs about one room: add people, change its name and topic. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { personName } from "../model/names.js"
import { get, post } from "../net/http.js"
import { personAvatar } from "./avatar.js"
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
    return this.frame(t("Add people"), html`<loop-picker many name="people" .app=${this.app} .error=${this.field === "people" ? this.error : ""}
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

/** A group gets a name of its own and becomes a room; what was said stays. */
class Settle extends RoomDialog {
  render() {
    return this.frame(t("Turn into a room"), html`
      <p>${t("The group becomes a private room with a name. Its people and all that was said stay.")}</p>
      ${this.input("name", t("Name"), { value: this.room.summary.name, max: 64, required: true })}`,
    this.buttons(t("Turn into a room"), true))
  }

  /** @param {FormData} form */
  async send(form) {
    await this.act("make-room", { name: String(form.get("name")) })
    this.close()
  }
}

/** Who may not come back, and the way to let them. */
class Banned extends RoomDialog {
  static properties = { people: { state: true } }

  constructor() {
    super()
    /** @type {import("../types.js").Person[] | null} */
    this.people = null
  }

  firstUpdated() {
    super.firstUpdated()
    this.#read()
  }

  async #read() {
    try {
      this.people = (await get(`${this.app.urls.rooms}${this.room.id}/banned/`)).results
    } catch (refused) {
      this.error = /** @type {Error} */ (refused).message
    }
  }

  render() {
    const { people } = this
    return this.frame(t("Banned people"), html`
      ${people?.length === 0 ? html`<p class="picker__nobody">${t("Nobody is banned here.")}</p>` : nothing}
      <ul aria-busy=${people === null}>${people?.map(person => html`<li class="member">
        ${personAvatar(person, { size: "s" })}
        <span class="member__names"><span class="member__name truncate">${personName(person)}</span><span class="member__role"><bdi>@${person.username}</bdi></span></span>
        <button type="button" class="button button--small" aria-label=${t("Lift the ban of {name}", { name: personName(person) })}
          @click=${() => this.#lift(person.username)}>${t("Lift the ban")}</button>
      </li>`)}</ul>`)
  }

  /** @param {string} username */
  async #lift(username) {
    if (await this.app.manage(this.room.id, "unban", { username })) await this.#read()
  }
}

customElements.define("loop-banned", Banned)
customElements.define("loop-invite", Invite)
customElements.define("loop-rename", Rename)
customElements.define("loop-settle", Settle)
