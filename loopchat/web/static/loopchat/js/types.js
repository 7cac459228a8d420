/**
 * @file The shapes that travel: those of the wire as the protocol names them, and those of this
 * client. Only types; nothing runs here.
 *
 * @typedef {{avatar?: string, status?: Status, dnd_until_ts?: number, bot?: boolean, guest?: boolean, deleted?: boolean}} Look  What people show of themselves.
 * @typedef {{emoji: string, text: string, until_ts?: number}} Status
 * @typedef {Look & {uid: number, username: string, name?: string, is_owner?: boolean, is_guest?: boolean, may_invite?: boolean}} Me
 * @typedef {Look & {uid: number, username: string, name?: string}} Face  How somebody looks, as far as it is known.
 * @typedef {{uid: number, username: string, name?: string, friend: boolean, request?: "in" | "out", note?: string, blocked?: boolean}} Contact
 * @typedef {{last_seen: string, online: string, receipts: string, write: string}} Privacy
 * @typedef {{uid: number, username: string, name?: string, avatar?: string, bot?: boolean, deleted?: boolean}} Peer
 * @typedef {Face & {state: "online" | "away" | "offline", last_seen_ts?: number}} Person
 * @typedef {Face & {role: string, state: Person["state"]}} Member
 * @typedef {{uid: number, read: number, delivered: number}} MemberCursor
 * @typedef {{id: number, seq: number, uid: number, username: string, ts: number, message?: string, deleted_ts?: number}} LastMessage
 * @typedef {{
 *   room: number, kind: "public" | "private" | "direct" | "group", slug: string | null, name: string,
 *   topic: string, head: number, as_of?: number, read: number, delivered: number, unread: number, unread_from?: number,
 *   role: string, receipts: boolean, history: string, updated_ts: number, members: number, bots?: number[], others?: string[],
 *   archived?: boolean, request?: boolean, notes?: boolean, peer?: Peer, last?: LastMessage, mentions?: number, pinned?: number,
 *   level?: Level, muted_until?: number, draft?: DraftText
 * }} RoomSummary
 * @typedef {"all" | "mentions" | "nothing"} Level  What a room may call attention to.
 * @typedef {{message: string, ts: number, reply_to?: number}} DraftText
 * @typedef {{receipts: boolean, client: Record<string, unknown>}} Preferences
 * @typedef {{kind: string, room: number, room_type: string, room_name: string, sender: string, sender_uid?: number, preview: string, message_id: number, seq: number}} Call  Somebody named me or answered me.
 *
 * @typedef {{cid: string, uid: number, username: string, command: string, ts: number, given?: string, message?: string, rich?: any[], failed?: boolean}} Whisper  What a bot answers to me alone; without text: it has not answered yet.
 *
 * @typedef {{n: number, uids: number[]}} ReactionCount
 * @typedef {{
 *   type: "chat_message", room: number, seq: number, n: number, id: number, uid: number, username: string,
 *   cid: string, ts: number, message?: string, rich?: any[], all?: boolean, reply_to?: number, edited_ts?: number, deleted_ts?: number,
 *   reactions?: Record<string, ReactionCount>, guise?: Guise, asked?: {uid: number, command: string}
 * }} Message
 * @typedef {{name?: string, emoji?: string}} Guise  How a program wants to be seen with one message; the mark that it is one stays.
 * @typedef {{
 *   type: "membership", room: number, seq: number, uid: number, username: string,
 *   kind: "join" | "leave" | "kick" | "ban" | "role", ts: number, role?: string, by?: number
 * }} MembershipItem
 * @typedef {{type: "room", room: number, seq: number, uid: number, ts: number, name?: string, topic?: string, archived?: boolean}} RoomItem
 * @typedef {{type: "pinned", room: number, seq: number, id: number, uid: number, username: string, on: boolean, ts: number}} PinItem
 * @typedef {Message | MembershipItem | RoomItem | PinItem} Item  What a timeline draws.
 * @typedef {{items: Item[], from: number, to: number, head: number, complete?: boolean, quoted?: Message[]}} Page
 *
 * @typedef {"waiting" | "sending" | "stored" | "failed"} PendingState
 * @typedef {{
 *   cid: string, uid: number, room: number, message: string, reply_to?: number, ts: number, order: number,
 *   state: PendingState, error?: string
 * }} Pending  A message of the outbox.
 *
 * @typedef {Record<string, any> & {type: string}} Frame  One JSON object of the server.
 * @typedef {{rooms: RoomSummary[], people: Person[], preferences?: Preferences, privacy?: Privacy, contacts?: Contact[], more?: boolean}} Ready
 * @typedef {{
 *   me: Me, epoch: string, ready: Ready, room: RoomSummary | null, history: Page | null,
 *   passwordless: boolean, urls: Record<string, string>, invitation?: Invitation | null, offers?: Invitation[],
 *   faces?: Face[], cursors?: MemberCursor[], at?: number, screen?: "people"
 * }} PageState  What the page ships as JSON.
 * @typedef {{room: number, slug: string, name: string, topic: string, members: number}} Invitation
 */

export {}
