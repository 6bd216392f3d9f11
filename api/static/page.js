// On every page: menus that close, and news that come by themselves. Everything works without this file too.

const folded = [...document.querySelectorAll("details[name]")];
const fold = (from) => {
  for (const one of folded) if (one.open && !one.contains(from)) one.open = false;
};
document.addEventListener("click", (event) => fold(event.target));
document.addEventListener("focusin", (event) => fold(event.target)); // or it would lie on what has the focus
for (const one of folded) {
  one.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !one.open) return;
    one.open = false;
    one.querySelector("summary").focus();
  });
}

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
}
// Going back fetches the page anew, with new keys; the entry of the history keeps those it had, so that sending again
// what was sent is no second command.
const keyed = [...document.querySelectorAll("form[method=post]")].filter((form) => form.elements.key);
const named = (form) => `${form.id} ${form.getAttribute("action")}`;
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward" && history.state?.keys) {
  for (const form of keyed) form.elements.key.value = history.state.keys[named(form)] ?? form.elements.key.value;
} else {
  const keys = Object.fromEntries(keyed.map((form) => [named(form), form.elements.key.value]));
  history.replaceState({ ...history.state, keys }, "");
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What stands there when a page comes is not read out; what comes into it afterwards is.
for (const one of document.querySelectorAll("main [role=status]:not(:empty)")) one.append(...one.childNodes);

if (document.querySelector("[data-live]")) import("./live.js").then((live) => live.begin());
