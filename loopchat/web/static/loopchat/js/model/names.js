/** @file How people and rooms are named, and the hue that each person keeps. */

import { t } from "../i18n.js"

/** @typedef {import("../types.js").RoomSummary} RoomSummary */

/** What somebody is called here. Who has gone has no name any more. @param {{username: string, name?: string | null, deleted?: boolean}} person */
export const personName = person => person.deleted ? t("Deleted account") : person.name || person.username

/** "@ann" beside the name that somebody shows; nothing of who has gone. @param {{username: string, deleted?: boolean}} person */
export const atName = ({ username, deleted }) => deleted ? "" : `@${username}`

const HUES = 8

/** @param {number} id */
export const hue = id => ((id % HUES) + HUES) % HUES

const graphemes = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null

/** @param {string} word */
function firstLetter(word) {
  if (!graphemes) return [...word][0] ?? ""
  for (const { segment } of graphemes.segment(word)) return segment
  return ""
}

/** @type {Map<string, string>} */
const known = new Map()

/** One or two letters for an avatar. @param {string} name */
export function initials(name) {
  if (known.size > 500) known.clear()
  const found = known.get(name) ?? shortened(name)
  known.set(name, found)
  return found
}

/** @param {string} name */
function shortened(name) {
  const words = name.split(/[\s._-]+/u).filter(word => /[\p{L}\p{N}]/u.test(word))
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words.slice(0, 1)
  return letters.map(word => firstLetter(word).toLocaleUpperCase()).join("") || "?"
}

/** The address of a room's page. @param {RoomSummary} room */
export function roomPath(room) {
  if (room.kind === "direct" && room.peer) {
    return `/chat/user/${encodeURIComponent(room.peer.username)}/`
  }
  if (room.slug) return `/chat/room/${encodeURIComponent(room.slug)}/`
  return `/chat/group/${Number(room.room)}/`
}
