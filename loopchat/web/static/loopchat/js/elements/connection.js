/** @file One line that says when the connection is not there, and lets one retry. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"

const BLINK_MS = 1200
const MANY = 5

class Connection extends Element {
  static properties = { patient: { state: true } }

  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #blink

  constructor() {
    super()
    /** Whether it took so long that it is worth a word. */
    this.patient = false
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    clearInterval(this.#ticking)
    clearTimeout(this.#blink)
  }

  willUpdate() {
    const { state } = this.app.socket
    const counting = state === "waiting"
    if (counting) this.#ticking ??= setInterval(() => this.requestUpdate(), 500)
    else this.#ticking = void clearInterval(this.#ticking)
    if (state === "online") this.#calm()
    else this.#blink ??= setTimeout(() => (this.patient = true), BLINK_MS)
  }

  #calm() {
    this.#blink = void clearTimeout(this.#blink)
    this.patient = false
  }

  render() {
    const { socket, store } = this.app
    if (socket.state === "online") return store.degraded.length ? this.#line("warn", t("The server is busy: messages may take a moment longer.")) : this.#line("", "")
    if (socket.state === "ended") return this.#line("bad", t("This page is no longer connected."), t("Reload"), () => location.reload())
    if (!this.patient && socket.attempts < 2) return this.#line("", "")
    return this.#away()
  }

  #away() {
    const { socket } = this.app
    const retry = () => socket.retry()
    if (socket.state === "offline") return this.#line("warn", t("Offline: messages will be sent when you are back."))
    if (socket.state === "connecting" && socket.attempts > MANY) return this.#line("bad", t("The server cannot be reached. Trying again…"))
    if (socket.state === "connecting") return this.#line("info", t("Connecting…"))
    const n = Math.max(1, Math.ceil((socket.retryAt - Date.now()) / 1000))
    if (socket.attempts > MANY) return this.#line("bad", t("The server cannot be reached. Next attempt in {n} s.", { n }), t("Retry now"), retry)
    return this.#line("warn", t("Reconnecting in {n} s", { n }), t("Retry now"), retry)
  }

  /** @param {string} tone @param {string} text @param {string} [label] @param {() => void} [work] */
  #line(tone, text, label, work) {
    return html`<div class="connection" role="status" data-tone=${tone} data-state=${this.app.socket.state} ?data-empty=${!text}>
      ${text ? html`${icon(tone === "info" ? "system" : "warning", "small")}<span>${text}</span>` : nothing}
      ${work ? html`<button type="button" class="connection__button" @click=${work}>${label}</button>` : nothing}
    </div>`
  }
}

customElements.define("loop-connection", Connection)
