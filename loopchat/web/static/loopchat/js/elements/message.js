/** @file One message as a bubble: the only place that draws one, live, from history or pending. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { clock, exact, iso } from "../model/dates.js"
import { previewOf } from "../model/flat.js"
import { isLong } from "../model/grouping.js"
import { isEmojiOnly } from "../model/links.js"
import { hue, personName } from "../model/names.js"
import { actionBar } from "./actions.js"
import { kindMark, personAvatar } from "./avatar.js"
import { icon, tickIcon } from "./icons.js"
import { reactionBar } from "./reactions.js"
import { richText } from "./rich.js"
import { messageText } from "./text.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../model/grouping.js").MessageRow} MessageRow */
/** @typedef {import("../model/grouping.js").PendingRow} PendingRow */
/** @typedef {import("../model/ticks.js").Ticks} Ticks */

/**
 * @typedef {{
 *   me: import("../types.js").Me, room: Room, active: string | null, picking: boolean, flash: number | null,
 *   selecting: import("../store/selection.js").Selection | null, unfolded: Set<number>, circle: import("../store/people.js").People,
 *   act: (name: string, item: any, detail?: unknown) => void
 * }} Context
 */

const STATES = () => ({
  waiting: t("Waiting to be sent"),
  stored: t("Sent"),
  delivered: t("Delivered"),
  read: t("Read"),
  failed: t("Not sent"),
})

/** All that a message is drawn from: it is drawn again when one of these is another. @param {MessageRow} row @param {Context} context */
export function sourcesOf({ item, first, last, key }, context) {
  const { room, me, active, picking, flash, selecting, unfolded, circle } = context
  const own = item.uid === me.uid
  const quoted = item.reply_to && room.log.quoted(item.reply_to)
  const { uid: asker } = item.asked ?? {}
  return [item, first, last, room, active === key && (picking ? 2 : 1), flash === item.seq, selecting && (selecting.has(item.id) ? 2 : 1),
    unfolded.has(item.id), own && room.ticks(item.seq), quoted, quoted && circle.face(quoted.uid), quoted && circle.isBlocked(quoted.uid),
    circle.face(item.uid), circle.isBlocked(item.uid), isNamed(own, context), room.summary.archived,
    asker && circle.face(asker), circle.isBlocked(asker)]
}

/** @param {MessageRow} row @param {Context} context */
export function messageItem(row, context) {
  const { item, first, last, key } = row
  const own = item.uid === context.me.uid
  if (context.circle.isBlocked(item.uid) && !context.unfolded.has(item.id)) return foldedItem(row, context)
  const named = isNamed(own, context)
  const name = item.guise?.name || context.circle.name(item)
  const card = () => context.act("card", item)
  const state = own ? context.room.ticks(item.seq) : null
  const active = context.active === key && !item.deleted_ts && !context.selecting
  return html`<div class="message" id="m-${item.seq}" role="article" tabindex="-1" data-key=${key}
    data-own=${own || nothing} data-first=${first || nothing} data-last=${last || nothing}
    data-flash=${context.flash === item.seq || nothing} data-active=${active || nothing}
    aria-label=${label(own ? t("You") : name, item.ts)}>
    ${context.selecting && !item.deleted_ts ? check(item, context.selecting) : nothing}
    ${named ? html`<span class="message__face">${first ? html`<button type="button" tabindex="-1" aria-label=${t("Profile of {name}", { name })} @click=${card}>${personAvatar(context.circle.face(item.uid) ?? item, { size: "s", guise: item.guise })}</button>` : nothing}</span>` : nothing}
    <div class="bubble" data-hue=${hue(item.uid)} data-emoji=${isBig(item) || nothing}>
      ${named && first ? html`<button type="button" class="bubble__name" tabindex="-1" @click=${card}>${name}${mark(item, context)}</button>` : nothing}
      ${item.reply_to && !item.deleted_ts ? quote(item.reply_to, context) : nothing}
      ${item.asked && !item.deleted_ts ? asked(item.asked, context) : nothing}
      ${item.deleted_ts
        ? html`<span class="bubble__gone">${own ? t("You deleted this message") : t("This message was deleted")}</span>`
        : words(item, context)}
      ${meta(item.ts, state, item.edited_ts && !item.deleted_ts ? edited(item, context) : nothing, () => context.act("info", item))}
      ${active ? actionBar(item, context) : nothing}
    </div>
    ${item.reactions && !item.deleted_ts ? reactionBar(item, context) : nothing}
  </div>`
}

/** What somebody whom I block says is there, and is read only by who wants to. @param {MessageRow} row @param {Context} context */
const foldedItem = ({ item, first, last, key }, context) => html`<div class="message" id="m-${item.seq}" role="article" tabindex="-1" data-key=${key}
  data-first=${first || nothing} data-last=${last || nothing} aria-label=${label(t("Message of a blocked person"), item.ts)}>
  ${isNamed(false, context) ? html`<span class="message__face"></span>` : nothing}
  <div class="bubble"><span class="bubble__gone">${t("Message of a blocked person")}</span>
    <button type="button" class="bubble__more" @click=${() => context.act("unfold", item)}>${t("Show")}</button>
    ${meta(item.ts, null, nothing)}</div>
</div>`

/** @param {PendingRow} row @param {Context} context */
export function pendingItem(row, context) {
  const { item, first, last, key } = row
  const failed = item.state === "failed"
  const named = isNamed(true, context)
  const state = failed ? "failed" : item.state === "stored" ? "stored" : "waiting"
  return html`<div class="message" role="article" tabindex="-1" data-key=${key} data-own data-state=${item.state}
    data-first=${first || nothing} data-last=${last || nothing} aria-label=${label(t("You"), item.ts)}>
    ${named ? html`<span class="message__face">${first ? personAvatar(context.me, { size: "s" }) : nothing}</span>` : nothing}
    <div class="bubble" data-hue=${named ? hue(item.uid) : nothing} data-emoji=${isBig(item) || nothing}>
      ${named && first ? html`<span class="bubble__name">${personName(context.me)}</span>` : nothing}
      ${item.reply_to ? quote(item.reply_to, context) : nothing}
      <span class="bubble__text" dir="auto">${messageText(item.message)}</span>
      ${meta(item.ts, state, nothing)}
    </div>
    ${failed ? failure(item, context) : nothing}
  </div>`
}

/** A long text shows its beginning only, until somebody wants all of it. @param {import("../types.js").Message} item @param {Context} context */
function words(item, context) {
  const folded = isLong(item.message ?? "") && !context.unfolded.has(item.id)
  const unfold = folded ? () => context.act("unfold", item) : nothing
  return html`${item.rich
    ? html`<div class="bubble__text" data-rich data-folded=${folded || nothing} dir="auto" @focusin=${unfold}>${richText(item.rich, { me: context.me.uid, open: person => context.act("card", person) })}</div>`
    : html`<span class="bubble__text" data-folded=${folded || nothing} dir="auto">${messageText(item.message ?? "")}</span>`}
    ${folded ? html`<button type="button" class="bubble__more" @click=${unfold}>${t("Show more")}</button>` : nothing}`
}

/** Bubbles of mine and of the one other stand where they stand; lines of the compact density do not. @param {boolean} own @param {Context} context */
const isNamed = (own, { room }) => document.documentElement.dataset.density === "compact" || (!own && room.summary.kind !== "direct")

/** A click anywhere on the message is taken by the timeline. @param {import("../types.js").Message} item @param {import("../store/selection.js").Selection} selection */
const check = (item, selection) => html`<button type="button" class="message__check" role="checkbox"
  aria-checked=${selection.has(item.id) ? "true" : "false"} aria-label=${t("Select")}>${icon("check", "small")}</button>`

/** @param {import("../types.js").Message} item @param {Context} context */
const edited = (item, context) => html`<button type="button" class="bubble__edited" tabindex="-1" title=${t("Earlier versions")}
  @click=${() => context.act("revisions", item)}>${t("edited")}</button>`

/** Whatever name a program gives itself: that it is one is always said. @param {import("../types.js").Message} item @param {Context} context */
const mark = (item, context) => kindMark(item.guise ? { bot: true } : context.circle.face(item.uid))

/** Why a bot speaks: somebody gave it a command. @param {{uid: number, command: string}} asked @param {Context} context */
function asked({ uid, command }, { me, circle }) {
  const name = circle.isBlocked(uid) ? "" : circle.name({ uid, username: "" }) // empty until it is known
  const given = { name, command: `/${command}` }
  if (uid === me.uid) return html`<span class="bubble__asked">${t("You used {command}", given)}</span>`
  return name ? html`<span class="bubble__asked">${t("{name} used {command}", given)}</span>` : nothing
}

/** @param {string} name @param {number} ts */
const label = (name, ts) => `${name}, ${clock(ts)}`

/** @param {{message?: string, reply_to?: number}} item */
const isBig = item => !item.reply_to && isEmojiOnly(item.message ?? "")

/** @param {number} ts @param {Ticks | null} state @param {unknown} before @param {() => void} [info] a click on the ticks */
const meta = (ts, state, before, info) => html`<span class="bubble__meta">
  ${before}
  <time datetime=${iso(ts)} title=${exact(ts)}>${clock(ts)}</time>
  ${state && info
    ? html`<button type="button" class="ticks__button" tabindex="-1" title=${t("Message info")} @click=${info}>${tickIcon(state, STATES()[state])}</button>`
    : state ? tickIcon(state, STATES()[state]) : nothing}
</span>`

/** @param {number} id @param {Context} context */
function quote(id, context) {
  const quoted = context.room.log.quoted(id)
  const isHidden = context.circle.isBlocked(quoted?.uid)
  const name = quoted?.uid === context.me.uid ? t("You") : quoted && !isHidden ? quoted.guise?.name || context.circle.name(quoted) : ""
  const text = !quoted ? t("Message not available") : isHidden ? t("Message of a blocked person") : quoted.deleted_ts ? t("This message was deleted") : previewOf(quoted)
  return html`<button type="button" class="quote" data-hue=${hue(quoted?.uid ?? 0)}
    @click=${() => quoted && context.act("jump", quoted)}>
    <span class="quote__name">${name}${quoted && !isHidden ? mark(quoted, context) : nothing}</span><span class="quote__text" dir="auto">${text}</span>
  </button>`
}

/** @param {import("../types.js").Pending} item @param {Context} context */
const failure = (item, context) => html`<div class="failure" role="alert">
  <span class="failure__text">${t("Not sent: {why}", { why: item.error ?? "" })}</span>
  <button type="button" class="failure__button" @click=${() => context.act("again", item)}>${t("Try again")}</button>
  <button type="button" class="failure__button" @click=${() => context.act("discard", item)}>${t("Discard")}</button>
</div>`
