/** @file All emoji with their names: fetched when somebody looks for one. */

/**
 * @typedef {{emoji: string, name: string, words: string[], group: number, hasTones: boolean}} Emoji
 */

const DATA = new URL("../../data/emoji.json", import.meta.url)
const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"]

/** @type {Promise<Emoji[]> | null} */
let loading = null

/** @returns {Promise<Emoji[]>} */
export function allEmoji() {
  loading ??= load().catch(failed => {
    loading = null
    throw failed
  })
  return loading
}

/** @returns {Promise<Emoji[]>} */
async function load() {
  const { emoji } = await (await fetch(DATA)).json()
  return emoji.map((/** @type {[string, string, string, number, number?]} */ [emoji, name, words, group, tones]) =>
    ({ emoji, name, words: words.split(" "), group, hasTones: Boolean(tones) }))
}

/**
 * Those that are called so, then those whose words begin so. @param {Emoji[]} all @param {string} text
 * @param {number} limit
 */
export function found(all, text, limit) {
  const wanted = text.trim().toLowerCase().replaceAll(" ", "_")
  /** @param {Emoji} one */
  const rank = ({ name, words }) => {
    if (words[0] === wanted || words[1] === wanted || name === wanted) return 0
    if (words[0]?.startsWith(wanted)) return 1
    if (words.some(word => word.startsWith(wanted))) return 2
    return name.replaceAll(" ", "_").includes(wanted) ? 3 : 4
  }
  return all.map((one, at) => ({ one, at, rank: rank(one) })).filter(({ rank }) => rank < 4)
    .sort((a, b) => a.rank - b.rank || a.at - b.at).slice(0, limit).map(({ one }) => one)
}

/** The one whose word this is. @param {Emoji[]} all @param {string} word */
export const called = (all, word) =>
  all.find(({ words }) => words[0] === word) ?? all.find(({ words }) => words[1] === word)

/** With the tone of skin that was chosen: 0 is the yellow one. @param {Emoji} emoji @param {number} tone */
export function toned({ emoji, hasTones }, tone) {
  if (!hasTones || !TONES[tone]) return emoji
  const [first, ...rest] = [...emoji]
  return first + TONES[tone] + rest.join("").replace(/^\uFE0F/u, "")
}

/** In all tones, the yellow one first. @param {Emoji} emoji */
export const inTones = emoji => TONES.map((_, tone) => toned(emoji, tone))

const USED_MAX = 24

/** What was picked goes to the front. @param {string[]} used @param {string} emoji */
export const picked = (used, emoji) => [emoji, ...used.filter(one => one !== emoji)].slice(0, USED_MAX)

export const TONE_COUNT = TONES.length

/** A hand in one of the tones. @param {number} tone */
export const handIn = tone => `✋${TONES[tone]}`
