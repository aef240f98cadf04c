/* A bar with the price and the buy button at the foot of the screen, while the page's own button is
   out of sight. */

import { enhance } from "./page.js";

enhance(() => {
  const bar = document.querySelector("[data-buy-bar]");
  const own = document.querySelector("form.buy .buttons");
  if (!bar || !own || !("IntersectionObserver" in window)) return;
  new IntersectionObserver(([seen]) => {
    bar.hidden = seen.isIntersecting;
  }).observe(own);
});
