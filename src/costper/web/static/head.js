// Tells what a file looks like without telling what is in it: an address stays in histories and logs.
const LONGEST = 6000;
const MAGIC = ["%PDF", "PK\u0003\u0004", "PAR1", "\u001f\ufffd", "\u001f\u008b", "<", "{"];
const SEPARATORS = [",", ";", "\t", "|"];
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])/;
const PACKED_DAY = /^\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;
const NUMBER = /^-?(\d+\.?\d*|\.\d+)$/;

/** Give a value of the same kind that is nobody's: a day, a number or a word. */
function standIn(cell) {
  const text = cell.trim();
  if (DAY.test(text)) return "2000-01-01";
  if (PACKED_DAY.test(text)) return "20000101";
  if (NUMBER.test(text.replaceAll(",", ""))) return "0";
  return text && "x";
}

function cellsOf(line, by) {
  const cells = [""];
  let quoted = false;
  for (const it of line) {
    if (it === '"') quoted = !quoted;
    else if (it === by && !quoted) cells.push("");
    else cells[cells.length - 1] += it;
  }
  return cells;
}

/** Give the line of columns, and under it stand-ins for the first values; " " without such a line. */
export function headed(text) {
  const start = text.replace(/^\ufeff/, "").trimStart();
  const magic = MAGIC.find((it) => start.startsWith(it));
  if (magic) return magic;
  const [columns = "", first = ""] = start.split(/\r\n|\n|\r/, 2);
  if (columns.includes("\0")) return "x\0";
  const by = SEPARATORS.reduce((best, it) => (columns.split(it).length > columns.split(best).length ? it : best));
  const names = cellsOf(columns, by);
  if (names.length < 2 || names.some((it) => !["x", ""].includes(standIn(it)))) return " ";
  return `${columns}\n${cellsOf(first, by).map(standIn).join(by)}`.slice(0, LONGEST);
}
