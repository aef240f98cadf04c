/* A step down and a step up beside a quantity; in the cart, a changed one is sent by itself. */

import { enhance } from "./page.js";

const PAUSE = 600; // milliseconds: whoever steps to five sends one change, not four

enhance(() => {
  for (const field of document.querySelectorAll("input[data-less]:not([data-stepped])")) add(field);
});

function add(field) {
  field.dataset.stepped = "";
  const box = document.createElement("span");
  box.className = "stepper";
  field.before(box);
  box.append(button(field, "less", "−"), field, button(field, "more", "+"));
  const send = field.form.querySelector("[data-send]");
  if (!send) return;
  send.hidden = true;
  let waiting;
  field.addEventListener("change", () => {
    clearTimeout(waiting);
    // The Enter key may have sent it meanwhile, and the page may be another one.
    waiting = setTimeout(() => send.isConnected && send.click(), PAUSE);
  });
}

function button(field, way, sign) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "step-button";
  made.dataset.step = way;
  made.textContent = sign;
  made.setAttribute("aria-label", field.dataset[way]);
  made.addEventListener("click", () => {
    if (way === "less") field.stepDown();
    else field.stepUp();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  return made;
}
