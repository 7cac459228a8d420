/** @file Where desktop notices are switched on and off, and why they may not come. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { Dialog } from "./dialog.js"

/** @typedef {import("../notices.js").State} State */

/** @returns {Record<State, string>} */
const WORDS = () => ({
  insecure: t("Browsers show notifications only for secure addresses. Open Loopchat by https, or ask whoever runs this server."),
  unknown: t("This browser has no notifications."),
  blocked: t("This browser blocks notifications of this site. You can allow them in the settings beside the address."),
  ask: t("Loopchat can tell you about new messages while you look at something else. The browser will ask you once."),
  on: t("You are told about new messages while you look at something else. Each room has its own level, in its menu."),
  off: t("Notifications are switched off on this device."),
})

class NoticesDialog extends Dialog {
  render() {
    const { state } = this.app.notices
    const button = state === "ask" || state === "off"
      ? html`<button class="button button--primary">${t("Turn on")}</button>`
      : state === "on" ? html`<button class="button">${t("Turn off on this device")}</button>` : nothing
    return this.frame(t("Desktop notifications"), html`<p role="status">${WORDS()[state]}</p>`, html`
      <button type="button" class="button" @click=${this.close}>${t("Close")}</button>${button}`)
  }

  async send() {
    const { notices } = this.app
    if (notices.state === "on") notices.turnOff()
    else await notices.turnOn()
  }
}

customElements.define("loop-notices", NoticesDialog)
