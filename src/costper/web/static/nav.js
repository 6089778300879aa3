// Follows links and question forms in place: the old page stays, dimmed, until the new one is there.
const PAGE = "main";
let asking = null;

/** Show an address in place of the page; `replace` leaves no step to go back to. */
export async function go(address, { replace = false, keepFocus = false, scroll = true } = {}) {
  asking?.abort();
  asking = new AbortController();
  const main = document.querySelector(PAGE);
  main.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(address, { signal: asking.signal, headers: { Accept: "text/html" } });
    const kind = reply.headers.get("Content-Type") ?? "";
    if (!kind.startsWith("text/html")) return location.assign(address);
    const text = await reply.text();
    const shown = new URL(reply.url);
    shown.hash = new URL(address, location.href).hash;
    if (replace) history.replaceState(null, "", shown);
    else history.pushState(null, "", shown);
    show(new DOMParser().parseFromString(text, "text/html"), keepFocus);
    if (scroll && !keepFocus) goTo(shown.hash);
    return reply.ok;
  } catch (error) {
    if (error.name === "AbortError") return false;
    main.removeAttribute("aria-busy");
    tell("The server did not answer; what you see is from before.");
    return false;
  }
}

/** Go nowhere after all: what is on its way is not shown any more. */
export function stay() {
  asking?.abort();
  document.querySelector(PAGE).removeAttribute("aria-busy");
}

/** Say something to those who listen to the page. */
export function tell(text) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
  document.dispatchEvent(new CustomEvent("costper:told", { detail: text }));
}

/** Put a fetched page in the place of this one. */
export function show(next, keepFocus) {
  const nowhere = keepFocus && document.activeElement === document.body;
  const focused = keepFocus ? place(document.activeElement) : null;
  const open = keepFocus ? [...document.querySelectorAll("main details[open][id]")].map((it) => it.id) : [];
  document.title = next.title;
  const fresh = next.querySelector(PAGE);
  if (!fresh) return location.reload();
  document.querySelector(PAGE).replaceWith(fresh);
  for (const part of [".side nav", ".side .freshness"]) {
    const found = next.querySelector(part);
    if (found) document.querySelector(part)?.replaceWith(found);
  }
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) restore(focused);
  else if (!nowhere) {
    fresh.focus({ preventScroll: true });
    tell(document.title);
  }
  document.dispatchEvent(new CustomEvent("costper:shown"));
}

function place(element) {
  if (!element || element === document.body) return null;
  const name = element.getAttribute("name");
  if (!element.id && !name) return null;
  return {
    find: element.id ? `#${CSS.escape(element.id)}` : `[name="${CSS.escape(name)}"]`,
    start: element.selectionStart ?? null,
    end: element.selectionEnd ?? null,
    value: element.value,
  };
}

function restore(at) {
  const element = document.querySelector(at.find);
  if (!element) return;
  if (at.start !== null && "value" in element && element.value !== at.value) element.value = at.value;
  element.focus({ preventScroll: true });
  if (at.start !== null) element.setSelectionRange?.(at.start, at.end);
}

function goTo(hash) {
  const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (target) target.scrollIntoView();
  else window.scrollTo(0, 0);
}

function isOurs(link) {
  return (
    link.origin === location.origin &&
    !link.target &&
    !link.hasAttribute("download") &&
    !link.pathname.startsWith("/api/") &&
    !link.pathname.startsWith("/static/") &&
    link.pathname !== "/openapi.json"
  );
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey) return;
  if (event.shiftKey || event.altKey || !isOurs(link)) return;
  if (link.pathname === location.pathname && link.search === location.search && link.hash) return;
  event.preventDefault();
  const same = link.pathname === location.pathname;
  go(link.href, { scroll: !same });
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "get" || form.target) return;
  event.preventDefault();
  go(address(form, event.submitter));
});

/** Give the address a question form leads to; fields left empty are left out. */
export function address(form, submitter = null) {
  const data = submitter ? new FormData(form, submitter) : new FormData(form);
  const to = new URL(form.getAttribute("action") || location.pathname, location.href);
  to.search = "";
  for (const [name, value] of data) if (typeof value === "string" && value !== "") to.searchParams.append(name, value);
  return to;
}

let last = location.pathname + location.search;
window.addEventListener("popstate", () => {
  const now = location.pathname + location.search;
  if (now === last) return;
  last = now;
  go(location.href, { replace: true, scroll: false });
});
document.addEventListener("costper:shown", () => {
  last = location.pathname + location.search;
});
