/** @file The messages of a room: a window over its log that follows the end and never jumps. */

import { html, keyed, nothing, repeat } from "../../vendor/lit.js"
import { t, tn } from "../i18n.js"
import { dayLabel } from "../model/dates.js"
import { rows } from "../model/grouping.js"
import { Scroller } from "../model/scroller.js"
import { HELD_MAX } from "../store/log.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import { intro, skeleton } from "./intro.js"
import { act } from "./message_actions.js"
import { messageItem, pendingItem } from "./message.js"
import { noteText } from "./notes.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../model/grouping.js").Row} Row */

const NEAR_EDGE_PX = 900
/** Items that may come in before the farthest ones are let go. */
const SLACK = 60

class Timeline extends Element {
  static properties = {
    room: { attribute: false },
    active: { state: true },
    picking: { state: true },
    flash: { state: true },
    said: { state: true },
  }

  /** @type {Scroller | null} */
  #scroller = null
  /** @type {Room | null} */
  #placed = null
  /** @type {import("../model/scroller.js").Anchor | null} */
  #anchor = null
  #resized = new ResizeObserver(() => this.#settle())
  #focused = () => this.#seen()
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
    addEventListener("focus", this.#focused)
    this.app.store.addEventListener("message", this.#arrived)
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    removeEventListener("focus", this.#focused)
    this.app.store.removeEventListener("message", this.#arrived)
    this.#resized.disconnect()
  }

  /** My own message goes out: the end comes into view, the line has done its work. */
  sent() {
    this.room.line = null
    if (this.room.log.attached) this.#scroller?.toEnd()
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
    this.#scroller?.toEnd()
  }

  /** Brings a message into view and marks it. @param {{id: number, seq: number}} message */
  async jump({ id, seq }) {
    if (!this.room.log.message(id)) {
      await this.app.session.history.around(this.room.id, seq).catch(() => {})
      await this.updateComplete
    }
    const row = this.querySelector(`#m-${seq}`)
    if (!row) return
    this.#scroller?.show(row)
    this.flash = null
    await this.updateComplete
    this.flash = id
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("room")) this.active = this.flash = null
    const { room } = this
    if (room.summary.unread > 0 && !room.line && !document.hasFocus()) room.drawLine()
    this.#anchor = this.#scroller && !this.#scroller.following ? this.#scroller.anchor() : null
  }

  render() {
    const { room } = this
    const { log } = room
    const pending = log.attached || log.isEmpty ? this.app.outbox.of(room.id).filter(entry => !this.#isLogged(entry)) : []
    const all = rows(log.items(), pending, { lineAt: room.line?.at, unread: room.line?.n })
    return keyed(room.id, html`
      <div class="timeline__box" tabindex="0" role="region" aria-label=${t("Messages")} @scroll=${this.#scrolled}
        @pointerover=${this.#pointed} @pointerleave=${() => (this.active = null)} @focusin=${this.#pointed}>
        <div class="timeline__rows" role="log" aria-live="off" aria-busy=${log.isEmpty && !log.complete}>
          ${log.isEmpty && !log.complete ? skeleton() : nothing}
          ${log.complete ? intro(room, this.app) : nothing}
          ${repeat(days(all), day => day[0].key, day => html`<div class="timeline__day">
            ${repeat(day, row => row.key, row => this.#row(row))}
          </div>`)}
        </div>
      </div>
      ${this.#jumpButton()}
      <p class="sr-only" role="status">${this.said}</p>`)
  }

  updated() {
    const box = /** @type {HTMLElement} */ (this.querySelector(".timeline__box"))
    if (this.#scroller?.box !== box) {
      this.#scroller = new Scroller(box)
      this.#resized.disconnect()
      this.#resized.observe(box)
      this.#resized.observe(/** @type {Element} */ (box.firstElementChild))
      this.#placed = null
    }
    if (this.#placed !== this.room && !this.room.log.isEmpty) this.#place()
    else this.#settle()
  }

  /** The first look at a room: the first unread message, or the end. */
  #place() {
    this.#placed = this.room
    const line = this.querySelector(".line")
    if (line) this.#scroller?.show(line)
    else this.#scroller?.toEnd()
    this.#seen()
  }

  #settle() {
    if (this.#scroller?.following) this.#scroller.toEnd()
    else this.#scroller?.restore(this.#anchor)
    this.#anchor = null
    const { log } = this.room
    if (log.size > HELD_MAX + SLACK && log.trim(this.#scroller?.following ? "start" : "end")) this.requestUpdate()
    this.#seen()
  }

  #scrolled() {
    const scroller = this.#scroller
    if (!scroller) return
    const followed = scroller.following
    scroller.moved()
    if (followed !== scroller.following) this.requestUpdate()
    this.#seen()
    const { history } = this.app.session
    if (scroller.box.scrollTop < NEAR_EDGE_PX) history.older(this.room.id).catch(() => {})
    else if (scroller.below < NEAR_EDGE_PX) history.newer(this.room.id).catch(() => {})
  }

  /** What is visible in a focused window counts as read. */
  #seen() {
    const { room } = this
    if (!document.hasFocus() || room.log.isEmpty || this.#placed !== room) return
    const atEnd = room.log.attached && (this.#scroller?.below ?? 0) < 4
    const seq = atEnd ? room.log.to : Number(this.#scroller?.lastVisible()?.id.slice(2) ?? 0)
    if (seq) this.app.session.cursors.read(room.id, seq)
  }

  /** @param {Row} row */
  #row(row) {
    if (row.type === "date") return html`<p class="date"><span class="date__chip">${dayLabel(row.ts, t)}</span></p>`
    if (row.type === "line") return html`<p class="line"><span class="line__text">${tn(row.n, "{n} new message", "{n} new messages")}</span></p>`
    if (row.type === "note") return html`<p class="note"><span class="note__chip">${noteText(row.item, this.app.store.me.uid)}</span></p>`
    const { room, active, picking, flash } = this
    const context = { me: this.app.store.me.uid, room, active, picking, flash, act: act.bind(null, this) }
    return row.type === "message" ? messageItem(row, context) : pendingItem(row, context)
  }

  /** @param {import("../types.js").Pending} entry */
  #isLogged(entry) {
    return this.room.log.hasCid(entry.uid, entry.cid)
  }

  #jumpButton() {
    const { log, summary } = this.room
    if (log.isEmpty || (log.attached && this.#scroller?.following !== false)) return nothing
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
