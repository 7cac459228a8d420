/** @file The account menu: theme, people, settings, the way out. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { personName } from "../model/names.js"
import { markAllRead } from "../moves.js"
import { csrfToken } from "../net/http.js"
import { THEMES, setTheme, theme } from "../theme.js"
import { personAvatar } from "./avatar.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import { statusText } from "./summary.js"
import { isQuiet } from "../store/people.js"

const LABELS = () => ({ light: t("Light"), dark: t("Dark"), system: t("System") })
const PICTURES = /** @type {const} */ ({ light: "sun", dark: "moon", system: "system" })

class Menu extends Element {
  render() {
    const { me } = this.app.store
    const { urls } = this.app
    return html`<nav class="menu" id="account-menu" aria-label=${t("Account")} popover>
      <div class="menu__head">${personAvatar(me)}<span class="member__names">
        <span class="member__name truncate" dir="auto">${personName(me)}</span><span class="member__role truncate" dir="auto">@${me.username}</span></span></div>
      ${me.is_guest ? nothing : this.#item(isQuiet(me) ? "mute" : "smile", statusText(me) || t("Set a status"), () => this.app.open({ name: "status" }))}
      <div class="segments" role="radiogroup" aria-label=${t("Theme")}>
        ${THEMES.map(name => html`<button type="button" class="segments__item" role="radio" aria-checked=${theme() === name ? "true" : "false"}
          @click=${() => this.#choose(name)}>${icon(PICTURES[name], "small")}${LABELS()[name]}</button>`)}
      </div>
      ${this.#item("check", t("Mark all as read"), () => markAllRead(this.app))}
      ${this.#item("star", t("Saved messages"), () => this.app.open({ name: "saved" }))}
      ${this.#item("bell", t("Desktop notifications"), () => this.app.open({ name: "notices" }))}
      ${this.#item("keyboard", t("Keyboard"), () => this.app.open({ name: "shortcuts" }))}
      ${me.is_guest ? nothing : html`<a class="menu__item" href=${urls.people}>${icon("people", "small")}${t("People")}</a>
        <a class="menu__item" href=${urls.profile}>${icon("person", "small")}${t("Profile")}</a>`}
      <a class="menu__item" href=${urls.settings}>${icon("settings", "small")}${t("Settings")}</a>
      <form method="post" action=${urls.sign_out} @submit=${(/** @type {SubmitEvent} */ event) => this.app.signOut(event)}>
        <input type="hidden" name="csrfmiddlewaretoken" .value=${csrfToken()}>
        <button class="menu__item">${icon("leave", "small")}${t("Sign out")}</button>
      </form>
    </nav>`
  }

  /** @param {import("./icons.js").IconName} picture @param {string} label @param {() => unknown} work */
  #item(picture, label, work) {
    return html`<button type="button" class="menu__item" popovertarget="account-menu" popovertargetaction="hide"
      @click=${work}>${icon(picture, "small")}${label}</button>`
  }

  /** @param {import("../theme.js").Theme} name */
  #choose(name) {
    setTheme(name)
    this.requestUpdate()
  }
}

customElements.define("loop-menu", Menu)
