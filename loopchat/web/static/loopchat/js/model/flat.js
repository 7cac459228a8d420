/** @file The tree of a formatted message as plain text, for lists and notices. Spoilers stay hidden. */

/** @typedef {string | {t: string, [field: string]: any}} Node */

/** As long for each: the length of a spoiler may tell what it is. */
const HIDDEN = "█████"

/** @param {Node[]} nodes */
const inline = nodes => nodes.map(words).join("")

/** @param {Node} node @returns {string} */
function words(node) {
  if (typeof node === "string") return node
  if (node.t === "br") return "\n"
  if (node.t === "all") return "@all"
  if (node.t === "at") return `@${node.v}`
  if (node.t === "spoiler") return HIDDEN
  return node.v ?? inline(node.c ?? [])
}

/** @param {Node} block @returns {string} */
function lines(block) {
  if (typeof block === "string") return block
  if (block.t === "quote") return `> ${flat(block.c).replaceAll("\n", "\n> ")}`
  if (block.t !== "ul" && block.t !== "ol") return inline(block.c ?? [])
  return block.c.map((/** @type {any} */ item, /** @type {number} */ at) =>
    `${block.t === "ol" ? `${(block.start ?? 1) + at}.` : "•"} ${flat(item.c)}`).join("\n")
}

/** @param {Node[]} tree */
export const flat = tree => tree.map(lines).join("\n")

/** What a list or a notice may show of a message. @param {{message?: string, rich?: Node[]}} item */
export const previewOf = ({ message, rich }) => (rich ? flat(rich) : message)

/** Whether a text names this person, or all. @param {Node[]} tree @param {number} uid @returns {boolean} */
export const names = (tree, uid) => tree.some(node => typeof node !== "string" &&
  (node.t === "all" || (node.t === "at" && node.uid === uid) || names(node.c ?? [], uid)))
