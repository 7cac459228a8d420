/** @file What a room may call attention to: its level, and silence for a while. */

import { html } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { FOR_EVER, isMuted, muteEnd } from "../model/attention.js"
import { clock, dayLabel } from "../model/dates.js"
import { Element } from "./base.js"

/** @typedef {import("../types.js").Level} Level */

/** @type {() => [Level, string][]} */
const LEVELS = () => [["all", t("All")], ["mentions", t("Mentions")], ["nothing", t("Nothing")]]

/** @type {() => [import("../model/attention.js").Span, string][]} */
const SPANS = () => [["hours", t("1 hour")], ["long", t("8 hours")], ["tomorrow", t("Until tomorrow")], ["ever", t("Always")]]

class Notify extends Element {
  static properties = { room: { attribute: false } }

  constructor() {
    super()
    /** @type {import("../store/room.js").Room} */
    this.room = /** @type {any} */ (null)
  }

  render() {
    const { summary } = this.room
    const level = summary.level ?? "all"
    return html`<div class="notify" role="group" aria-label=${t("Notifications of this conversation")}>
      <p class="notify__title">${t("Notify me of")}</p>
      <div class="segments" role="radiogroup" aria-label=${t("Notify me of")}>
        ${LEVELS().map(([name, label]) => html`<button type="button" class="segments__item" role="radio"
          aria-checked=${name === level ? "true" : "false"} @click=${() => this.#set(name, summary.muted_until)}>${label}</button>`)}
      </div>
      ${isMuted(summary) ? this.#muted(summary.muted_until ?? 0, level) : this.#mute(level)}
    </div>`
  }

  /** @param {number} until @param {Level} level */
  #muted(until, level) {
    const when = until === FOR_EVER ? t("Muted for ever") : t("Muted until {day}, {time}", { day: dayLabel(until, t), time: clock(until) })
    return html`<p class="notify__title">${when}</p>
      <button type="button" class="button button--small" @click=${() => this.#set(level)}>${t("Unmute")}</button>`
  }

  /** @param {Level} level */
  #mute(level) {
    return html`<p class="notify__title">${t("Mute for")}</p>
      <p class="notify__spans">${SPANS().map(([span, label]) => html`<button type="button" class="button button--small"
        @click=${() => this.#set(level, muteEnd(span))}>${label}</button>`)}</p>`
  }

  /** @param {Level} level @param {number} [until] */
  #set(level, until) {
    return this.app.ask("notify", { room: this.room.id, level, muted_until: until })
  }
}

customElements.define("loop-notify", Notify)
