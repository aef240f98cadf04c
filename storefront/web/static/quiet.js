/* Forms marked `data-quiet` are sent without leaving the page: goods go into the cart, quantities
   change. A browser that does not say which button was pressed sends them as ever. */

import { enhance, send, show, tell } from "./page.js";
import { count } from "./shop.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.matches("form[data-quiet]") || !button || button.dataset.loud !== undefined) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const { page, address } = await send(form, button);
    settle(form, button, page, address);
  } catch {
    tell(document.body.dataset.noLine);
  } finally {
    form.ariaBusy = "false";
  }
});

function settle(form, button, page, address) {
  const main = page.querySelector("main");
  if (main.dataset.pieces !== undefined) count(main.dataset.pieces);
  const problem = main.querySelector("#problem");
  if (form.dataset.quiet === "stay" && !problem && address.pathname === "/cart") {
    tell(form.dataset.done, document.querySelector(".to-cart").href, form.dataset.going);
    return;
  }
  const place = placeOf(form, button);
  show(page);
  const total = document.querySelector("[data-total]");
  if (total && !problem) tell([...total.children].map((one) => one.textContent).join(" "));
  const next = problem ? document.getElementById("problem") : place();
  if (next) next.focus();
}

/* Where the reader was, to be found again in the new page: the same field of the same line. */
function placeOf(form, button) {
  const line = form.closest("[id]");
  const was = form.contains(document.activeElement) ? document.activeElement : button;
  const kind = was.dataset.step || was.name;
  return () => {
    const same = line && document.getElementById(line.id);
    if (!same) return document.querySelector("main h1");
    return same.querySelector(`[data-step="${kind}"], [name="${kind}"]`);
  };
}

/* What a heading needs to be a place to go on from. */
enhance(() => {
  const heading = document.querySelector("main h1");
  if (heading) heading.tabIndex = -1;
});
