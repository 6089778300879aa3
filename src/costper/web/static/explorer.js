// The Explorer's form asks as one types: what is typed stays, the answer beneath is put in its place.
import { show, stay, tell } from "./nav.js";

const WAIT = 150;
const AGAIN = 1500;
const OURS = "explorer";
let waiting = 0;
let asking = null;
let isStep = true;

const form = () => document.getElementById("ask");
const trouble = () => document.getElementById("trouble");

/** Give the address the form's fields ask for; what only the screen knows comes from the address bar. */
function wanted() {
  const to = new URL("/explorer", location.href);
  for (const [name, value] of new FormData(form())) {
    if (typeof value === "string" && value !== "" && name !== "hide") to.searchParams.append(name, value);
  }
  const hide = new URL(location.href).searchParams.get("hide");
  if (hide) to.searchParams.set("hide", hide);
  return to;
}

async function ask() {
  if (!form()) return;
  asking?.abort();
  stay();
  const mine = (asking = new AbortController());
  const address = wanted();
  document.getElementById("answer-part")?.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(address, { signal: mine.signal, headers: { Accept: "text/html" } });
    const text = await reply.text();
    if (mine.signal.aborted || !form()) return;
    if (reply.status >= 500 || !text.includes('id="ask"')) return lost(`The server answered with ${reply.status}`);
    asking = null;
    put(new DOMParser().parseFromString(text, "text/html"));
  } catch (error) {
    if (error.name !== "AbortError") lost("The server does not answer");
  }
}

/** Say that the server is gone, keep all that was typed, and ask again until it is back. */
function lost(why) {
  const note = trouble();
  if (!note) return;
  note.textContent = `${why}: what you typed is kept, and it is asked again until it does.`;
  note.hidden = false;
  document.getElementById("answer-part")?.removeAttribute("aria-busy");
  clearTimeout(waiting);
  waiting = setTimeout(ask, AGAIN);
}

function put(fresh) {
  const asked = fresh.getElementById("ask");
  const isWrong = "fault" in asked.dataset;
  trouble().hidden = true;
  document.getElementById("answer-part")?.removeAttribute("aria-busy");
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const old = document.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
    if (!old || (isWrong && part.dataset.part === "answer" && old.querySelector("svg[data-chart]"))) continue;
    if (old.contains(document.activeElement) || old.querySelector("details[open]")) continue;
    old.replaceWith(part);
  }
  swapIssues(fresh, isWrong);
  mark(asked);
  form().toggleAttribute("data-fault", isWrong);
  form().dataset.at = asked.dataset.at;
  remember(asked.dataset.at);
  performance.mark("explorer:shown");
  document.dispatchEvent(new CustomEvent("costper:shown", { detail: OURS }));
}

function swapIssues(fresh, isWrong) {
  if (isWrong) return;
  const old = document.querySelector("main > details.issues");
  const found = fresh.querySelector("main > details.issues");
  if (found) found.open = old?.open ?? false;
  old?.remove();
  if (found) document.querySelector("main").append(found);
}

/** Mark the fields that are at fault, as the server did. */
function mark(asked) {
  for (const field of form().elements) {
    if (!field.id) continue;
    const other = asked.querySelector(`#${CSS.escape(field.id)}`);
    for (const name of ["aria-invalid", "aria-describedby"]) {
      const value = other?.getAttribute(name);
      if (value) field.setAttribute(name, value);
      else field.removeAttribute(name);
    }
  }
}

/** Keep the address in step: the first change of a field is a step to come back from. */
function remember(address) {
  const to = new URL(address, location.href);
  if (to.href === location.href) return;
  if (isStep) history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  isStep = false;
}

function soon(wait) {
  clearTimeout(waiting);
  waiting = setTimeout(ask, wait);
}

document.addEventListener("input", (event) => {
  if (event.target.form !== form() || !form()) return;
  performance.mark("explorer:typed");
  soon(event.target.matches("input:not([type=checkbox])") ? WAIT : 0);
});

/** Suggest what may follow: after an "and" the next condition, with those before it kept. */
function suggest(field) {
  if (field?.getAttribute?.("list") !== "conditions") return;
  const before = /^(.*\b(?:and|or|not)\s+)?/i.exec(field.value)[1] ?? "";
  for (const option of document.querySelectorAll("#conditions option")) {
    option.dataset.own ??= option.value;
    option.value = before + option.dataset.own;
  }
}

for (const happens of ["input", "focusin"]) document.addEventListener(happens, ({ target }) => suggest(target));
document.addEventListener("costper:shown", () => suggest(document.activeElement));

document.addEventListener("focusin", (event) => {
  if (form() && event.target.form === form()) isStep = true;
});

/** Ask at once on Enter; only buttons that add a field need a new form. */
document.addEventListener(
  "submit",
  (event) => {
    const sent = event.target;
    if (sent === form() && event.submitter?.name !== "add") {
      event.preventDefault();
      for (const open of sent.querySelectorAll("details[open]")) open.open = false;
      soon(0);
    } else if (sent.matches("[data-keeps]")) {
      event.preventDefault();
      send(sent);
    }
  },
  true,
);

/** Send a form that changes something; without an answer all that was typed stays. */
async function send(sent) {
  const data = new URLSearchParams(new FormData(sent));
  data.set("back", form()?.dataset.at ?? data.get("back"));
  try {
    const reply = await fetch(sent.action, { method: "POST", body: data, headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    const at = reply.redirected ? reply.url : (fresh.getElementById("ask")?.dataset.at ?? location.href);
    if (reply.redirected) history.pushState(null, "", at);
    else history.replaceState(null, "", at);
    show(fresh, false);
  } catch {
    const note = trouble();
    note.textContent = "The server does not answer; nothing was sent, and nothing is lost: try again.";
    note.hidden = false;
    tell(note.textContent);
  }
}

/** Name the question as it is asked: a field just added stands under its own letter, and is gone to. */
function settle() {
  const added = new URL(location.href).searchParams.get("add");
  if (!added || !form()) return;
  history.replaceState(null, "", form().dataset.at);
  document.getElementById(added === "formula" ? lastFormula() : `what-${added}`)?.focus();
}

function lastFormula() {
  return [...form().querySelectorAll('input[name="f"]')].at(-1)?.id ?? "";
}

/** Begin anew where another page, or this one anew, came from a link. */
document.addEventListener("costper:shown", (event) => {
  if (event.detail === OURS) return;
  asking?.abort();
  isStep = true;
  settle();
});
settle();

/** With scripts nobody has to press a button to ask. */
document.documentElement.dataset.live = "";

/** After a refused form the address bar has the form's; the question's is what may be loaded again. */
if (form() && /^\/explorer\/(save|share|views\/.+\/delete)$/.test(location.pathname)) {
  history.replaceState(null, "", form().dataset.at);
}
