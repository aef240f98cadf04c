/* The address to pass on selects itself when it is touched; where the browser can, it is handed to
   another app or copied by a button. Nothing here is needed: many in-app browsers have neither. */

import { enhance, tell } from "./page.js";

enhance(() => {
  const field = document.querySelector("[data-share]");
  if (!field) return;
  field.addEventListener("focus", () => field.select());
  const passOn = document.querySelector("[data-pass-on]");
  const copy = document.querySelector("[data-copy]");
  passOn.hidden = !navigator.share;
  copy.hidden = false;
  passOn.addEventListener("click", () => {
    // Whoever thinks better of it has done nothing wrong.
    navigator.share({ title: field.dataset.share, url: field.value }).catch(() => {});
  });
  copy.addEventListener("click", async () => {
    tell((await copied(field)) ? copy.dataset.done : copy.dataset.failed);
  });
});

async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // Old, or not over https: the way before.
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}
