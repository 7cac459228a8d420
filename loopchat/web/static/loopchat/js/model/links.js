/** @file Finds web addresses in plain text. Only http and https become links, whatever is written. */

/** @typedef {{text: string, href?: string}} Piece */

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/giu
const TRAILING = /[.,;:!?…'"»”’\]]+$/u

/** @param {string} address */
function withoutTrailing(address) {
  let cut = address.replace(TRAILING, "")
  while (cut.endsWith(")") && cut.split("(").length <= cut.split(")").length - 1) {
    cut = cut.slice(0, -1).replace(TRAILING, "")
  }
  return cut
}

/** @param {string} address */
function safe(address) {
  try {
    const url = new URL(address)
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null
  } catch {
    return null
  }
}

/**
 * The text in pieces, those with `href` to be drawn as links.
 * @param {string} text
 * @returns {Piece[]}
 */
export function pieces(text) {
  /** @type {Piece[]} */
  const found = []
  let end = 0
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutTrailing(match[0])
    const href = safe(address)
    if (!href) continue
    if (match.index > end) found.push({ text: text.slice(end, match.index) })
    found.push({ text: address, href })
    end = match.index + address.length
  }
  if (end < text.length) found.push({ text: text.slice(end) })
  return found
}

const EMOJI_ONLY = /^(?:\p{RGI_Emoji}\s*){1,3}$/v

/** Whether a text is one to three emoji and nothing else: these are drawn large. @param {string} text */
export const isEmojiOnly = text => text.length < 60 && EMOJI_ONLY.test(text.trim())
