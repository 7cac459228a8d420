/**
 * @file Passkeys on the account pages. A form with `data-passkey` asks the browser for a key when it
 * is sent, puts the answer into its field `credential`, and goes on.
 */

/** @typedef {{ publicKey: any }} Options */

/** @param {HTMLFormElement} form @returns {Promise<PublicKeyCredential | null>} */
async function asked(form) {
  const { publicKey } = await options(form)
  if (form.dataset.passkey === "create") {
    const alone = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("passwordless"))
    if (alone) chosen(publicKey.authenticatorSelection, alone.checked)
    const read = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey)
    return /** @type {any} */ (await navigator.credentials.create({ publicKey: read }))
  }
  const read = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey)
  return /** @type {any} */ (await navigator.credentials.get({ publicKey: read }))
}

/** Those of the page, or fresh ones for whoever is not known yet. @param {HTMLFormElement} form @returns {Promise<Options>} */
async function options(form) {
  const told = document.getElementById("passkey-options")?.textContent
  if (told) return JSON.parse(told)
  const response = await fetch(form.action, { headers: { accept: "application/json" } })
  if (!response.ok) throw new Error(`no options: ${response.status}`)
  return (await response.json()).request_options
}

/** A key that opens the account alone has to stay on the device and to ask who is there. @param {any} selection @param {boolean} alone */
function chosen(selection, alone) {
  selection.residentKey = alone ? "required" : "discouraged"
  selection.requireResidentKey = alone
  if (alone) selection.userVerification = "required"
}

/** @param {HTMLFormElement} form @param {string} which @param {boolean} shown */
function tell(form, which, shown) {
  const text = form.querySelector(`[data-passkey-${which}]`)
  if (text instanceof HTMLElement) text.hidden = !shown
}

/** @param {SubmitEvent} event */
async function send(event) {
  event.preventDefault()
  const form = /** @type {HTMLFormElement} */ (event.currentTarget)
  tell(form, "error", false)
  try {
    const key = await asked(form)
    if (!key) throw new Error("no key")
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"))
    field.value = JSON.stringify(key.toJSON())
    form.submit()
  } catch {
    tell(form, "error", true)
  }
}

// Keys belong to the name of a site; an address of numbers has none.
const able = !/^[\d.]+$|^\[/.test(location.hostname) && typeof PublicKeyCredential === "function" &&
  typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function"

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!(form instanceof HTMLFormElement)) continue
  if (able) {
    form.hidden = false
    form.addEventListener("submit", send)
  } else {
    tell(form, "missing", true)
    const button = form.querySelector("button")
    if (button) button.disabled = true
  }
}
