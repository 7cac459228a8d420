/** @file What is being written at the caret and may be completed: `@name` or `:emoji`. */

/** @typedef {{sign: "@" | ":" | "/", word: string, start: number, end: number}} Begun */

const BEGUN = /(?:^|[\s([{"'>*_~|])([@:])([\p{L}\p{M}\p{N}._+-]*)$/u
const WORD_MAX = 32
/** A colon alone, or with one letter, is seldom the beginning of an emoji. */
const EMOJI_MIN = 2

/** @param {string} text @param {number} caret @returns {Begun | null} */
export function begun(text, caret) {
  const before = text.slice(Math.max(0, caret - WORD_MAX - 2), caret)
  const found = before.match(BEGUN)
  if (!found) return null
  const [, sign, word] = found
  if (sign === ":" && word.length < EMOJI_MIN) return null
  return { sign: /** @type {Begun["sign"]} */ (sign), word, start: caret - word.length - 1, end: caret }
}

const SPELLED = /(?:^|[\s([{"'>*_~|]):([a-z0-9_+-]{2,32}):$/u

/** A whole `:word:` before the caret. @param {string} text @param {number} caret @returns {Begun | null} */
export function spelled(text, caret) {
  const found = text.slice(Math.max(0, caret - WORD_MAX - 3), caret).match(SPELLED)
  return found ? { sign: ":", word: found[1], start: caret - found[1].length - 2, end: caret } : null
}

/** The text with what was begun replaced, and where the caret stands then. @param {string} text @param {Begun} begun @param {string} whole */
export function completed(text, { start, end }, whole) {
  const rest = text.slice(end)
  const space = /^\s/u.test(rest) ? "" : " "
  return { text: text.slice(0, start) + whole + space + rest, caret: start + whole.length + 1 }
}

/**
 * People whose name begins with the word, then those who have it in their name.
 * @template {{username: string, name?: string}} T
 * @param {T[]} people @param {string} word @param {number} limit
 */
export function matching(people, word, limit) {
  const wanted = fold(word)
  /** @param {T} person */
  const rank = ({ username, name }) => {
    const names = [username, ...(name ?? "").split(/\s+/u)].map(fold)
    if (names.some(one => one.startsWith(wanted))) return 0
    return fold(`${username} ${name ?? ""}`).includes(wanted) ? 1 : 2
  }
  return people.map(person => ({ person, rank: rank(person) })).filter(one => one.rank < 2)
    .sort((a, b) => a.rank - b.rank).slice(0, limit).map(one => one.person)
}

/** @param {string} text */
const fold = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase()
