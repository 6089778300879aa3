// Sends files to a source: shows how far each is, asks before one replaces another, offers to read them.
import { tell } from "./nav.js";

const LONGEST = 2 * 1024 ** 3;

/** Send one file; gives the status, and what the server said. */
export function send(source, name, file, { replace = false, progress = () => {} } = {}) {
  return new Promise((resolve) => {
    const ask = new XMLHttpRequest();
    const query = replace ? "?replace=true" : "";
    ask.open("PUT", `/upload/${encodeURIComponent(source)}/${encodeURIComponent(name)}${query}`);
    ask.setRequestHeader("Content-Type", "application/octet-stream");
    ask.responseType = "json";
    ask.upload.onprogress = ({ loaded, total }) => progress(loaded, total);
    ask.onload = () => resolve({ status: ask.status, said: ask.response ?? {} });
    ask.onerror = () => resolve({ status: 0, said: { detail: "the server did not take it", hint: "is it still running?" } });
    ask.send(file);
  });
}

/** Say why a file would be refused before any of it is sent; "" where nothing speaks against it. */
export function refusal(file, ends) {
  if (!file.size) return `${file.name} is empty`;
  if (file.size > LONGEST) return `${file.name} is larger than 2 GiB: put it in the folder by hand`;
  const known = ends.split(" ").filter(Boolean);
  if (known.length && !known.some((end) => file.name.toLowerCase().endsWith(end))) {
    return `${file.name} is no data file: names end in ${known.join(", ")}`;
  }
  return "";
}

/** Write words, and buttons after them. */
export function say(item, words, ...buttons) {
  item.replaceChildren(Object.assign(document.createElement("span"), { textContent: words }), ...buttons);
  tell(words);
}

/** Make a button. */
export function button(word, act, main = false) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: word });
  made.className = main ? "main" : "small";
  made.addEventListener("click", act);
  return made;
}

function line(place) {
  const item = document.createElement("li");
  place.querySelector("[data-said]").append(item);
  return item;
}

/** Send a file to the source of a place, and say there what came of it; gives whether it is there. */
export async function take(place, file, item = line(place), replace = false) {
  const wrong = refusal(file, place.dataset.ends);
  if (wrong) return no(item, wrong);
  const name = place.dataset.as || file.name;
  const bar = Object.assign(document.createElement("progress"), { max: file.size, value: 0 });
  bar.setAttribute("aria-label", `Sending ${file.name}`);
  say(item, `Sending ${file.name}`);
  item.append(bar);
  const progress = (loaded) => (bar.value = loaded);
  const { status, said } = await send(place.dataset.upload, name, file, { replace, progress });
  if (status === 409 && /other-file/.test(said.type ?? "") && !replace) {
    const yes = button("Replace it", () => take(place, file, item, true));
    return no(item, `Another ${name} is there already.`, yes, button("Keep the old one", () => item.remove()));
  }
  if (status >= 400 || !status) return no(item, [said.detail ?? "It was not taken", said.hint].filter(Boolean).join(". "));
  const fate = said.rows?.[0]?.fate;
  const read = document.getElementById("sync-one");
  const buttons = read ? [button("Read it now", () => read.requestSubmit(), true)] : [];
  const words = { replaced: "is replaced", unchanged: "is there already, byte for byte" };
  say(item, `${name} ${words[fate] ?? "is there"}.`, ...buttons);
  return true;
}

function no(item, words, ...buttons) {
  say(item, words, ...buttons);
  return false;
}

async function takeAll(place, files) {
  for (const file of files) await take(place, file);
}

function dress() {
  for (const place of document.querySelectorAll(".drop[data-upload][hidden]")) place.hidden = false;
}

document.addEventListener("change", (event) => {
  const place = event.target.closest?.(".drop[data-upload]");
  if (!place || event.target.type !== "file") return;
  const files = [...event.target.files];
  event.target.value = "";
  takeAll(place, files);
});

for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const place = event.target.closest?.(".drop");
    if (!place) return;
    event.preventDefault();
    place.toggleAttribute("data-over", name === "dragenter" || name === "dragover");
    if (name === "drop" && place.dataset.upload) takeAll(place, [...event.dataTransfer.files]);
  });
}

document.addEventListener("costper:shown", dress);
dress();
