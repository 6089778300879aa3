// Tells the server how wide charts may be, closes what was opened, and sets the theme at once.
import { go } from "./nav.js";

const A_YEAR = 365 * 24 * 3600;
const SLACK = 45;
const USUAL = 1104;

function remember(name, value, seconds = A_YEAR) {
  document.cookie = `${name}=${value}; path=/; max-age=${seconds}; samesite=lax`;
}

function measured() {
  const main = document.querySelector("main");
  if (!main || !document.querySelector(".side")) return 0;
  const style = getComputedStyle(main);
  const inside = main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return Math.round(inside - 38);
}

function fit() {
  const width = measured();
  const known = Number(/(?:^|; )costper_width=(\d+)/.exec(document.cookie)?.[1] ?? USUAL);
  if (!width || Math.abs(width - known) <= SLACK) return;
  remember("costper_width", width);
  if (document.querySelector("main svg[data-chart]")) {
    go(location.href, { replace: true, keepFocus: true, scroll: false });
  }
}

let waiting = 0;
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(fit, 200);
});

function narrow() {
  const menu = document.querySelector(".menu");
  if (menu) menu.open = !window.matchMedia("(max-width: 860px)").matches;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== "/theme") return;
  event.preventDefault();
  const theme = event.submitter?.value ?? "";
  remember("costper_theme", theme, theme ? A_YEAR : 0);
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.picker[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.picker[open]")) {
    open.open = false;
    if (open.contains(document.activeElement)) open.querySelector("summary")?.focus();
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copies]");
  if (!button) return;
  await navigator.clipboard.writeText(new URL(button.dataset.copies || location.href, location.href).href);
  button.dataset.done = "copied";
});

narrow();
window.matchMedia("(max-width: 860px)").addEventListener("change", narrow);
fit();

// A page that waits for something says in data-again after how many milliseconds to look again.
let looking = 0;
function lookAgain() {
  clearTimeout(looking);
  const waiting = document.querySelector("main [data-again]");
  if (!waiting) return;
  looking = setTimeout(async () => {
    await go(location.href, { replace: true, keepFocus: true, scroll: false });
    lookAgain();
  }, Number(waiting.dataset.again));
}
document.addEventListener("costper:shown", lookAgain);
lookAgain();
