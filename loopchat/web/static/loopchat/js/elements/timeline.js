/** @file The messages of a room: a window over its log that follows the end and never jumps. */

import { html, keyed, nothing, repeat } from "../../vendor/lit.js"
import { t, tn } from "../i18n.js"
import { dayLabel } from "../model/dates.js"
import { rows } from "../model/grouping.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import { intro, skeleton } from "./intro.js"
import { act } from "./message_actions.js"
import { pressed } from "./message_keys.js"
import { messageItem, pendingItem } from "./message.js"
import { noteText } from "./notes.js"
import { Viewport } from "./viewport.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../model/grouping.js").Row} Row */

class Timeline extends Element {
  static properties = {
    room: { attribute: false },
    active: { state: true },
    picking: { state: true },
    flash: { state: true },
    said: { state: true },
  }

  view = new Viewport(this)
  #arrived = (/** @type {Event} */ event) => this.#announce(/** @type {CustomEvent} */ (event).detail)

  constructor() {
    super()
    /** @type {Room} */
    this.room = /** @type {any} */ (null)
    /** @type {string | null} */
    this.active = null
    this.picking = false
    /** @type {number | null} */
    this.flash = null
    this.said = ""
  }

  connectedCallback() {
    super.connectedCallback()
    this.app.store.addEventListener("message", this.#arrived)
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    this.app.store.removeEventListener("message", this.#arrived)
  }

  /** My own message goes out: the end comes into view, the line has done its work. */
  sent() {
    this.room.line = null
    this.room.kept = false
    if (this.room.log.attached) this.view.toEnd()
    else this.toEnd()
  }

  /** The newest messages, also when they have to be fetched again. */
  async toEnd() {
    const { room, app } = this
    if (!room.log.attached) {
      room.log.clear()
      await app.session.history.latest(room.id).catch(() => {})
      await this.updateComplete
    }
    this.view.toEnd()
  }

  /** Brings a message into view and marks it. @param {{id: number, seq: number}} message */
  async jump({ id, seq }) {
    if (!this.room.log.message(id)) {
      await this.app.session.history.around(this.room.id, seq).catch(() => {})
      await this.updateComplete
    }
    const row = this.querySelector(`#m-${seq}`)
    if (!row) return
    this.view.show(row)
    this.flash = null
    await this.updateComplete
    this.flash = id
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("room")) this.active = this.flash = null
    const { room } = this
    if (room.summary.unread > 0 && !room.line && !document.hasFocus()) room.drawLine()
  }

  render() {
    const { room } = this
    const { log } = room
    const line = room.line && room.line.at >= log.from ? room.line : null
    const pending = log.attached || log.isEmpty ? this.app.outbox.of(room.id).filter(entry => !this.#isLogged(entry)) : []
    const all = rows(log.items(), pending, { lineAt: line?.at, unread: line?.n })
    return keyed(room.id, html`
      <div class="timeline__box" tabindex="0" role="region" aria-label=${t("Messages")} @scroll=${() => this.view.scrolled()}
        @pointerover=${this.#pointed} @pointerleave=${() => (this.active = null)} @focusin=${this.#pointed}
        @keydown=${(/** @type {KeyboardEvent} */ event) => pressed(this, event)}>
        <div class="timeline__rows" role="log" aria-live="off" aria-busy=${log.isEmpty && !log.complete}>
          ${log.isEmpty && !log.complete ? skeleton() : nothing}
          ${log.complete ? intro(room, this.app) : nothing}
          ${repeat(days(all), day => day[0].key, day => html`<div class="timeline__day">
            ${repeat(day, row => row.key, row => this.#row(row))}
          </div>`)}
        </div>
      </div>
      ${this.#firstButton()}
      ${this.#jumpButton()}
      <p class="sr-only" role="status">${this.said}</p>`)
  }

  /** @param {Row} row */
  #row(row) {
    if (row.type === "date") return html`<p class="date"><span class="date__chip">${dayLabel(row.ts, t)}</span></p>`
    if (row.type === "line") return html`<p class="line"><span class="line__text">${row.n ? tn(row.n, "{n} new message", "{n} new messages") : t("New messages")}</span></p>`
    if (row.type === "note") return html`<p class="note"><span class="note__chip">${noteText(row.items, this.app.store.me.uid)}</span></p>`
    const { room, active, picking, flash } = this
    const context = { me: this.app.store.me.uid, room, active, picking, flash, act: act.bind(null, this) }
    return row.type === "message" ? messageItem(row, context) : pendingItem(row, context)
  }

  /** @param {import("../types.js").Pending} entry */
  #isLogged(entry) {
    return this.room.log.hasCid(entry.uid, entry.cid)
  }

  /** Above what is on the screen, there are messages that were never seen. */
  #firstButton() {
    const { line } = this.room
    if (!line?.n || !this.view.isLineAbove) return nothing
    return html`<button type="button" class="jump jump--first" @click=${() => this.#toFirst(line.at)}>
      ${icon("up", "small")}${tn(line.n, "{n} new message", "{n} new messages")}
    </button>`
  }

  /** @param {number} seq of the first unread message */
  async #toFirst(seq) {
    if (this.room.log.from > seq) {
      await this.app.session.history.around(this.room.id, seq).catch(() => {})
      await this.updateComplete
    }
    const line = this.querySelector(".line")
    if (line) this.view.show(line)
  }

  #jumpButton() {
    const { log, summary } = this.room
    if (log.isEmpty || (log.attached && this.view.isFollowing)) return nothing
    const label = summary.unread ? tn(summary.unread, "{n} new", "{n} new") : ""
    return html`<button type="button" class="jump" @click=${() => this.toEnd()} aria-label=${`${t("To the newest message")} ${label}`}>
      ${icon("down", "small")}${label}
    </button>`
  }

  /** @param {Event} event */
  #pointed({ target }) {
    const row = target instanceof globalThis.Element ? target.closest(".message") : null
    const key = row?.getAttribute("data-key") ?? null
    if (key !== this.active) this.picking = false
    this.active = key
  }

  /** @param {import("../types.js").Message} message */
  #announce(message) {
    if (message.room !== this.room.id || message.uid === this.app.store.me.uid) return
    this.said = `${message.username}: ${message.message ?? ""}`
  }
}

/** Rows of one day stand together, so that its date sticks only to them. @param {Row[]} all */
function days(all) {
  /** @type {Row[][]} */
  const made = []
  for (const row of all) {
    if (row.type === "date") made.push([row])
    else made[made.length - 1].push(row)
  }
  return made
}

customElements.define("loop-timeline", Timeline)
export { Timeline }
