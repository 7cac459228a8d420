/** @file Everything that can be done with one message: six emoji and a list of commands. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { previewOf } from "../model/flat.js"
import { QUICK } from "./actions.js"
import { Element } from "./base.js"
import { icon } from "./icons.js"
import { choices } from "./message_choices.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {{x: number, y: number}} Point */

const EDGE_PX = 8

/** Event `chosen` with `{action, item, detail}`. */
class MessageMenu extends Element {
  static properties = { item: { state: true }, marks: { state: true } }

  /** @type {Point} */
  #at = { x: 0, y: 0 }
  /** @type {HTMLElement | null} */
  #before = null

  constructor() {
    super()
    /** @type {Room} */
    this.room = /** @type {any} */ (null)
    /** @type {Message | null} */
    this.item = null
    /** @type {import("./message_choices.js").Marks} */
    this.marks = { pinned: false, saved: false }
  }

  /** @param {Message} item @param {Point} at */
  async open(item, at) {
    this.#at = at
    this.#before = /** @type {HTMLElement | null} */ (document.activeElement)
    this.marks = await this.app.kept.of(item).catch(() => this.marks)
    this.item = item
    await this.updateComplete
    this.#menu?.showPopover()
    this.#place()
    const first = /** @type {HTMLElement | null | undefined} */ (this.#menu?.querySelector(".menu__item"))
    first?.focus()
  }

  render() {
    const { item, room, app, marks } = this
    if (!item) return nothing
    const { uid } = app.store.me
    return html`<div class="menu menu--message" popover role="menu" aria-label=${t("Message menu")}
        @toggle=${this.#toggled} @keydown=${this.#pressed} @contextmenu=${(/** @type {Event} */ event) => event.preventDefault()}>
      <p class="menu__said" dir="auto">${app.store.circle.isBlocked(item.uid) ? t("Message of a blocked person") : previewOf(item)}</p>
      ${room.summary.archived ? nothing : html`<div class="menu__quick">${QUICK.map(emoji => html`<button type="button" class="actions__emoji" role="menuitem"
          aria-label=${t("React with {emoji}", { emoji })} @click=${() => this.#choose("react", { emoji, on: !item.reactions?.[emoji]?.uids.includes(uid) })}>${emoji}</button>`)}
        <button type="button" class="actions__emoji" role="menuitem" aria-label=${t("More emoji")} @click=${() => this.#choose("emoji")}>${icon("plus", "small")}</button></div>`}
      ${choices({ ...item, username: app.store.circle.name(item) }, room.summary, item.uid === uid, marks).map(({ action, picture, label, detail, danger }) => html`<button type="button"
        class="menu__item" role="menuitem" data-danger=${danger || nothing} @click=${() => this.#choose(action, detail)}>${icon(picture, "small")}${label}</button>`)}
    </div>`
  }

  get #menu() {
    return /** @type {HTMLElement | null} */ (this.querySelector("[popover]"))
  }

  /** Beside the point, inside of the window. */
  #place() {
    const menu = this.#menu
    if (!menu) return
    const { width, height } = menu.getBoundingClientRect()
    const x = Math.max(EDGE_PX, Math.min(this.#at.x, innerWidth - width - EDGE_PX))
    const y = Math.max(EDGE_PX, Math.min(this.#at.y, innerHeight - height - EDGE_PX))
    menu.style.setProperty("--x", `${x}px`)
    menu.style.setProperty("--y", `${y}px`)
  }

  /** @param {string} action @param {unknown} [detail] */
  #choose(action, detail) {
    const { item } = this
    this.#menu?.hidePopover()
    this.tell("chosen", { action, item, detail })
  }

  /** @param {ToggleEvent} event */
  #toggled(event) {
    if (event.newState === "open") return
    this.item = null
    if (document.activeElement === document.body) this.#before?.focus()
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const onwards = document.documentElement.dir === "rtl" ? -1 : 1
    const by = { ArrowDown: 1, ArrowUp: -1, ArrowRight: onwards, ArrowLeft: -onwards }[event.key]
    if (event.key === "Tab") return this.#menu?.hidePopover()
    if (!by) return
    event.preventDefault()
    const all = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('[role="menuitem"]')])
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement))
    all[(at + by + all.length) % all.length]?.focus()
  }
}

customElements.define("loop-message-menu", MessageMenu)
export { MessageMenu }
