/** @file Fingers and clicks on messages: a long press opens the menu, a click marks while marking. */

import { t } from "../i18n.js"
import { bring } from "../parts.js"
import { LongPress } from "./long_press.js"
import { act } from "./message_actions.js"

/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../model/scroller.js").Anchor["row"]} Row */

export class Hands {
  #press = new LongPress((target, at) => this.#held(target, at))

  /** @param {Timeline} host */
  constructor(host) {
    this.host = host
  }

  /** The message that is drawn there. @param {Row | null} element */
  messageOf(element) {
    const row = element?.closest(".message")
    const item = this.host.room.log.items().find(one => `m-${one.seq}` === row?.id)
    return item?.type === "chat_message" && !item.deleted_ts ? item : null
  }

  /** @param {Message} item @param {{x: number, y: number}} at */
  async openMenu(item, at) {
    await bring("menu").catch(() => this.host.app.toast(t("This cannot be loaded now.")))
    this.host.requestUpdate()
    await this.host.updateComplete
    const menu = /** @type {import("./message_menu.js").MessageMenu | null} */ (this.host.querySelector("loop-message-menu"))
    menu?.open(item, at)
  }

  /** Something was chosen in the menu. @param {CustomEvent} event */
  chosen({ detail: { action, item, detail } }) {
    act(this.host, action, item, detail)
  }

  /** @param {Row} target @param {{x: number, y: number}} at */
  #held(target, at) {
    const item = this.messageOf(target)
    if (item) this.openMenu(item, at)
  }

  /** Every event of a pointer in the timeline. @param {Event} event */
  handleEvent(event) {
    const pointer = /** @type {PointerEvent} */ (event)
    if (event.type === "pointerdown") this.#press.down(pointer)
    else if (event.type === "pointermove") this.#press.move(pointer)
    else if (event.type === "contextmenu") this.#press.context(event)
    else if (event.type === "click") this.#clicked(event)
    else this.#press.stop()
  }

  /** @param {Event} event */
  #clicked(event) {
    const { app, room } = this.host
    if (this.#press.ends(event) || !app.selection.isIn(room.id)) return
    const item = this.messageOf(/** @type {Row} */ (event.target))
    event.preventDefault()
    event.stopPropagation()
    if (item) app.selection.toggle(item)
  }
}
