/** @file Begins a conversation: with one person, in a new room, or with a group. */

import { html } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { post } from "../net/http.js"
import { Dialog } from "./dialog.js"
import { icon } from "./icons.js"
import "./picker.js"

/** @typedef {"direct" | "room" | "group"} Kind */

const NAME_MAX = 64
const TOPIC_MAX = 250

class NewConversation extends Dialog {
  static properties = { kind: { type: String }, chosen: { state: true } }

  constructor() {
    super()
    /** @type {Kind} */
    this.kind = "direct"
    /** @type {{username: string}[]} */
    this.chosen = []
  }

  render() {
    return this.frame(t("New conversation"), html`
      <div class="segments" role="radiogroup" aria-label=${t("Kind of conversation")}>
        ${this.#tab("direct", "person", t("Person"))}${this.#tab("room", "hash", t("Room"))}${this.#tab("group", "people", t("Group"))}
      </div>
      ${this.kind === "room" ? this.#room() : this.#people()}`, this.#buttons())
  }

  /** @param {Kind} kind @param {import("./icons.js").IconName} picture @param {string} label */
  #tab(kind, picture, label) {
    return html`<button type="button" class="segments__item" role="radio" aria-checked=${this.kind === kind ? "true" : "false"}
      @click=${() => this.#choose(kind)}>${icon(picture, "small")}${label}</button>`
  }

  #room() {
    return html`
      ${this.input("name", t("Name"), { max: NAME_MAX, required: true })}
      ${this.input("topic", t("Topic"), { max: TOPIC_MAX, hint: t("What is it about? May stay empty.") })}
      <fieldset class="form__choices">
        <legend class="sr-only">${t("Who may join?")}</legend>
        <label class="choice"><input type="radio" name="kind" value="public" checked>
          <span><span class="choice__title">${t("Public")}</span><span class="choice__text">${t("Everybody here may find it and join.")}</span></span></label>
        <label class="choice"><input type="radio" name="kind" value="private">
          <span><span class="choice__title">${t("Private")}</span><span class="choice__text">${t("Only people who are invited see it.")}</span></span></label>
      </fieldset>
      <label class="check"><input type="checkbox" name="history" value="joined">
        <span><span class="choice__title">${t("Keep what was said before from new members")}</span><span class="choice__text">${t("They read from their joining on. This cannot be changed later.")}</span></span></label>`
  }

  #people() {
    const many = this.kind === "group"
    return html`<loop-picker name="people" .app=${this.app} .error=${this.field === "people" ? this.error : ""} ?many=${many} @picked=${(/** @type {CustomEvent} */ event) => this.#picked(event.detail)}></loop-picker>
      ${many ? "" : html`<button type="button" class="menu__item" @click=${this.#notes}>${icon("star", "small")}${t("Notes to yourself")}</button>`}
      ${many ? this.input("name", t("Name of the group"), { max: NAME_MAX, hint: t("May stay empty.") }) : ""}`
  }

  #buttons() {
    if (this.kind === "direct") return undefined
    const ready = this.kind === "room" || this.chosen.length > 0
    return html`<button type="button" class="button" @click=${this.close}>${t("Cancel")}</button>
      <button class="button button--primary" ?disabled=${this.busy || !ready}>${this.kind === "room" ? t("Create room") : t("Create group")}</button>`
  }

  /** @param {Kind} kind */
  #choose(kind) {
    this.kind = kind
    this.chosen = []
    this.error = this.field = ""
  }

  /** @param {{username: string}[]} people */
  #picked(people) {
    this.chosen = people
    if (this.kind !== "direct" || people.length === 0) return
    this.close()
    this.app.openDirect(people[0].username)
  }

  #notes() {
    this.close()
    this.app.openDirect(this.app.store.me.username)
  }

  /** @param {FormData} form */
  async send(form) {
    if (this.kind === "direct") return
    const kind = this.kind === "group" ? "group" : String(form.get("kind"))
    const people = this.chosen.map(person => person.username)
    const fields = { kind, name: String(form.get("name")), topic: String(form.get("topic") ?? ""), history: String(form.get("history") ?? "shared"), people }
    const { room } = await post(this.app.urls.create_room, fields)
    this.app.store.addRoom(room)
    this.close()
    this.app.openRoom(room.room)
  }
}

customElements.define("loop-new-conversation", NewConversation)
