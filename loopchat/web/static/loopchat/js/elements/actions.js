/** @file What can be done with a message: shown beside it on hover, tap or keyboard focus. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { icon } from "./icons.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("./message.js").Context} Context */
/** @typedef {import("./icons.js").IconName} IconName */

export const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"]

/** @param {Message} item @param {boolean} own @param {Context} context */
export const actionBar = (item, own, context) => html`<div class="actions" role="toolbar" aria-label=${t("Message actions")}>
  ${context.picking ? quick(item, context) : buttons(item, own, context)}
</div>`

/** @param {Message} item @param {Context} context */
const quick = (item, context) => QUICK.map(emoji => html`<button type="button" class="actions__emoji"
  aria-label=${t("React with {emoji}", { emoji })}
  @click=${() => context.act("react", item, { emoji, on: !item.reactions?.[emoji]?.uids.includes(context.me) })}
>${emoji}</button>`)

/** @param {Message} item @param {boolean} own @param {Context} context */
function buttons(item, own, context) {
  const { role, kind, archived } = context.room.summary
  const moderates = kind !== "direct" && (role === "owner" || role === "moderator")
  /** @param {string} name @param {IconName} picture @param {string} label */
  const button = (name, picture, label) => html`<button type="button" class="actions__button" title=${label}
    aria-label=${label} @click=${() => context.act(name, item)}>${icon(picture, "small")}</button>`
  return html`
    ${archived ? nothing : button("pick", "smile", t("React"))}
    ${archived ? nothing : button("reply", "reply", t("Reply"))}
    ${button("copy", "copy", t("Copy text"))}
    ${button("unread", "mark", t("Mark as unread from here"))}
    ${own ? button("info", "info", t("Message info")) : nothing}
    ${own && !archived ? button("edit", "edit", t("Edit")) : nothing}
    ${(own || moderates) && !archived ? button("delete", "trash", t("Delete")) : nothing}`
}
