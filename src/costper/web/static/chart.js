// Brings charts to life: what stands under the pointer, or where the arrow keys are, told and marked.
import "./chart-legend.js";
import { kindOf } from "./chart-kinds.js";
import { clear, inside, outside } from "./chart-svg.js";
import { hideTip, sentence, showTip } from "./chart-tip.js";
import { beginDrag, dropDrag, endDrag, extend, forget, isDragging, isZoomable, moveDrag, zoomChosen } from "./chart-zoom.js";
import { dressing, say } from "./dress.js";
import { go } from "./nav.js";

const CHART = "svg[data-chart]";
const READABLE = `${CHART}:not([data-chart="sparkline"])`;
let shown = null;
let wasDragged = false;

dressing(READABLE, dress);

/** Make a chart reachable by keys, and its names ours to show: browsers' own tooltips would cover it. */
function dress(svg) {
  const kind = kindOf(svg);
  for (const title of svg.querySelectorAll("title")) {
    if (title.parentNode === svg) svg.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  svg.removeAttribute("aria-labelledby");
  if (!kind?.count) return;
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("role", "application");
  svg.setAttribute("aria-roledescription", "chart");
  svg.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight Home End Escape");
  svg.classList.toggle("c-zooms", isZoomable(svg));
}

function show(svg, index, point, byKeys) {
  const kind = kindOf(svg);
  const told = kind.told(index);
  if (shown?.svg !== svg || shown.index !== index) mark(svg, index);
  showTip(told, point);
  if (byKeys) say(sentence(told));
  shown = { svg, index, byKeys };
}

function mark(svg, index) {
  unmark();
  const kind = kindOf(svg);
  kind.mark(index);
  if (!kind.isDated) return;
  for (const other of document.querySelectorAll(`${CHART}[data-grain="${svg.dataset.grain}"]`)) {
    const peer = other === svg ? null : kindOf(other);
    const same = peer?.isDated ? peer.buckets.indexOf(kind.buckets[index]) : -1;
    if (same >= 0) peer.mark(same);
  }
}

function unmark() {
  for (const layer of document.querySelectorAll(".c-over-cross")) layer.remove();
}

function hide() {
  unmark();
  hideTip();
  shown = null;
}

function pointAt(svg, event) {
  const kind = kindOf(svg);
  const index = kind?.count ? kind.at(...inside(svg, event)) : -1;
  if (index < 0) return shown && !shown.byKeys && hide();
  const [x] = outside(svg, kind.anchor(index));
  show(svg, index, [svg.dataset.chart === "waterfall" ? event.clientX : x, event.clientY], false);
}

function chartOf(event) {
  return event.target.closest?.(CHART);
}

document.addEventListener("pointermove", (event) => {
  moveDrag(event);
  const svg = chartOf(event);
  if (svg && (event.pointerType !== "touch" || isDragging())) pointAt(svg, event);
  else if (!svg && shown && !shown.byKeys) hide();
});

document.addEventListener("pointerdown", (event) => {
  const svg = chartOf(event);
  wasDragged = false;
  if (svg && kindOf(svg)?.isDated) beginDrag(svg, event);
  else if (shown && !svg) hide();
});

document.addEventListener("pointerup", (event) => {
  wasDragged = endDrag();
  const svg = chartOf(event);
  if (svg && event.pointerType === "touch" && !wasDragged) pointAt(svg, event);
});

document.addEventListener("pointercancel", () => dropDrag());
document.documentElement.addEventListener("pointerleave", (event) => {
  if (event.pointerType !== "touch" && shown && !shown.byKeys && !isDragging()) hide();
});
document.addEventListener("costper:shown", () => {
  dropDrag();
  forget();
  hide();
});

document.addEventListener("click", (event) => {
  const href = event.target.closest?.(".c-events[data-href]")?.dataset.href;
  if (href && !wasDragged) follow(href);
});

function follow(href) {
  const to = new URL(href, location.href);
  if (to.origin === location.origin) go(to);
  else location.assign(to);
}

document.addEventListener("focusout", (event) => {
  if (chartOf(event) === shown?.svg && shown?.byKeys) {
    forget();
    hide();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && (isDragging() || shown)) return escape(event);
  const svg = chartOf(event);
  if (!svg || event.ctrlKey || event.metaKey || event.altKey) return;
  const index = shown?.svg === svg ? shown.index : -1;
  if (event.key === "Enter") return enter(svg, index);
  const next = kindOf(svg)?.step(index, event.key) ?? null;
  if (next === null) return;
  event.preventDefault();
  if (event.shiftKey) extend(svg, index, next);
  else forget();
  show(svg, next, outside(svg, kindOf(svg).anchor(next)), true);
});

function escape(event) {
  event.preventDefault();
  if (isDragging()) return dropDrag();
  if (!forget()) hide();
}

function enter(svg, index) {
  const href = index < 0 ? undefined : kindOf(svg).href?.(index);
  if (!zoomChosen() && href) follow(href);
}
