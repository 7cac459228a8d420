/** @file Puts marks of formatting round a selection of a text, or takes them away. */

/** @typedef {{text: string, start: number, end: number}} Selected */
/** @typedef {"bold" | "italic" | "strike" | "code" | "spoiler" | "block" | "quote" | "list"} Format */

const ROUND = Object.freeze({ bold: "**", italic: "*", strike: "~~", code: "`", spoiler: "||" })
const BEFORE_LINES = Object.freeze({ quote: "> ", list: "- " })
const FENCE = "```"

/** @param {Selected} selected @param {Format} format @returns {Selected} */
export function formatted(selected, format) {
  if (format === "block") return fenced(selected)
  if (format === "quote" || format === "list") return prefixed(selected, BEFORE_LINES[format])
  return rounded(selected, ROUND[format])
}

/** @param {Selected} selected @param {string} mark @returns {Selected} */
function rounded({ text, start, end }, mark) {
  const { length } = mark
  if (isRound(text, start, end, mark)) {
    const bare = text.slice(0, start - length) + text.slice(start, end) + text.slice(end + length)
    return { text: bare, start: start - length, end: end - length }
  }
  // Marks belong to words: white space at the ends of a selection stays outside.
  const chosen = text.slice(start, end)
  const from = start + (chosen.length - chosen.trimStart().length) % (chosen.length || 1)
  const to = Math.max(from, end - (chosen.length - chosen.trimEnd().length))
  const made = text.slice(0, from) + mark + text.slice(from, to) + mark + text.slice(to)
  return { text: made, start: from + length, end: to + length }
}

/** One star beside another belongs to the mark of two. @param {string} text @param {number} start @param {number} end @param {string} mark */
function isRound(text, start, end, mark) {
  const before = text.slice(0, start)
  const after = text.slice(end)
  if (!before.endsWith(mark) || !after.startsWith(mark)) return false
  if (mark !== "*") return true
  const stars = Math.min(before.length - before.replace(/\*+$/, "").length, after.length - after.replace(/^\*+/, "").length)
  return stars !== 2
}

/** Each line of the selection, or none of them any more. @param {Selected} selected @param {string} mark @returns {Selected} */
function prefixed({ text, start, end }, mark) {
  const from = text.lastIndexOf("\n", start - 1) + 1
  const next = text.indexOf("\n", end)
  const to = next < 0 ? text.length : next
  const lines = text.slice(from, to).split("\n")
  const all = lines.every(line => line.startsWith(mark))
  const made = lines.map(line => (all ? line.slice(mark.length) : mark + line)).join("\n")
  return { text: text.slice(0, from) + made + text.slice(to), start: from + (lines.length > 1 ? 0 : made.length), end: from + made.length }
}

/** @param {Selected} selected @returns {Selected} */
function fenced({ text, start, end }) {
  const before = start === 0 || text[start - 1] === "\n" ? "" : "\n"
  const after = end === text.length || text[end] === "\n" ? "" : "\n"
  const open = `${before}${FENCE}\n`
  const made = `${text.slice(0, start)}${open}${text.slice(start, end)}\n${FENCE}${after}${text.slice(end)}`
  return { text: made, start: start + open.length, end: end + open.length }
}
