/* What the other modules share: sending a form without leaving the page, putting what comes back in
   its place, and saying what happened. Every page works without any of them. */

const CHANGED = "page:changed";
const SHOWN = 8000; // milliseconds, for words that also stand elsewhere on the page
let fading;

/* Do this now, and again whenever a new page was put in place. */
export function enhance(work) {
  work();
  document.addEventListener(CHANGED, work);
}

/* Send a form as the browser would, the pressed button's name included. The page that answered. */
export async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button && button.name) fields.append(button.name, button.value);
  const answer = await fetch(form.action, { method: "POST", body: fields });
  return read(answer);
}

/* The page at this address as it is now. */
export async function ask(address) {
  return read(await fetch(address, { cache: "no-cache" }));
}

async function read(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("main")) throw new TypeError("This is not one of our pages.");
  return { page, address: new URL(answer.url) };
}

/* Put another page's content in the place of this one's. */
export function show(page) {
  document.title = page.title;
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  document.dispatchEvent(new Event(CHANGED));
}

/* Tell the reader, also one who listens; with a way on (its address and words) if there is one. */
export function tell(words, address, going) {
  const place = document.getElementById("said");
  clearTimeout(fading);
  fading = setTimeout(() => (place.textContent = ""), SHOWN);
  place.textContent = words;
  if (!address) return;
  const link = document.createElement("a");
  link.href = address;
  link.textContent = going;
  place.append(" ", link);
}

/* Whether the reader has asked for less motion. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
