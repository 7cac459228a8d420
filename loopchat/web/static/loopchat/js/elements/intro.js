/** @file What stands above the first message, and what stands there while messages load. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { roomAvatar } from "./avatar.js"
import { roomName } from "./summary.js"

/** @typedef {import("../store/room.js").Room} Room */
/** @typedef {import("../app.js").App} App */

const ABOUT = () => ({
  public: t("This is the beginning of the room. Everybody here may find it and join."),
  private: t("This is the beginning of the room. Only people who were invited see it."),
  group: t("This is the beginning of your group."),
  direct: t("Only the two of you see what you write here. Say hello!"),
})

/** @param {Room} room @param {App} app */
export const intro = (room, app) => html`<div class="intro">
  ${roomAvatar(room.summary, { size: "xl", state: app.store.people.get(room.summary.peer?.uid ?? 0)?.state })}
  <p class="intro__name" dir="auto">${roomName(room.summary)}</p>
  ${room.summary.topic ? html`<p class="intro__topic" dir="auto">${room.summary.topic}</p>` : nothing}
  <p class="intro__text">${room.summary.notes ? t("Only you see what you write here: lists, links, drafts.") : ABOUT()[room.summary.kind]}</p>
</div>`

const WIDTHS = ["m", "l", "s", "l", "m", "s", "m"]

/** Quiet shapes of bubbles; they appear only when loading takes longer than a blink. */
export const skeleton = () => html`<div class="skeleton" aria-hidden="true">
  ${WIDTHS.map((width, at) => html`<span class="skeleton__bubble" data-width=${width} data-own=${at % 3 === 1 || nothing}></span>`)}
</div>`
