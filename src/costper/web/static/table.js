// Sorts tables by their headings, by several with Shift, and filters their rows as one types.
import { dressing, say } from "./dress.js";

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const sorts = new WeakMap();
const texts = new WeakMap();

dressing("table[data-sortable]", dress);
dressing("input[data-filters]", (input) => input.value && filter(input));

/** Make a button of each heading; one that holds a link is sorted by the server already. */
function dress(table) {
  for (const heading of headings(table)) {
    if (heading.dataset.sort === "off" || heading.colSpan > 1 || heading.querySelector("a,button")) continue;
    if (!heading.textContent.trim()) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "t-sort";
    button.append(...heading.childNodes);
    heading.append(button);
  }
  const at = headings(table).findIndex((it) => it.ariaSort && it.ariaSort !== "none");
  sorts.set(table, at < 0 ? [] : [{ column: at, down: headings(table)[at].ariaSort === "descending" }]);
  const asked = new URL(location.href).searchParams.get(table.dataset.sortable || "\0");
  if (asked) sort(table, read(table, asked));
}

function headings(table) {
  return [...(table.tHead?.rows[table.tHead.rows.length - 1]?.cells ?? [])];
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button.t-sort");
  const table = button?.closest("table[data-sortable]");
  if (!table) return;
  const by = chosen(table, headings(table).indexOf(button.closest("th")), event.shiftKey);
  sort(table, by);
  remember(table, by);
  say(`Sorted by ${by.map((it) => `${nameOf(table, it.column)} ${it.down ? "descending" : "ascending"}`).join(", then ")}`);
});

/** Numbers begin with the largest, words with the first; once more turns them round. */
function chosen(table, column, isMore) {
  const before = sorts.get(table) ?? [];
  const own = before.find((it) => it.column === column);
  const down = own ? !own.down : headings(table)[column].classList.contains("n");
  if (!isMore) return [{ column, down }];
  return own ? before.map((it) => (it === own ? { column, down } : it)) : [...before, { column, down }];
}

function sort(table, by) {
  sorts.set(table, by);
  for (const body of table.tBodies) {
    const rows = [...body.rows];
    const keyed = rows.filter((it) => it.dataset.fixed === undefined).map((row) => [row, by.map((it) => key(row, it.column))]);
    keyed.sort(([, one], [, other]) => compared(one, other, by));
    body.append(...keyed.map(([row]) => row), ...rows.filter((it) => it.dataset.fixed !== undefined));
  }
  mark(table, by);
}

/** Give a cell's number, or its words; null where it holds neither. */
function key(row, column) {
  const cell = row.cells[column];
  const said = cell?.dataset.value;
  if (said !== undefined && said !== "") return Number.isNaN(Number(said)) ? said : Number(said);
  if (cell?.classList.contains("n")) return null;
  return cell?.textContent.trim() || null;
}

function compared(one, other, by) {
  for (const [at, { down }] of by.entries()) {
    const [left, right] = [one[at], other[at]];
    if (left === null || right === null) {
      if (left !== right) return left === null ? 1 : -1;
      continue;
    }
    const order = typeof left === "number" && typeof right === "number" ? left - right : words.compare(left, right);
    if (order) return down ? -order : order;
  }
  return 0;
}

function mark(table, by) {
  for (const [column, heading] of headings(table).entries()) {
    const place = by.findIndex((it) => it.column === column);
    const direction = place < 0 ? "" : by[place].down ? "descending" : "ascending";
    if (place === 0) heading.setAttribute("aria-sort", direction);
    else heading.removeAttribute("aria-sort");
    const button = heading.querySelector("button.t-sort");
    if (!button) continue;
    button.dataset.order = direction;
    button.dataset.place = place >= 0 && by.length > 1 ? String(place + 1) : "";
  }
}

/** A heading's name in the address is its data-key, or its number. */
function keyOf(table, column) {
  return headings(table)[column]?.dataset.key ?? String(column + 1);
}

function nameOf(table, column) {
  return headings(table)[column].textContent.trim();
}

function read(table, text) {
  const keys = headings(table).map((_, column) => keyOf(table, column));
  return text.split(",").flatMap((it) => {
    const down = it.startsWith("-");
    const column = keys.indexOf(down ? it.slice(1) : it);
    return column < 0 ? [] : [{ column, down }];
  });
}

function remember(table, by) {
  const name = table.dataset.sortable;
  if (!name) return;
  const url = new URL(location.href);
  url.searchParams.set(name, by.map((it) => (it.down ? "-" : "") + keyOf(table, it.column)).join(","));
  history.replaceState(history.state, "", url);
}

document.addEventListener("input", (event) => {
  const input = event.target.closest?.("input[data-filters]");
  if (input) filter(input);
});

document.addEventListener("keydown", (event) => {
  const input = event.target.closest?.("input[data-filters]");
  if (!input || event.key !== "Escape" || !input.value) return;
  event.preventDefault();
  input.value = "";
  filter(input);
});

/** Show the rows that hold every word; accents and capitals do not matter. */
function filter(input) {
  const table = document.getElementById(input.dataset.filters);
  if (!table) return;
  const wanted = plain(input.value).split(/\s+/).filter(Boolean);
  let [seen, all] = [0, 0];
  for (const row of [...table.tBodies].flatMap((body) => [...body.rows])) {
    if (row.dataset.fixed !== undefined) continue;
    all += 1;
    row.hidden = !wanted.every((it) => textOf(row).includes(it));
    seen += row.hidden ? 0 : 1;
  }
  for (const note of document.querySelectorAll(`[data-no-match="${CSS.escape(table.id)}"]`)) note.hidden = seen > 0;
  say(wanted.length ? `${seen} of ${all} rows` : `${all} rows`);
}

function textOf(row) {
  if (!texts.has(row)) texts.set(row, plain(row.dataset.text ?? row.textContent));
  return texts.get(row);
}

function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
