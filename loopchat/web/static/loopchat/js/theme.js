/** @file Light, dark or as the system has it: a cookie, so that the server paints it at once. */

/** @typedef {"light" | "dark" | "system"} Theme */

/** @type {Theme[]} */
export const THEMES = ["light", "dark", "system"]

/** @returns {Theme} */
export function theme() {
  const set = /** @type {Theme} */ (document.documentElement.dataset.theme)
  return THEMES.includes(set) ? set : "system"
}

/** @param {Theme} name */
export function setTheme(name) {
  document.documentElement.dataset.theme = name
  document.cookie = `loopchat_theme=${name}; path=/; max-age=31536000; samesite=lax`
}
