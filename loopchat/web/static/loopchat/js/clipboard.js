/** @file Copies a text, also where a page has no clipboard object. */

/** @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    copyOldWay(text)
  }
}

/** Plain-http pages have no clipboard object. A modal dialog takes the focus from all outside of it. @param {string} text */
function copyOldWay(text) {
  const field = document.createElement("textarea")
  field.value = text
  field.className = "sr-only"
  const before = document.activeElement
  const top = document.querySelector("dialog[open]") ?? document.body
  top.append(field)
  field.select()
  document.execCommand("copy")
  field.remove()
  if (before instanceof HTMLElement) before.focus()
}
