/** @file A message of somebody as a quote in a message of mine, and the links to messages. */

import { roomPath } from "./names.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").RoomSummary} RoomSummary */

const MESSAGE_MAX = 8000

/** The quote names who said it, and calls nobody. @param {Message} item @param {string} [name] what the author is called here */
export function forwarded({ username, message }, name = username) {
  const lines = `**${name}:**\n${silent(message ?? "")}`.split("\n").map(line => (line ? `> ${line}` : ">"))
  const text = lines.join("\n")
  return [...text].length <= MESSAGE_MAX ? text : `${[...text].slice(0, MESSAGE_MAX - 1).join("")}…`
}

/** An `@name` becomes a name: who was called there is not called here. @param {string} text */
const silent = text => text.replace(/(^|[^\p{L}\p{M}\p{N}])@(?=[\p{L}\p{N}])/gu, "$1@\u2060")

/** Several messages as text: who said what. @param {Message[]} items @param {(item: Message) => string} nameOf */
export const transcript = (items, nameOf) => items.length === 1
  ? (items[0].message ?? "")
  : items.map(item => `${nameOf(item)}: ${item.message ?? ""}`).join("\n")

/** The path of a message, the same for everybody who may read it. @param {RoomSummary} room @param {number} seq */
export const messagePath = (room, seq) => `${room.kind === "direct" ? `/room/${Number(room.room)}/` : roomPath(room)}?at=${Number(seq)}`
