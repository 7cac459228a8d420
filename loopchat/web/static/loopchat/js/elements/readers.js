/** @file Who has received a message of mine and who has read it, and when. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { clock, dayLabel, exact } from "../model/dates.js"
import { personAvatar } from "./avatar.js"
import { Dialog } from "./dialog.js"
import { tickIcon } from "./icons.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Member} Member */
/** @typedef {{uid: number, ts?: number}} Reader */

class Readers extends Dialog {
  static properties = { item: { attribute: false }, found: { state: true } }

  /** Where the cursors of the others were when this was looked up. */
  #readAt = ""
  /** @type {Map<number, Member>} */
  #members = new Map()

  constructor() {
    super()
    /** @type {Message} */
    this.item = /** @type {any} */ (null)
    /** @type {{read: Reader[], delivered: Reader[], waiting: Reader[]} | null} */
    this.found = null
  }

  willUpdate() {
    const room = this.app.store.room(this.item.room)
    const stamp = JSON.stringify([...(room?.cursors ?? [])])
    if (stamp === this.#readAt) return
    this.#readAt = stamp
    this.#look()
  }

  async #look() {
    const { room, id, uid } = this.item
    const known = this.app.store.room(room)
    const [answer, people] = await Promise.all([
      this.app.socket.ask("readers", { room, id }).catch(() => null),
      known ? this.app.session.members.of(known).catch(() => null) : null,
    ])
    if (people) this.#members = new Map(people.map(one => [one.uid, one]))
    if (!answer) return
    const read = new Set(answer.read_by.map((/** @type {Reader} */ one) => one.uid))
    const got = new Set(answer.delivered_to)
    const everybody = [...this.#members.values()].filter(one => !one.bot).map(one => one.uid)
    const others = everybody.filter(one => one !== uid && !read.has(one))
    const sides = { delivered: others.filter(one => got.has(one)), waiting: others.filter(one => !got.has(one)) }
    const bare = (/** @type {number[]} */ ids) => ids.map(one => ({ uid: one }))
    this.found = { read: answer.read_by, delivered: bare(sides.delivered), waiting: bare(sides.waiting) }
  }

  render() {
    return this.frame(t("Message info"), html`
      <p class="readers__text" dir="auto">${this.item.message}</p>
      <p class="muted">${t("Sent {when}", { when: exact(this.item.ts) })}</p>
      ${this.#lists()}`)
  }

  #lists() {
    const { store } = this.app
    if (!store.preferences.receipts) return html`<p class="notice">${t("You have switched receipts off, so you do not see those of others.")}</p>`
    if (!store.room(this.item.room)?.summary.receipts) return html`<p class="notice">${t("This room is too large for receipts.")}</p>`
    if (!this.found) return nothing
    const { read, delivered, waiting } = this.found
    return html`
      ${this.#list(t("Read by"), read, "read")}
      ${this.#list(t("Delivered to"), delivered, "delivered")}
      ${this.#list(t("Not delivered yet"), waiting, "stored")}`
  }

  /** @param {string} title @param {Reader[]} people @param {import("../model/ticks.js").Ticks} ticks */
  #list(title, people, ticks) {
    if (people.length === 0) return nothing
    return html`<section tabindex="0" aria-label=${title}>
      <h3 class="readers__title">${tickIcon(ticks, "")}${title}</h3>
      <ul>${people.map(({ uid, ts }) => {
        const member = this.#members.get(uid)
        return html`<li class="member">
          ${member ? personAvatar({ ...member, ...this.app.store.circle.face(uid) }, { size: "s" }) : nothing}
          <span class="member__names"><span class="member__name truncate" dir="auto">${this.app.store.circle.name(member ?? { uid, username: t("Somebody who left") })}</span></span>
          ${ts ? html`<time class="muted" title=${exact(ts)}>${dayLabel(ts, t)}, ${clock(ts)}</time>` : nothing}
        </li>`
      })}</ul>
    </section>`
  }
}

customElements.define("loop-readers", Readers)
