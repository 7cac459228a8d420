/** @file What is done most with a message: shown beside it on hover, tap or keyboard focus. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { icon } from "./icons.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("./message.js").Context} Context */
/** @typedef {import("./icons.js").IconName} IconName */

export const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"]

/** @param {Message} item @param {Context} context */
export const actionBar = (item, context) => html`<div class="actions" role="toolbar" aria-label=${t("Message actions")}>
  ${context.picking ? quick(item, context) : buttons(item, context)}
</div>`

/** @param {Message} item @param {Context} context */
const quick = (item, context) => html`${QUICK.map(emoji => html`<button type="button" class="actions__emoji"
  aria-label=${t("React with {emoji}", { emoji })}
  @click=${() => context.act("react", item, { emoji, on: !item.reactions?.[emoji]?.uids.includes(context.me.uid) })}
>${emoji}</button>`)}${button(item, context, "emoji", "plus", t("More emoji"))}`

/** @param {Message} item @param {Context} context */
const buttons = (item, context) => html`
  ${context.room.summary.archived ? nothing : html`${button(item, context, "pick", "smile", t("React"))}${button(item, context, "reply", "reply", t("Reply"))}`}
  ${button(item, context, "menu", "more", t("More"))}`

/** @param {Message} item @param {Context} context @param {string} name @param {IconName} picture @param {string} label */
const button = (item, context, name, picture, label) => html`<button type="button" class="actions__button" title=${label}
  aria-label=${label} aria-haspopup=${name === "menu" ? "menu" : nothing}
  @click=${(/** @type {MouseEvent} */ event) => context.act(name, item, below(event))}>${icon(picture, "small")}</button>`

/** Where a menu belongs that a button opens. @param {MouseEvent} event */
function below({ currentTarget }) {
  const { left, bottom } = /** @type {Element} */ (currentTarget).getBoundingClientRect()
  return { x: left, y: bottom + 4 }
}
