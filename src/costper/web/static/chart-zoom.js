// Drag over a chart, or Shift with the arrows and Enter, to look closer at some of its days.
import { clear, inside } from "./chart-svg.js";
import { kindOf } from "./chart-kinds.js";
import { go } from "./nav.js";

const FAR = { mouse: 5, pen: 5, touch: 16 };
let drag = null;
let chosen = null;

/** Say whether a chart's days can be chosen: it has days, and does not refuse. */
export function isZoomable(svg) {
  return svg.dataset.zoom !== "off" && kindOf(svg)?.isDated === true;
}

/** Say whether a pointer is choosing days now. */
export function isDragging() {
  return drag?.isOn === true;
}

/** Begin to choose days; nothing is chosen until the pointer has moved. */
export function beginDrag(svg, event) {
  if (event.button || !event.isPrimary || !isZoomable(svg)) return;
  const at = inside(svg, event);
  if (kindOf(svg).isIn(at)) drag = { svg, from: kindOf(svg).at(...at), to: -1, x: event.clientX, isOn: false };
}

/** Go on choosing; gives the bucket under the pointer, or -1 while nothing is chosen. */
export function moveDrag(event) {
  if (!drag) return -1;
  const { svg } = drag;
  if (!svg.isConnected) return dropDrag();
  if (!drag.isOn) {
    if (Math.abs(event.clientX - drag.x) < (FAR[event.pointerType] ?? FAR.mouse)) return -1;
    drag.isOn = true;
    svg.setPointerCapture(event.pointerId);
  }
  const kind = kindOf(svg);
  const to = kind.at(...inside(svg, event));
  if (to >= 0) drag.to = to;
  if (drag.to >= 0) kind.brush(drag.from, drag.to);
  return drag.to;
}

/** Look closer at what was chosen; gives whether anything was. */
export function endDrag() {
  const done = drag;
  dropDrag();
  if (!done?.isOn || done.to < 0) return false;
  zoom(done.svg, done.from, done.to);
  return true;
}

/** Choose nothing after all. */
export function dropDrag() {
  if (drag) clear(drag.svg, "brush");
  drag = null;
  return -1;
}

/** Choose with keys: from where one stood to where one goes. */
export function extend(svg, before, index) {
  if (!isZoomable(svg)) return;
  if (chosen?.svg !== svg) chosen = { svg, from: before < 0 ? index : before, to: index };
  chosen.to = index;
  kindOf(svg).brush(chosen.from, chosen.to);
}

/** Forget what keys chose; gives whether they had chosen anything. */
export function forget() {
  if (!chosen) return false;
  clear(chosen.svg, "brush");
  chosen = null;
  return true;
}

/** Look closer at what keys chose, and stay in the chart; gives whether they had chosen anything. */
export function zoomChosen() {
  if (!chosen) return false;
  const { svg, from, to } = chosen;
  forget();
  zoom(svg, from, to)?.then(() => document.getElementById(svg.id)?.focus({ preventScroll: true }));
  return true;
}

function zoom(svg, one, other) {
  const { buckets } = kindOf(svg);
  const [first, last] = [Math.min(one, other), Math.max(one, other)];
  const from = day(buckets[first]);
  const to = [...buckets.slice(last + 1), svg.dataset.end].map(day).find((it) => it > day(buckets[last])) ?? "";
  const event = new CustomEvent("costper:zoom", { bubbles: true, cancelable: true, detail: { from, to } });
  if (!svg.dispatchEvent(event)) return undefined;
  return go(address(svg.dataset.zoom || location.href, from, to), { scroll: false });
}

function day(moment) {
  return (moment ?? "").slice(0, 10);
}

function address(base, from, to) {
  const url = new URL(base, location.href);
  for (const name of ["days", "range", "cursor", "to"]) url.searchParams.delete(name);
  url.searchParams.set("from", from);
  if (to) url.searchParams.set("to", to);
  return url;
}
