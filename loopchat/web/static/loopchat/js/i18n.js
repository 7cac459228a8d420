/** @file Words of the client: English in the code, other languages from the page's catalogue. */

/** @type {Record<string, string>} */
let catalogue = Object.create(null)

/** @param {Record<string, string>} words English text → text in the language of the page */
export function useCatalogue(words) {
  catalogue = Object.assign(Object.create(null), words)
}

/**
 * The text in the language of the page, with `{name}` filled in.
 * @param {string} text
 * @param {Record<string, string | number>} [values]
 */
export function t(text, values) {
  const words = catalogue[text] ?? text
  if (!values) return words
  return words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole))
}

/**
 * The form for a number: `t` with the singular for one, else the plural; `{n}` is the number.
 * @param {number} n
 * @param {string} one
 * @param {string} many
 */
export function tn(n, one, many) {
  const singular = new Intl.PluralRules(document.documentElement.lang || "en").select(n) === "one"
  return t(singular ? one : many, { n: n.toLocaleString(document.documentElement.lang || "en") })
}
