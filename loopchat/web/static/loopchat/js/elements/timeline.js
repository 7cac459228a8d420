/** @file The messages of a room: a window over its log that follows the end and never jumps. */

import { guard, html, keyed, nothing, repeat } from "../../vendor/lit.js"
import { t, tn } from "../i18n.js"
import { dayLabel } from "../model/dates.js"
import { previewOf } from "../model/flat.js"
import { days, rows } from "../model/grouping.js"
import { isHere } from "../parts.js"
import { Element } from "./base.js"
import { Hands } from "./hands.js"
import { icon } from "./icons.js"
import { intro, skeleton } from "./intro.js"
import { jump, land, toFirst } from "./landing.js"
import { act } from "./message_actions.js"
import { pressed } from "./message_keys.js"
import { messageItem, pendingItem, sourcesOf } from "./message.js"
import { noteText } from "./notes.js"
import { Viewport } from "./viewport.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../model/grouping.js").Row} Row */

const SAID_MAX = 20

class Timeline extends Element {
  static properties = {
    room: { attribute: false },
    active: { state: true },
    picking: { state: true },
    flash: { state: true },
    said: { state: true },
  }

  view = new Viewport(this)
  hands = new Hands(this)
  #act = act.bind(null, this)
  #askForDate = () => this.app.open({ name: "date", room: this.room })
  #capture = { handleEvent: (/** @type {Event} */ event) => this.hands.handleEvent(event), capture: true }
  #arrived = (/** @type {Event} */ event) => this.#announce(/** @type {CustomEvent} */ (event).detail)

  constructor() {
    super()
    /** @type {Room} */
    this.room = /** @type {any} */ (null)
    /** @type {string | null} */
    this.active = null
    this.picking = false
    /** The seq of the message that was looked for. @type {number | null} */
    this.flash = null
    /** What a screen reader is told, the last of it. @type {{seq: number, text: string}[]} */
    this.said = []
    /** Long messages that are shown in full, by id. @type {Set<number>} */
    this.unfolded = new Set()
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

  /** Brings a message into view and marks it. @param {{seq: number}} message */
  jump({ seq }) {
    return jump(this, seq)
  }

  /** Shows all of a long message; what is above it stays where it is. @param {{id: number, seq: number}} message */
  async unfold({ id, seq }) {
    this.unfolded.add(id)
    this.view.hold()
    this.requestUpdate()
    await this.updateComplete
    const row = /** @type {HTMLElement | null} */ (this.querySelector(`#m-${Number(seq)}`))
    if (!row?.contains(document.activeElement)) row?.focus({ preventScroll: true })
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("room")) {
      this.active = this.flash = null
      this.said = []
      this.unfolded.clear()
    }
    if (this.app.landing) this.updateComplete.then(() => land(this))
    const { room } = this
    if (room.summary.unread > 0 && !room.line && !document.hasFocus()) room.drawLine()
  }

  render() {
    const { room } = this
    const { log } = room
    const { deletions, selection, outbox } = this.app
    const line = room.line && room.line.at >= log.from ? room.line : null
    const pending = log.attached || log.isEmpty ? outbox.of(room.id).filter(entry => !this.#isLogged(entry)) : []
    const selecting = selection.isIn(room.id) ? selection : null
    const { active, picking, flash, unfolded } = this
    const { me, circle } = this.app.store
    const context = { me, circle, room, active, picking, flash, selecting, unfolded, act: this.#act }
    const all = rows(log.items().filter(item => isShown(item, room, deletions)), pending, { lineAt: line?.at, unread: line?.n })
    return keyed(room.id, html`
      <div class="timeline__box" tabindex="0" role="region" aria-label=${t("Messages")} @scroll=${() => this.view.scrolled()}
        @pointerover=${this.#pointed} @pointerleave=${() => (this.active = null)} @focusin=${this.#pointed}
        @keydown=${(/** @type {KeyboardEvent} */ event) => pressed(this, event)}
        @click=${this.#capture} @pointerdown=${this.hands} @pointermove=${this.hands} @pointerup=${this.hands}
        @pointercancel=${this.hands} @contextmenu=${this.hands}>
        <div class="timeline__rows" role="log" aria-live="off" data-selecting=${Boolean(selecting) || nothing} aria-busy=${log.isEmpty && !log.complete}>
          ${log.isEmpty && !log.complete ? skeleton() : nothing}
          ${log.complete ? intro(room, this.app) : nothing}
          ${repeat(days(all), day => day[0].key, day => html`<div class="timeline__day">
            ${repeat(day, row => row.key, row => this.#row(row, context))}
          </div>`)}
        </div>
      </div>
      ${this.#firstButton()}
      ${this.#jumpButton()}
      ${isHere("menu") ? html`<loop-message-menu .app=${this.app} .room=${room} @chosen=${(/** @type {CustomEvent} */ event) => this.hands.chosen(event)}></loop-message-menu>` : nothing}
      <div class="sr-only" aria-live="polite">${repeat(this.said, one => one.seq, one => html`<p>${one.text}</p>`)}</div>`)
  }

  /** @param {Row} row @param {import("./message.js").Context} context */
  #row(row, context) {
    if (row.type === "date") return html`<p class="date"><button type="button" class="date__chip" tabindex="-1" title=${t("Go to a date")} @click=${this.#askForDate}>${dayLabel(row.ts, t)}</button></p>`
    if (row.type === "line") return html`<p class="line"><span class="line__text">${row.n ? tn(row.n, "{n} new message", "{n} new messages") : t("New messages")}</span></p>`
    if (row.type === "note") return html`<p class="note"><span class="note__chip">${noteText(row.items, this.app.store.me.uid, one => this.app.store.circle.name(one), Boolean(this.room.summary.peer))}</span></p>`
    return row.type === "message" ? guard(sourcesOf(row, context), () => messageItem(row, context)) : pendingItem(row, context)
  }

  /** @param {import("../types.js").Pending} entry */
  #isLogged(entry) {
    return this.room.log.hasCid(entry.uid, entry.cid)
  }

  /** Above what is on the screen, there are messages that were never seen. */
  #firstButton() {
    const { line } = this.room
    if (!line?.n || !this.view.isLineAbove) return nothing
    return html`<button type="button" class="jump jump--first" @click=${() => toFirst(this, line.at)}>
      ${icon("up", "small")}${tn(line.n, "{n} new message", "{n} new messages")}
    </button>`
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
    if (message.room !== this.room.id || message.uid === this.app.store.me.uid || !document.hasFocus()) return
    const { circle } = this.app.store
    const text = circle.isBlocked(message.uid) ? t("Message of a blocked person") : `${circle.name(message)}: ${previewOf(message) ?? ""}`
    this.said = [...this.said, { seq: message.seq, text }].slice(-SAID_MAX)
  }
}

/** In a conversation of two nobody comes or goes. @param {import("../types.js").Item} item @param {Room} room @param {import("../store/deletions.js").Deletions} deletions */
const isShown = (item, { summary }, deletions) =>
  item.type === "chat_message" ? !deletions.has(item.id) : item.type !== "membership" || summary.kind !== "direct"

customElements.define("loop-timeline", Timeline)
export { Timeline }
