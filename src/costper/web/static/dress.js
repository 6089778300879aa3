// Readies elements for scripts: those there at first, and those that come when a page is shown anew.

/** Call `dress` once with each element that fits; again whenever new ones may have come. */
export function dressing(selector, dress) {
  const done = new WeakSet();
  const all = () => {
    for (const element of document.querySelectorAll(selector)) {
      if (done.has(element)) continue;
      done.add(element);
      dress(element);
    }
  };
  document.addEventListener("costper:shown", all);
  document.addEventListener("keydown", (event) => event.key === "Tab" && all(), true);
  all();
}

/** Say something to those who listen to the page, without showing it. */
export function say(text) {
  let live = document.getElementById("live");
  if (!live) {
    live = Object.assign(document.createElement("p"), { id: "live", className: "c-aside" });
    live.setAttribute("aria-live", "polite");
    document.body.append(live);
  }
  live.textContent = text;
}
