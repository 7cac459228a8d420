/** @file The card of a person, above whatever is open. */

import { html } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { Dialog } from "./dialog.js"
import "./person.js"

class Card extends Dialog {
  static properties = { who: { attribute: false } }

  constructor() {
    super()
    /** @type {import("../types.js").Face} */
    this.who = /** @type {any} */ (null)
  }

  render() {
    return this.frame(t("Profile"), html`<loop-person .app=${this.app} .who=${this.who} @left=${this.close}></loop-person>`)
  }
}

customElements.define("loop-card", Card)
