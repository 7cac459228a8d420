/** @file What I may do in a room, as the server decides it too. */

/** @typedef {import("../types.js").RoomSummary} RoomSummary */
/** @typedef {import("../types.js").Message} Message */

/** @param {RoomSummary} room */
const ranks = ({ role }) => role === "owner" || role === "moderator"

/** @param {RoomSummary} room */
const isShared = ({ kind }) => kind === "direct" || kind === "group"

/** @param {RoomSummary} room */
export const mayPin = room => !room.archived && (isShared(room) || ranks(room))

/** @param {RoomSummary} room @param {boolean} own */
export const mayDelete = (room, own) => !room.archived && (own || (!isShared(room) && ranks(room)))

/** Whether `@all` calls somebody. @param {RoomSummary} room */
export const mayCallAll = room => room.kind !== "direct" && (room.receipts || room.kind === "group" || ranks(room))
