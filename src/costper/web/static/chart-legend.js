// Hides and shows series at once where nothing moves by it; the server draws stacks anew.
import { isStacked } from "./chart-panes.js";
import { go } from "./nav.js";

document.addEventListener(
  "click",
  (event) => {
    const entry = event.target.closest?.("a[data-hide]");
    if (!entry || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const chart = document.getElementById(entry.closest("[data-for]")?.dataset.for);
    const marks = [...(chart?.querySelectorAll("[data-series]") ?? [])].filter((it) => it.dataset.series === entry.dataset.hide);
    event.preventDefault();
    if (!marks.length || marks.some((it) => isStacked(it))) go(entry.href, { keepFocus: true, scroll: false });
    else toggle(entry, marks);
  },
  true,
);

function toggle(entry, marks) {
  const isHidden = !entry.classList.contains("c-hidden");
  for (const mark of marks) mark.classList.toggle("c-off", isHidden);
  entry.classList.toggle("c-hidden", isHidden);
  const aside = entry.querySelector(".c-aside");
  if (aside) aside.textContent = isHidden ? "Show " : "Hide ";
  const now = new URL(entry.href);
  history.replaceState(history.state, "", now);
  const hidden = keys(now.searchParams.get("hide"));
  for (const link of document.querySelectorAll("[data-for] a[data-hide]")) readdress(link, hidden);
}

function readdress(link, hidden) {
  const to = new URL(link.href);
  const after = new Set(hidden);
  if (!after.delete(link.dataset.hide)) after.add(link.dataset.hide);
  if (after.size) to.searchParams.set("hide", written(after));
  else to.searchParams.delete("hide");
  link.href = to.pathname + to.search;
}

function keys(text) {
  const parts = (text ?? "").split(",").filter(Boolean);
  return new Set(parts.map((it) => it.replaceAll("%2C", ",").replaceAll("%25", "%")));
}

function written(hidden) {
  return [...hidden].map((it) => it.replaceAll("%", "%25").replaceAll(",", "%2C")).sort().join(",");
}
