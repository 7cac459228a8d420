/** @file The help sheet: what the keyboard can do. */

import { html } from "../../vendor/lit.js"
import { t } from "../i18n.js"
import { SHORTCUTS, keyNames } from "../shortcuts.js"
import { Dialog } from "./dialog.js"

class Shortcuts extends Dialog {
  render() {
    return this.frame(t("Keyboard"), html`<div class="keys" tabindex="0" role="region" aria-label=${t("Keys")}><dl>
      ${SHORTCUTS.map(one => html`<div class="keys__row">
        <dt class="keys__label">${one.label()}</dt>
        <dd class="keys__keys" dir="ltr">${keyNames(one).map(key => html`<kbd class="keys__key">${key}</kbd>`)}</dd>
      </div>`)}
    </dl></div>`)
  }
}

customElements.define("loop-shortcuts", Shortcuts)
