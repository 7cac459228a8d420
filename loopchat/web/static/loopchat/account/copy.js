/** @file A button with `data-copy` copies the field of that id, and says so beside itself. */

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-copy]"))) {
  button.hidden = false
  button.addEventListener("click", async () => {
    const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.copy ?? ""))
    field.select()
    // Plain-http pages have no clipboard object.
    const isCopied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false) || document.execCommand("copy")
    const said = button.parentElement?.querySelector("[data-said]")
    if (isCopied && said instanceof HTMLElement) said.textContent = said.dataset.said ?? ""
  })
}
