/** @file What somebody said, in a list of a dialog: who, when, the text. */

import { html, nothing } from "../../vendor/lit.js"
import { clock, dayLabel, exact, iso } from "../model/dates.js"
import { hue } from "../model/names.js"
import { t } from "../i18n.js"
import { richText } from "./rich.js"
import { messageText } from "./text.js"

/** @typedef {import("../types.js").Message} Message */

/** @param {{message?: string, rich?: any[], deleted_ts?: number}} item @param {number} me */
export const text = ({ message, rich, deleted_ts }, me) => deleted_ts
  ? html`<span class="bubble__gone">${t("This message was deleted")}</span>`
  : rich
    ? html`<div class="bubble__text" data-rich dir="auto">${richText(rich, { me })}</div>`
    : html`<div class="bubble__text" dir="auto">${messageText(message ?? "")}</div>`

/** @param {number} ts */
export const when = ts => html`<time class="said__time" datetime=${iso(ts)} title=${exact(ts)}>${dayLabel(ts, t)}, ${clock(ts)}</time>`

/** @param {Message} item @param {number} me @param {unknown} [where] @param {unknown} [tools] @param {import("../store/people.js").People} [circle] */
export const said = (item, me, where = nothing, tools = nothing, circle = undefined) => html`<li class="said" data-hue=${hue(item.uid)}>
  <p class="said__head"><span class="said__name truncate">${circle?.isBlocked(item.uid) ? nothing : (circle?.name(item) ?? item.username)}</span>${where}${when(item.ts)}</p>
  <div class="said__text" tabindex="0">${circle?.isBlocked(item.uid) ? html`<details><summary>${t("Message of a blocked person")}</summary>${text(item, me)}</details>` : text(item, me)}</div>
  ${tools === nothing ? nothing : html`<p class="said__tools">${tools}</p>`}
</li>`
