/* What is typed into a form marked `data-keep` outlives a reload and a way back within this visit,
   and is forgotten once the form has been accepted (`data-forget` on the page that follows). */

import { enhance } from "./page.js";

const FIELDS = "input[type=text], input[type=tel], textarea";

function stored(name, kept) {
  try {
    if (kept === null) sessionStorage.removeItem(name);
    else if (kept) sessionStorage.setItem(name, JSON.stringify(kept));
    return JSON.parse(sessionStorage.getItem(name)) || {};
  } catch {
    return {};
  }
}

enhance(() => {
  const done = document.querySelector("[data-forget]");
  if (done) stored(done.dataset.forget, null);
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const fields = [...form.querySelectorAll(FIELDS)];
  const kept = stored(form.dataset.keep);
  // What the server fills in knows better.
  for (const field of fields) field.value = field.value || kept[field.name] || "";
  form.addEventListener("input", () => {
    stored(form.dataset.keep, Object.fromEntries(fields.map((one) => [one.name, one.value])));
  });
});
