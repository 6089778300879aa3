// The tooltip of charts: one for all of them, and the same words for those who listen.
import { shape } from "./chart-svg.js";

const MISSING = "—";
const GAP = 14;
let tip = null;

/** Show what stands at a place, beside a point of the screen. */
export function showTip(told, [x, y]) {
  if (!tip?.isConnected) {
    tip = element("div", "c-tip");
    tip.setAttribute("aria-hidden", "true");
    document.body.append(tip);
  }
  tip.replaceChildren(...parts(told));
  tip.hidden = false;
  const { offsetWidth: wide, offsetHeight: high } = tip;
  const room = document.documentElement.clientWidth;
  const left = x + GAP + wide > room ? x - GAP - wide : x + GAP;
  const top = Math.max(4, Math.min(y, window.innerHeight - high - 4));
  tip.style.left = `${Math.max(4, Math.min(left, room - wide - 4)) + window.scrollX}px`;
  tip.style.top = `${top + window.scrollY}px`;
}

/** Take it away. */
export function hideTip() {
  if (tip) tip.hidden = true;
}

/** Put what stands at a place into a sentence. */
export function sentence({ head, notes = [], rows, events = [] }) {
  const values = rows.map((it) => [it.name, it.text || "no data"].filter(Boolean).join(" "));
  return [[head, ...notes].filter(Boolean).join(", "), values.join(", "), ...events].filter(Boolean).join(". ");
}

function parts({ head, notes = [], rows, events = [] }) {
  const first = element("p", "c-tip-head", element("bdi", "", head));
  first.append(...notes.map((it) => element("span", "c-tip-note", it)));
  const lines = rows.map((it) =>
    element("div", it.isTotal ? "c-tip-row c-tip-total" : "c-tip-row", swatch(it), ...words(it)),
  );
  return [...(head || notes.length ? [first] : []), ...lines, ...events.map((it) => element("p", "c-tip-event", element("bdi", "", it)))];
}

function words({ name, text }) {
  const value = element("span", text ? "c-tip-value" : "c-tip-value c-tip-none", text || MISSING);
  return name === undefined ? [value] : [element("bdi", "c-tip-name", name), value];
}

function swatch({ tone, mark, isBefore }) {
  if (!tone) return "";
  const sign = shape("svg", { class: "c-tip-swatch", viewBox: "0 0 14 10", width: 14, height: 10 });
  if (mark === "line" || mark === "area") sign.append(shape("path", { class: `c-line c-s-${tone}${isBefore ? " c-before" : ""}`, d: "M1 5h12" }));
  else sign.append(shape("rect", { class: `c-f-${tone}${mark === "band" ? " c-band" : ""}`, x: 2, width: 10, height: 10, rx: 2 }));
  return sign;
}

function element(name, className, ...inside) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...inside.filter((it) => it !== ""));
  return made;
}
