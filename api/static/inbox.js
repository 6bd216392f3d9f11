// Keys inside the list of decisions, only while the focus is in it (WCAG 2.1.4).

document.addEventListener("keydown", (event) => {
  const list = document.getElementById("inbox-list");
  const item = event.target.closest?.("#inbox-list > li");
  if (!list || !item || event.ctrlKey || event.metaKey || event.altKey) return;
  const items = [...list.children];
  const move = { j: 1, k: -1 }[event.key.toLowerCase()];
  if (move) {
    items[items.indexOf(item) + move]?.querySelector("a").focus();
    event.preventDefault();
  } else if (event.key === "Enter" && !event.target.closest("a")) {
    item.querySelector("a").click();
    event.preventDefault();
  } else if (event.key.toLowerCase() === "a") {
    tickAll();
    event.preventDefault();
  } else if (event.key.toLowerCase() === "d") {
    const together = document.querySelector("details.many");
    together.open = true;
    together.querySelector("button:not([disabled])").focus();
    event.preventDefault();
  } else if (event.key.toLowerCase() === "x") {
    const box = item.querySelector("input[type=checkbox]");
    box.checked = !box.checked;
    count();
    event.preventDefault();
  }
});

function tickAll() {
  const boxes = [...document.querySelectorAll("#inbox-list input[type=checkbox]")];
  const ticked = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = ticked;
  count();
  if (ticked) document.querySelector("details.many").open = true;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#tick-all")) return;
  event.preventDefault();
  tickAll();
});

function count() {
  const shown = document.getElementById("ticked");
  if (!shown) return;
  const ticked = document.querySelectorAll("#inbox-list input:checked").length;
  shown.textContent = ticked;
  shown.hidden = ticked === 0;
}

document.addEventListener("change", count);
