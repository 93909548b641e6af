"use strict";
// The page holds both languages; its style sheet shows the one that the root element names.
for (const button of document.querySelectorAll(".languages button")) {
  button.addEventListener("click", () => {
    document.documentElement.lang = button.lang;
    document.title = button.dataset.title;
    for (const other of document.querySelectorAll(".languages button")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  });
}
