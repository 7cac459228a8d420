/** @file The addresses at which other programs post in a room: what there is, a new one, the end of one. */

import { html, nothing } from "../../vendor/lit.js"
import { copyText } from "../clipboard.js"
import { t } from "../i18n.js"
import { ago } from "../model/dates.js"
import { personName } from "../model/names.js"
import { get, post } from "../net/http.js"
import { kindMark, personAvatar } from "./avatar.js"
import { Dialog } from "./dialog.js"

/** @typedef {import("../types.js").Face} Face */
/** @typedef {{id: number, label: string, bot: Face, last_used_ts: number | null}} Hook */

class Hooks extends Dialog {
  static properties = { room: { attribute: false }, hooks: { state: true }, bot: { state: true }, made: { state: true } }

  constructor() {
    super()
    /** @type {import("../store/room.js").Room} */
    this.room = /** @type {any} */ (null)
    /** @type {Hook[] | null} */
    this.hooks = null
    /** As whom a new one posts: the id of a bot, or nothing for a new bot. */
    this.bot = ""
    /** The address that was just made: it is shown this once. */
    this.made = ""
    /** @type {Face[]} */
    this.bots = []
    this.mayMake = false
  }

  firstUpdated() {
    super.firstUpdated()
    this.#read()
  }

  async #read() {
    try {
      const found = await get(`${this.app.urls.rooms}${this.room.id}/hooks/`)
      this.bots = found.bots
      this.mayMake = found.may_make
      if (!this.mayMake && !this.bot) this.bot = String(this.bots[0]?.uid ?? "")
      this.hooks = found.results
    } catch (refused) {
      this.error = /** @type {Error} */ (refused).message
    }
  }

  render() {
    const { hooks } = this
    const mayAdd = hooks && !this.room.summary.archived && (this.mayMake || this.bots.length > 0)
    return this.frame(t("Webhooks"), html`
      <p class="field__hint">${t("At such an address other programs post in this room, as a bot. Whatever can post to Slack can post here.")}</p>
      ${this.made ? this.#address() : nothing}
      ${hooks?.length === 0 && !this.made ? html`<p class="picker__nobody">${t("There is none yet.")}</p>` : nothing}
      <ul aria-busy=${hooks === null}>${hooks?.map(hook => this.#row(hook))}</ul>
      ${mayAdd ? this.#fields() : hooks ? html`<p class="field__hint">${t("New ones are made by those who may make bots.")}</p>` : nothing}`,
    mayAdd ? html`<button class="button button--primary" ?disabled=${this.busy}>${t("Make a webhook")}</button>` : nothing)
  }

  /** @param {Hook} hook */
  #row({ id, label, bot, last_used_ts }) {
    const name = personName(bot)
    return html`<li class="member">
      ${personAvatar(bot, { size: "s" })}
      <span class="member__names"><span class="member__name truncate" dir="auto">${name}${kindMark({ bot: true })}</span>
        <span class="member__role truncate">${[label, last_used_ts ? t("used {when}", { when: ago(last_used_ts) }) : t("not used yet")].filter(Boolean).join(" · ")}</span></span>
      <button type="button" class="button button--small button--danger" aria-label=${t("End the webhook of {name}", { name })} @click=${() => this.#end(id)}>${t("End")}</button>
    </li>`
  }

  #address() {
    return html`<div class="field">
      <label class="field__label" for="hook-address">${t("Address")}</label>
      <input class="input" id="hook-address" readonly dir="ltr" .value=${this.made} aria-describedby="hook-address-note">
      <p class="field__hint" id="hook-address-note" role="status">${t("Whoever knows it can post. It is shown only now.")}</p>
      <p><button type="button" class="button button--small" @click=${() => this.#copy()}>${t("Copy")}</button></p>
    </div>`
  }

  #fields() {
    return html`<div class="field">
        <label class="field__label" for="hook-bot">${t("It posts as")}</label>
        <select class="input" id="hook-bot" name="bot" @change=${(/** @type {any} */ event) => (this.bot = event.target.value)}>
          ${this.mayMake ? html`<option value="" ?selected=${this.bot === ""}>${t("A new bot")}</option>` : nothing}
          ${this.bots.map(one => html`<option value=${one.uid} ?selected=${this.bot === String(one.uid)}>${personName(one)}</option>`)}
        </select>
      </div>
      ${this.bot === "" ? this.input("name", t("Name of the bot"), { max: 64, required: true, hint: t("For example: Deploys") }) : nothing}
      ${this.input("label", t("A note for yourself"), { max: 64 })}`
  }

  /** @param {FormData} form */
  async send(form) {
    const fields = Object.fromEntries(["bot", "name", "label"].map(name => [name, String(form.get(name) ?? "")]))
    const { hook } = await post(`${this.app.urls.rooms}${this.room.id}/hooks/create/`, fields)
    this.querySelector("form")?.reset()
    this.made = hook.url
    this.bot = String(hook.bot.uid)
    await this.#read()
  }

  async #copy() {
    await copyText(this.made)
    this.app.toast(t("Copied"))
  }

  /** @param {number} id */
  async #end(id) {
    try {
      await post(`${this.app.urls.hooks}${id}/revoke/`)
      await this.#read()
    } catch (refused) {
      this.error = /** @type {Error} */ (refused).message
    }
  }
}

customElements.define("loop-hooks", Hooks)
