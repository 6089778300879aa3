// Connects a file: looks at its first lines, lets the server guess, then adds, sends and reads it.
import { go, show, tell } from "./nav.js";
import { headed } from "./head.js";
import { refusal, take } from "./upload.js";

const HEAD = 64 * 1024;
const WHOLE = 256 * 1024 ** 2;
let pending = null;

const isPacked = (file) => file.name.toLowerCase().endsWith(".gz");

async function unpacked(file) {
  const reader = file.stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  let text = "";
  const decoder = new TextDecoder();
  const whole = file.size <= WHOLE;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    if (text.length < HEAD) text += decoder.decode(value, { stream: true });
    else if (!whole) {
      reader.cancel();
      return text;
    }
  }
}

/** Give the columns of a file and what kind of value each has; "" where they cannot be seen. */
async function headOf(file) {
  if (isPacked(file)) return headed(await unpacked(file));
  const start = await file.slice(0, HEAD).text();
  if (file.name.toLowerCase().endsWith(".parquet")) return start.startsWith("PAR1") ? "" : headed(start) || " ";
  return headed(start);
}

function say(words) {
  const place = document.querySelector("#connect-form [data-said]") ?? document.querySelector("[data-connect] [data-said]");
  if (place) place.textContent = words;
  else tell(words);
}

async function look(place, file) {
  const wrong = refusal(file, place.dataset.ends);
  if (wrong) return say(`${wrong}. Nothing was changed.`);
  say(`Looking at ${file.name}`);
  let head = "";
  try {
    head = await headOf(file);
  } catch {
    const why = isPacked(file) ? "is cut off, or no gzip at all" : "cannot be read";
    return say(`${file.name} ${why}: fetch it again. Nothing was changed.`);
  }
  pending = file;
  const query = new URLSearchParams({ file: file.name });
  if (head) query.set("head", head);
  await go(`/connect?${query}`, { replace: true, keepFocus: true, scroll: false });
  document.getElementById("connect-form")?.querySelector("button")?.focus();
}

async function connect(form) {
  say("Adding it to costper.yaml");
  const reply = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  if (reply.ok) history.pushState(null, "", reply.url);
  show(page, false);
  const place = document.querySelector(".drop[data-upload]");
  if (!reply.ok || !place) return;
  const file = pending;
  pending = null;
  if (await take(place, file)) document.getElementById("sync-one")?.requestSubmit();
}

document.addEventListener("change", (event) => {
  const place = event.target.closest?.("[data-connect]");
  const file = event.target.files?.[0];
  if (place && file) look(place, file);
});

document.addEventListener("drop", (event) => {
  const place = event.target.closest?.("[data-connect]");
  const file = event.dataTransfer?.files[0];
  if (place && file) look(place, file);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id !== "connect-form" || !pending || form.dataset.file !== pending.name) return;
  event.preventDefault();
  connect(form).catch(() => say("The server did not answer; look at the data sources whether it was added."));
});

function dress() {
  for (const place of document.querySelectorAll("[data-connect][hidden]")) place.hidden = false;
}

document.addEventListener("costper:shown", dress);
dress();
