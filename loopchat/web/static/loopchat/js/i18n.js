/** @file Words of the client: English in the code, other languages from the page's catalogue. */

/** One text for each plural form of the language: zero, one, two, few, many, other. @typedef {Record<string, string>} Forms */

/** @type {Record<string, string | Forms>} */
let catalogue = Object.create(null)

/** @param {Record<string, string | Forms>} words English text → text in the language of the page */
export function useCatalogue(words) {
  catalogue = Object.assign(Object.create(null), words)
}

/** The language of the page, in the variant that the browser prefers: it knows 14:05 from 2:05 PM. */
export function language() {
  const page = document.documentElement.lang || "en"
  return navigator.languages.find(one => one.split("-")[0] === page.split("-")[0]) ?? page
}

/** A number in the digits of the language. @param {number} n */
export const number = n => n.toLocaleString(language())

/**
 * The text in the language of the page, with `{name}` filled in.
 * @param {string} text
 * @param {Record<string, string | number>} [values]
 */
export function t(text, values) {
  const words = catalogue[text]
  return filled(typeof words === "string" ? words : text, values)
}

/**
 * The form of a text for a number, which is `{n}`; other languages are found by the plural.
 * @param {number} n
 * @param {string} one
 * @param {string} many
 */
export function tn(n, one, many) {
  const form = new Intl.PluralRules(document.documentElement.lang || "en").select(n)
  const forms = /** @type {Forms} */ (catalogue[many] ?? { one, other: many })
  return filled(forms[form] ?? forms.other, { n })
}

/** @param {string} words @param {Record<string, string | number>} [values] */
const filled = (words, values) => values
  ? words.replace(/\{(\w+)\}/g, (whole, name) => shown(values[name] ?? whole))
  : words

/** @param {string | number} value */
const shown = value => (typeof value === "number" ? number(value) : isolated(value))

/** From right to left, a name in Latin letters must not carry the signs beside it along. @param {string} text */
export const isolated = text => (document.documentElement.dir === "rtl" ? `\u2068${text}\u2069` : text)
