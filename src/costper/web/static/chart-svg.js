// Reads the data attributes of a chart, places pointers in it, and draws shapes over its marks.
const SVG = "http://www.w3.org/2000/svg";

/** Read what the server joined with bars. */
export function list(text) {
  return text ? text.split("|") : [];
}

/** Read the plot's edges, in the chart's own pixels. */
export function box(svg) {
  const { left, right, top, bottom } = svg.dataset;
  return { left: Number(left), right: Number(right), top: Number(top), bottom: Number(bottom) };
}

/** Make an SVG element. */
export function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Say where a pointer is in a chart, in the chart's own pixels. */
export function inside(svg, event) {
  const seen = svg.getBoundingClientRect();
  const own = svg.viewBox.baseVal;
  return [
    ((event.clientX - seen.left) / (seen.width || 1)) * own.width + own.x,
    ((event.clientY - seen.top) / (seen.height || 1)) * own.height + own.y,
  ];
}

/** Say where a place in a chart is on the screen. */
export function outside(svg, [x, y]) {
  const seen = svg.getBoundingClientRect();
  const own = svg.viewBox.baseVal;
  return [
    seen.left + ((x - own.x) / (own.width || 1)) * seen.width,
    seen.top + ((y - own.y) / (own.height || 1)) * seen.height,
  ];
}

/** Put shapes over a chart's marks, in place of those of the same layer. */
export function overlay(svg, layer, shapes) {
  clear(svg, layer);
  const group = shape("g", { class: `c-over c-over-${layer}`, "aria-hidden": "true" });
  group.append(...shapes);
  svg.append(group);
}

/** Take a layer away again. */
export function clear(svg, layer) {
  svg.querySelector(`:scope > .c-over-${layer}`)?.remove();
}

/** Walk a row of `count` places with arrow keys; null for a key that means nothing here. */
export function walk(index, count, key, [back, on] = ["ArrowLeft", "ArrowRight"]) {
  if (!count) return null;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key === back) return index < 0 ? count - 1 : Math.max(0, index - 1);
  if (key === on) return index < 0 ? 0 : Math.min(count - 1, index + 1);
  return null;
}
