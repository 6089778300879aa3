// Charts over time or over names: what stands at a bucket, its crosshair, and the brush.
import { box, list, overlay, shape, walk } from "./chart-svg.js";

const DOT = 3.5;

/** Read a chart of panes. */
export function panes(svg) {
  const plot = box(svg);
  const buckets = list(svg.dataset.buckets);
  const told = svg.dataset.told === undefined ? buckets : list(svg.dataset.told);
  const estimated = new Set(svg.dataset.estimated?.split(" "));
  const parts = [...svg.querySelectorAll(".c-pane")].map(readPane);
  const events = [...svg.querySelectorAll(".c-events")].flatMap(readEvents);
  const step = (plot.right - plot.left) / (buckets.length || 1);
  const middle = (index) => plot.left + (index + 0.5) * step;
  return {
    buckets,
    isDated: svg.dataset.told !== undefined,
    count: buckets.length,
    at(x) {
      if (x < plot.left - step / 2 || x > plot.right + step / 2) return -1;
      return Math.max(0, Math.min(buckets.length - 1, Math.floor((x - plot.left) / step)));
    },
    isIn: ([x, y]) => x >= plot.left && x <= plot.right && y >= plot.top && y <= plot.bottom,
    step: (index, key) => walk(index, buckets.length, key),
    anchor: (index) => [middle(index), plot.top],
    told: (index) => ({
      head: told[index],
      notes: notes(parts, index, estimated.has(String(index))),
      rows: parts.flatMap((pane) => rowsOf(pane, index)),
      events: events.filter((it) => it.at === index).map((it) => it.name),
    }),
    href: (index) => events.find((it) => it.at === index && it.href)?.href,
    mark(index) {
      const line = shape("path", { class: "c-cross", d: `M${middle(index)} ${plot.top}V${plot.bottom}` });
      overlay(svg, "cross", [line, ...parts.flatMap((pane) => dots(pane, index, middle(index)))]);
    },
    brush(from, to) {
      const [first, last] = [Math.min(from, to), Math.max(from, to)];
      const rect = {
        x: plot.left + first * step,
        y: plot.top,
        width: (last - first + 1) * step,
        height: plot.bottom - plot.top,
      };
      overlay(svg, "brush", [shape("rect", { class: "c-brush", ...rect })]);
    },
  };
}

function readPane(pane) {
  const { top, bottom, totals } = pane.dataset;
  const groups = [...pane.querySelectorAll(":scope > .c-series")];
  const series = groups.map((group) => readSeries(group, groups));
  const bands = [...pane.querySelectorAll(":scope > .c-band[data-name]")].map((band) => ({
    ...band.dataset,
    mark: "bars",
    texts: list(band.dataset.texts),
  }));
  return { top: Number(top), bottom: Number(bottom), totals: totals && list(totals), series, bands };
}

function readSeries(group, groups) {
  const own = group.dataset;
  return {
    ...own,
    group,
    isBefore: group.classList.contains("c-before"),
    isStacked: isStacked(group, groups),
    texts: list(own.texts),
    ahead: own.ahead === undefined ? Infinity : Number(own.ahead),
    values: own.values === undefined ? [] : own.values.split(","),
  };
}

/** Say whether hiding a series moves others, so that the server has to draw anew. */
export function isStacked(group, groups = [...group.parentNode.children]) {
  const { mark, side } = group.dataset;
  return mark === "bars" && groups.filter((it) => it.dataset.mark === mark && it.dataset.side === side).length > 1;
}

function readEvents(group) {
  const names = (group.querySelector("title")?.textContent ?? "").split("\n");
  const at = (group.dataset.at ?? "").split(" ");
  return at.map((index, place) => ({ at: Number(index), name: names[place] ?? "", href: group.dataset.href }));
}

function shownOf(pane) {
  return pane.series.filter((it) => !it.group.classList.contains("c-off"));
}

function rowsOf(pane, index) {
  const rows = shownOf(pane).flatMap((it) => {
    const text = it.texts[index] ?? "";
    return text || !it.isStacked ? [{ tone: it.tone, mark: it.mark, isBefore: it.isBefore, name: it.name, text }] : [];
  });
  const total = pane.totals?.[index];
  if (total) rows.splice(rows.findLastIndex((it) => it.mark === "bars") + 1, 0, { name: "Total", text: total, isTotal: true });
  const bands = pane.bands.filter((it) => it.texts[index]);
  return [...rows, ...bands.map((it) => ({ tone: it.tone, mark: "band", name: it.name, text: it.texts[index] }))];
}

function notes(parts, index, isEstimated) {
  const isAhead = parts.some((pane) => shownOf(pane).some((it) => index >= it.ahead && it.texts[index]));
  return [...(isEstimated ? ["estimated"] : []), ...(isAhead ? ["forecast"] : [])];
}

function dots(pane, index, x) {
  return shownOf(pane).flatMap((it) => {
    const value = it.values[index];
    if (it.mark === "bars" || !value) return [];
    const part = (Number(value) - Number(it.low)) / (Number(it.high) - Number(it.low));
    const y = pane.bottom - part * (pane.bottom - pane.top);
    return [shape("circle", { class: `c-dot c-f-${it.tone}`, cx: x, cy: y.toFixed(1), r: DOT })];
  });
}
