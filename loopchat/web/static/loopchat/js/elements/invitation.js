/** @file A public room that I am not in: what it is, and the button that lets me in. */

import { html, nothing } from "../../vendor/lit.js"
import { t, tn } from "../i18n.js"
import { roomAvatar } from "./avatar.js"
import { Element } from "./base.js"

class Invitation extends Element {
  static properties = { busy: { state: true } }

  constructor() {
    super()
    this.busy = false
  }

  render() {
    const { invitation, store } = this.app
    const room = store.offers.get(invitation?.room ?? 0) ?? invitation
    if (!room) return nothing
    return html`<div class="invitation card">
      ${roomAvatar(/** @type {any} */ ({ ...room, kind: "public" }), { size: "xl" })}
      <h1 class="card__title">${room.name}</h1>
      <p class="card__lead">${tn(room.members, "{n} member", "{n} members")}${room.topic ? ` · ${room.topic}` : ""}</p>
      <p class="muted">${t("Join to read what was said and to take part.")}</p>
      <button type="button" class="button button--primary button--wide" ?disabled=${this.busy} @click=${this.#join}>${t("Join {name}", { name: room.name })}</button>
      <a class="button button--quiet" href=${this.app.urls.lobby}>${t("To the lobby")}</a>
    </div>`
  }

  async #join() {
    this.busy = true
    if (this.app.invitation) await this.app.join(this.app.invitation.room)
    this.busy = false
  }
}

customElements.define("loop-invitation", Invitation)
