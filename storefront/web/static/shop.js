/* On every page: how many pieces are in the cart, what has changed when the reader comes back, and
   a page for when there is no line. */

import { ask, show } from "./page.js";

const KEY = "cart";

/* Show how many pieces are in the cart, and remember it for this visit. */
export function count(pieces) {
  remember(pieces);
  const place = document.querySelector("[data-count]");
  if (!place) return;
  place.hidden = Number(pieces) === 0;
  place.textContent = pieces;
}

function remember(pieces) {
  try {
    sessionStorage.setItem(KEY, pieces);
  } catch {
    // No room, or not allowed: then the number is asked for again.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/* A page that the browser had put aside is shown as it was: it may be long out of date. */
async function refresh() {
  const main = document.querySelector("main");
  if (main.dataset.back === "reload") {
    location.reload();
    return;
  }
  const typed = [...document.querySelectorAll("main input:not([type=hidden])")].map((field) => [
    field.name,
    field.type === "radio" ? (field.checked ? field.value : null) : field.value,
  ]);
  const { page } = await ask(location.href);
  show(page);
  for (const [name, value] of typed) restore(name, value);
}

function restore(name, value) {
  if (!name || value === null) return;
  for (const field of document.getElementsByName(name)) {
    if (field.type === "radio") field.checked = field.checked || field.value === value;
    else if (field.type !== "hidden" && field.type !== "file") field.value = value;
  }
}

async function recount() {
  const answer = await fetch("/cart/pieces");
  if (answer.ok) count((await answer.json()).pieces);
}

addEventListener("pageshow", (event) => {
  const main = document.querySelector("main");
  if (event.persisted) refresh().catch(() => {});
  if (main.dataset.pieces !== undefined) count(main.dataset.pieces);
  else if (remembered() !== null) recount().catch(() => count(remembered()));
});

if ("serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("/worker.js").catch(() => {}));
}
