/** The question for a key, where a server is open only to those who hold one. */

import { h } from "./dom.js";
import { t } from "./texts.js";
import { field, openDialog } from "./ui.js";

/** Ask; return what was given, null where the window was closed. */
export function askForKey(wasRefused) {
  return new Promise((resolve) => {
    let given = null;
    const build = (close) => {
      const input = h("input", { type: "password", autocomplete: "off", spellcheck: "false", required: true, autofocus: true });
      const submit = (event) => {
        event.preventDefault();
        given = input.value.trim();
        close();
      };
      return h(
        "form",
        { class: "form", on: { submit } },
        h("p", { text: t("fault.key_text") }),
        field(t("fault.key_label"), () => input, { fault: wasRefused ? t("fault.key_refused") : null, wide: true }),
        h("button", { class: "button primary", type: "submit", text: t("fault.key_use") }),
      );
    };
    openDialog(t("fault.key_title"), build, { onClose: () => resolve(given || null) });
  });
}
