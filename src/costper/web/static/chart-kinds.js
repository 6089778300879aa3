// Heatmaps, Lorenz curves, waterfalls and sparklines: what stands at a place, and how it is marked.
import { box, list, overlay, shape, walk } from "./chart-svg.js";
import { panes } from "./chart-panes.js";

const KINDS = { panes, heatmap, lorenz, waterfall, sparkline };
const read = new WeakMap();

/** Give the chart behind an SVG element; undefined for one that tells nothing. */
export function kindOf(svg) {
  if (!read.has(svg)) read.set(svg, KINDS[svg.dataset.chart]?.(svg));
  return read.get(svg);
}

function heatmap(svg) {
  const plot = box(svg);
  const [rows, columns, texts] = [svg.dataset.rows, svg.dataset.columns, svg.dataset.texts].map(list);
  const wide = (plot.right - plot.left) / (columns.length || 1);
  const high = (plot.bottom - plot.top) / (rows.length || 1);
  const place = (index) => [Math.floor(index / columns.length), index % columns.length];
  return {
    count: rows.length * columns.length,
    at(x, y) {
      const [row, column] = [Math.floor((y - plot.top) / high), Math.floor((x - plot.left) / wide)];
      if (row < 0 || column < 0 || row >= rows.length || column >= columns.length) return -1;
      return row * columns.length + column;
    },
    step(index, key) {
      if (index < 0) return walk(index, rows.length * columns.length, key.replace("Down", "Right").replace("Up", "Left"));
      const [row, column] = place(index);
      const across = walk(column, columns.length, key);
      if (across !== null) return row * columns.length + across;
      const down = walk(row, rows.length, key, ["ArrowUp", "ArrowDown"]);
      return down === null ? null : down * columns.length + column;
    },
    anchor(index) {
      const [row, column] = place(index);
      return [plot.left + (column + 1) * wide, plot.top + row * high];
    },
    told(index) {
      const [row, column] = place(index);
      return { head: `${rows[row]} ${columns[column]}`, rows: [{ text: texts[index] ?? "" }] };
    },
    mark(index) {
      const [row, column] = place(index);
      const rect = { x: plot.left + column * wide, y: plot.top + row * high, width: wide, height: high };
      overlay(svg, "cross", [shape("rect", { class: "c-here", rx: 2, ...rect })]);
    },
  };
}

function lorenz(svg) {
  const plot = box(svg);
  const [told, texts] = [svg.dataset.told, svg.dataset.texts].map(list);
  const values = svg.dataset.values.split(",").map(Number);
  const last = values.length - 1;
  const x = (index) => plot.left + (index / last) * (plot.right - plot.left);
  const y = (index) => plot.bottom - (values[index] / 100) * (plot.bottom - plot.top);
  return {
    count: values.length,
    at(place) {
      const index = Math.round(((place - plot.left) / (plot.right - plot.left)) * last);
      return index < -1 || index > last + 1 ? -1 : Math.max(0, Math.min(last, index));
    },
    step: (index, key) => walk(index, values.length, key),
    anchor: (index) => [x(index), y(index)],
    told: (index) => ({ head: told[index], rows: [{ name: svg.dataset.name, text: texts[index] }] }),
    mark(index) {
      overlay(svg, "cross", [
        shape("path", { class: "c-cross", d: `M${x(index)} ${plot.bottom}V${plot.top}` }),
        shape("circle", { class: "c-dot c-f-accent", cx: x(index), cy: y(index), r: 4 }),
      ]);
    },
  };
}

function waterfall(svg) {
  const [names, texts] = [svg.dataset.names, svg.dataset.texts].map(list);
  const high = Number(svg.dataset.row);
  return {
    count: texts.length,
    at(_, y) {
      const row = Math.floor(y / high);
      return row >= 0 && row < texts.length ? row : -1;
    },
    step: (index, key) =>
      walk(index, texts.length, key.replace("Left", "Up").replace("Right", "Down"), ["ArrowUp", "ArrowDown"]),
    anchor: (index) => [svg.viewBox.baseVal.width / 3, index * high],
    told: (index) => ({ head: names[index] ?? "", rows: [{ text: texts[index] }] }),
    mark(index) {
      const rect = { x: 0, y: index * high, width: svg.viewBox.baseVal.width, height: high };
      overlay(svg, "cross", [shape("rect", { class: "c-row", rx: 4, ...rect })]);
    },
  };
}

function sparkline(svg) {
  const texts = list(svg.dataset.texts);
  const told = list(svg.parentElement?.closest("[data-told]")?.dataset.told);
  const { width, height } = svg.viewBox.baseVal;
  const step = (width - 3) / (texts.length || 1);
  return {
    count: texts.length,
    at: (x) => Math.max(0, Math.min(texts.length - 1, Math.floor(x / step))),
    step: () => null,
    anchor: (index) => [(index + 0.5) * step, height],
    told: (index) => ({ head: told[index] ?? "", rows: [{ text: texts[index] }] }),
    mark(index) {
      const x = (index + 0.5) * step;
      overlay(svg, "cross", [shape("path", { class: "c-cross", d: `M${x} 0V${height}` })]);
    },
  };
}
