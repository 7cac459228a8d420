/**
 * @file The part of a picture that is shown: a form with `data-picture` lets one move and enlarge it,
 * and sends the square in pixels. And the time zone of this device stands first.
 */

/** @param {HTMLFormElement} form */
function crops(form) {
  const file = /** @type {HTMLInputElement} */ (form.elements.namedItem("file"))
  const box = /** @type {HTMLElement} */ (form.querySelector(".crop"))
  const canvas = /** @type {HTMLCanvasElement} */ (form.querySelector("canvas"))
  const zoom = /** @type {HTMLInputElement} */ (form.querySelector(".crop__zoom"))
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"))
  /** @type {ImageBitmap | null} */
  let picture = null
  /** The middle of the square, in pixels of the picture. */
  const middle = { x: 0, y: 0 }

  const size = () => picture ? Math.min(picture.width, picture.height) / Number(zoom.value) : 1

  /** @param {number} x @param {number} y in pixels of the picture */
  function move(x, y) {
    if (!picture) return
    const half = size() / 2
    middle.x = Math.min(Math.max(middle.x + x, half), picture.width - half)
    middle.y = Math.min(Math.max(middle.y + y, half), picture.height - half)
    context.drawImage(picture, middle.x - half, middle.y - half, size(), size(), 0, 0, canvas.width, canvas.height)
  }

  file.addEventListener("change", async () => {
    picture = file.files?.[0] ? await createImageBitmap(file.files[0]).catch(() => null) : null
    box.hidden = !picture
    if (!picture) return
    zoom.value = "1"
    context.clearRect(0, 0, canvas.width, canvas.height)
    middle.x = picture.width / 2
    middle.y = picture.height / 2
    move(0, 0)
  })
  zoom.addEventListener("input", () => move(0, 0))
  canvas.addEventListener("pointerdown", event => canvas.setPointerCapture(event.pointerId))
  canvas.addEventListener("pointermove", event => {
    const scale = size() / canvas.clientWidth
    if (canvas.hasPointerCapture(event.pointerId)) move(-event.movementX * scale, -event.movementY * scale)
  })
  canvas.addEventListener("wheel", event => {
    event.preventDefault()
    zoom.valueAsNumber -= Math.sign(event.deltaY) / 5
    move(0, 0)
  }, { passive: false })
  canvas.addEventListener("keydown", event => {
    const step = size() / 20
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key]
    if (!by) return
    event.preventDefault()
    move(by[0], by[1])
  })
  form.addEventListener("formdata", ({ formData }) => {
    if (!picture) return
    const side = Math.floor(size())
    formData.set("x", String(Math.floor(middle.x - size() / 2)))
    formData.set("y", String(Math.floor(middle.y - size() / 2)))
    formData.set("size", String(Math.max(1, side)))
  })
}

for (const form of document.querySelectorAll("form[data-picture]")) crops(/** @type {HTMLFormElement} */ (form))

const zones = /** @type {HTMLSelectElement | null} */ (document.querySelector("select[data-zone]"))
const here = [...(zones?.options ?? [])].find(one => one.value === Intl.DateTimeFormat().resolvedOptions().timeZone)
if (here) zones?.options[0].after(here)
