/** @file The round picture of a person and the rounded square of a room. */

import { html, nothing } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { hue, initials, personName } from "../model/names.js"
import { icon } from "./icons.js"

/** @typedef {import("../types.js").RoomSummary} RoomSummary */
/** @typedef {{uid: number, username: string, name?: string | null, avatar?: string}} Someone */

/** @param {string | undefined} state */
export const presenceDot = state => state === "online" || state === "away"
  ? html`<span class="presence" data-state=${state}><span class="sr-only">${state === "online" ? t("online") : t("away")}</span></span>`
  : nothing

/** @param {Someone} person @param {{state?: string, size?: "s" | "l" | "xl", guise?: import("../types.js").Guise}} [options] */
export const personAvatar = (person, { state, size, guise } = {}) => html`<span
  class="avatar" data-hue=${hue(person.uid)} data-size=${size ?? nothing}
>${guise?.emoji
    ? html`<span class="avatar__face" aria-hidden="true">${guise.emoji}</span>`
    : person.avatar
    ? html`<img class="avatar__face" src=${`/avatars/${person.avatar}-${size === "xl" || size === "l" ? 256 : 64}.webp`} alt="" loading="lazy" decoding="async">`
    : html`<span class="avatar__face" aria-hidden="true">${initials(guise?.name || personName(person))}</span>`}${presenceDot(state)}</span>`

/** @param {RoomSummary} room @param {{state?: string, size?: "s" | "l" | "xl"}} [options] */
export const roomAvatar = (room, { state, size } = {}) => {
  if (room.peer) return personAvatar(room.peer, { state, size })
  const name = room.kind === "group" ? "people" : room.kind === "private" ? "lock" : "hash"
  return html`<span class="avatar" data-shape="room" data-hue=${hue(room.room)} data-size=${size ?? nothing}
    ><span class="avatar__face">${icon(name)}</span></span>`
}

/** Who is no person with an account is marked. @param {{bot?: boolean, guest?: boolean} | undefined} face */
export const kindMark = face => face?.bot || face?.guest ? html` <span class="tag">${face.bot ? t("Bot") : t("Guest")}</span>` : nothing
