/** @file The emoji under a message, with their counts; a click adds mine or takes it away. */

import { html, nothing } from "../../vendor/lit.js"
import { number, t } from "../i18n.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("./message.js").Context} Context */

/** @param {Message} item @param {Context} context */
export function reactionBar(item, context) {
  const counts = Object.entries(item.reactions ?? {})
  if (counts.length === 0) return nothing
  return html`<div class="reactions">${counts.map(([emoji, { n, uids }]) => {
    const mine = uids.includes(context.me.uid)
    return html`<button type="button" class="reaction" aria-pressed=${mine ? "true" : "false"}
      aria-label=${t("{emoji}, {n}", { emoji, n })}
      @click=${() => context.act("react", item, { emoji, on: !mine })}
    >${emoji}<span class="reaction__n">${n > 1 ? number(n) : nothing}</span></button>`
  })}</div>`
}
