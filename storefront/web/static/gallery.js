/* A product's pictures are swiped by the browser itself. This adds the way to the one before and the
   one after, says which of them is seen, and turns to the picture of the variant that is chosen. */

import { enhance, still } from "./page.js";

enhance(() => {
  const gallery = document.querySelector(".gallery:not([data-turned])");
  if (gallery && gallery.children.length > 1) turn(gallery);
});

function turn(gallery) {
  gallery.dataset.turned = "";
  const pictures = [...gallery.children];
  const bar = gallery.nextElementSibling; // its place is kept, so that nothing moves
  const where = document.createElement("span");
  const before = button(gallery.dataset.before, "‹", () => go(seen() - 1));
  const after = button(gallery.dataset.after, "›", () => go(seen() + 1));
  bar.append(before, where, after);

  const seen = () => {
    const middle = gallery.scrollLeft + gallery.clientWidth / 2;
    const far = pictures.map((one) =>
      Math.abs(one.offsetLeft - gallery.offsetLeft + one.offsetWidth / 2 - middle),
    );
    return far.indexOf(Math.min(...far));
  };
  const go = (to) => {
    const one = pictures[Math.max(0, Math.min(to, pictures.length - 1))];
    const left = one.offsetLeft - gallery.offsetLeft - (gallery.clientWidth - one.offsetWidth) / 2;
    gallery.scrollTo({ left, behavior: still() ? "auto" : "smooth" });
  };
  const say = () => {
    const now = seen();
    where.textContent = `${now + 1} / ${pictures.length}`;
    before.disabled = now === 0;
    after.disabled = now === pictures.length - 1;
  };
  gallery.addEventListener("scroll", () => requestAnimationFrame(say), { passive: true });
  const chosen = ({ target }) => {
    const of = pictures.findIndex((one) => one.dataset.picture === target.dataset.picture);
    if (target.dataset.picture && of >= 0) go(of);
  };
  for (const form of document.querySelectorAll("form.buy")) form.addEventListener("change", chosen);
  say();
}

function button(words, sign, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "step-button";
  made.setAttribute("aria-label", words);
  made.textContent = sign;
  made.addEventListener("click", press);
  return made;
}
