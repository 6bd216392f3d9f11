// What the measures ask a page; each answers a list of faults in words. Evaluated by tests/web/measures.py.
(() => {
  const name = (one) => {
    const text = (one.getAttribute?.("aria-label") || one.innerText || one.textContent || "").trim().slice(0, 40);
    const classes = typeof one.className === "string" && one.className ? "." + one.className.trim().replace(/\s+/g, ".") : "";
    return `<${one.tagName.toLowerCase()}${one.id ? "#" + one.id : ""}${classes}> ${text}`;
  };
  const seen = (one) => one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !one.closest(".unseen, .skip");
  const open = () => {
    for (const one of document.querySelectorAll("details:not([name])")) one.open = true; // those with a name lie on the page
  };

  // 1.4.10: nothing is wider than the window; only tables and drawings may scroll inside themselves.
  const sideways = () => {
    const root = document.documentElement;
    const said = root.scrollWidth > root.clientWidth + 1 ? [`sticks out by ${root.scrollWidth - root.clientWidth} px`] : [];
    for (const one of document.querySelectorAll("body *")) {
      const { overflowX, overflowY } = getComputedStyle(one);
      if (["hidden", "clip"].includes(overflowY) && one.scrollHeight > one.clientHeight + 2 && one.clientHeight && seen(one)) said.push(`cut off below: ${name(one)}`);
      if (one.scrollWidth <= one.clientWidth + 1 || !seen(one)) continue;
      if (["auto", "scroll"].includes(overflowX)) {
        if (!one.querySelector(":scope > table, :scope > svg") && one.tagName !== "TEXTAREA") said.push(`scrolls sideways: ${name(one)}`);
      } else if (["hidden", "clip"].includes(overflowX)) said.push(`cut off: ${name(one)}`);
    }
    if (said.length && root.scrollWidth > root.clientWidth + 1)
      for (const one of document.querySelectorAll("body *"))
        if (one.getBoundingClientRect().right > root.clientWidth + 1 && seen(one) && !one.closest(".scroll, .drawing-room, svg")) said.push(`as far as ${Math.round(one.getBoundingClientRect().right)}: ${name(one)}`);
    return said.slice(0, 8);
  };

  // What stays while the page is scrolled lies on the text by intent; `focus` sees that it covers nothing in use.
  const floats = (one) => {
    for (let at = one; at; at = at.parentElement) if (["sticky", "fixed"].includes(getComputedStyle(at).position)) return true;
    return false;
  };
  const settle = () => {
    const stuck = [...document.querySelectorAll("main *")].filter((one) => getComputedStyle(one).position === "sticky");
    for (const one of stuck) one.style.position = "static";
    window.unsettle = () => { for (const one of stuck) one.style.position = ""; };
  };
  const unsettled = () => window.unsettle?.();

  // Where each run of text stands, line by line, without the air above and below its signs.
  const lines = () => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = node.parentElement;
      if (!node.data.trim() || !seen(parent) || parent.closest("option, title, [popover], select, textarea") || floats(parent)) continue;
      const room = parent.closest(".scroll, .drawing-room")?.getBoundingClientRect() ?? { left: -Infinity, right: Infinity };
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (box.width < 2 || box.height < 2) continue;
        const air = box.height * 0.3;
        const [left, right] = [Math.max(box.left + 1, room.left), Math.min(box.right - 1, room.right)];
        if (left < right) found.push({ node, left, right, top: box.top + air, bottom: box.bottom - air });
      }
    }
    return found;
  };
  const overlapping = () => {
    const found = lines().sort((a, b) => a.top - b.top);
    const said = [];
    for (let i = 0; i < found.length; i++)
      for (let j = i + 1; j < found.length && found[j].top < found[i].bottom; j++) {
        const [a, b] = [found[i], found[j]];
        if (a.node === b.node || a.left >= b.right || b.left >= a.right) continue;
        said.push(`"${a.node.data.trim().slice(0, 24)}" over "${b.node.data.trim().slice(0, 24)}" in ${name(b.node.parentElement)}`);
      }
    return said.slice(0, 6);
  };
  // Names in a drawing that stand outside it are cut off.
  const drawn = () => {
    const said = [];
    for (const picture of document.querySelectorAll("main svg")) {
      if (!seen(picture)) continue;
      const room = picture.getBoundingClientRect();
      for (const text of picture.querySelectorAll("text")) {
        const box = text.getBoundingClientRect();
        if (box.width && (box.left < room.left - 1 || box.right > room.right + 1 || box.top < room.top - 2 || box.bottom > room.bottom + 2)) said.push(`cut off in a drawing: ${text.textContent.trim()}`);
      }
    }
    return said;
  };
  // How light a colour is, from 0 to 1 (WCAG).
  const shade = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    shade.fillStyle = colour;
    shade.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...shade.getImageData(0, 0, 1, 1).data].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // What a black-and-white printer makes of it: how dark each text is on white paper, and what is still there to press.
  const onPaper = () => {
    const said = [];
    for (const { node } of lines()) {
      const parent = node.parentElement;
      if (parent.closest("svg, .step-dot")) continue;
      if (1.05 / (light(getComputedStyle(parent).color) + 0.05) < 4.5) said.push(`pale on paper: ${name(parent)}`);
    }
    for (const one of document.querySelectorAll("button:not(.term), nav, .skip, header, footer.bottom, main a[href^='/'][class~=button]")) if (seen(one)) said.push(`of no use on paper: ${name(one)}`);
    for (const one of document.querySelectorAll("thead")) if (seen(one) && getComputedStyle(one).display !== "table-header-group") said.push(`not repeated: ${name(one)}`);
    for (const one of document.querySelectorAll("tr")) if (getComputedStyle(one).breakInside !== "avoid") said.push(`may be cut: ${name(one)}`);
    return [...new Set(said)].slice(0, 8);
  };

  // Whoever asked for no movement gets none.
  const still = () => {
    const longest = (text) => Math.max(...text.split(",").map(parseFloat));
    return [...document.querySelectorAll("*")]
      .filter((one) => { const style = getComputedStyle(one); return Math.max(longest(style.transitionDuration), longest(style.animationDuration)) > 0.01 || style.scrollBehavior !== "auto"; })
      .map((one) => `moves: ${name(one)}`).slice(0, 5);
  };
  // In the reader's own few colours what is chosen still differs from what is not, and drawings stand out.
  const forced = () => {
    const said = [];
    const differ = (one, other, what) => {
      if (one && other && getComputedStyle(one)[what] === getComputedStyle(other)[what]) said.push(`looks like any other: ${name(one)}`);
    };
    for (const group of document.querySelectorAll(".segments")) differ(group.querySelector("[aria-pressed=true]"), group.querySelector("[aria-pressed=false]"), "backgroundColor");
    differ(document.querySelector(".places [aria-current]"), document.querySelector(".places a:not([aria-current])"), "borderBottomColor");
    differ(document.querySelector(".steps .done .step-dot"), document.querySelector(".steps .later .step-dot"), "backgroundColor");
    const far = (colour, ground) => {
      const [a, b] = [light(colour), light(ground)].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05);
    };
    const canvas = getComputedStyle(document.body).backgroundColor;
    for (const one of document.querySelectorAll("main svg .q-fill")) {
      const { fill, stroke } = getComputedStyle(one);
      if (![fill, stroke].some((colour) => colour !== "none" && far(colour, canvas) >= 3)) said.push(`not seen: quarter ${fill} ${stroke} on ${canvas}`);
    }
    for (const one of document.querySelectorAll("main svg :is(.step-name, .spiral-name, .tick-name), main svg.chart text"))
      if (!one.classList.contains("turn") && seen(one) && far(getComputedStyle(one).fill, canvas) < 4.5) said.push(`not read: ${one.textContent.trim()} ${getComputedStyle(one).fill} on ${canvas}`);
    return [...new Set(said)].slice(0, 6);
  };

  // 1.4.12: the spacing a reader may set.
  const spaced = () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*:not(svg *) { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }");
    document.adoptedStyleSheets = [sheet];
  };
  const unspaced = () => { document.adoptedStyleSheets = []; };
  // The reader's own size of text.
  const largest = () => { document.documentElement.dataset.text = "largest"; };
  const usual = () => { document.documentElement.dataset.text = "normal"; };

  // What the Tab key reaches, in its order.
  // (a date has a stop for each part of it, and one for its calendar)
  const presses = () => stops().length + 3 * document.querySelectorAll("input[type=date]").length;
  const stops = () =>
    [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")].filter(
      (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }),
    );
  const watch = () => {
    window.focusedInOrder = [];
    document.addEventListener("focusin", (event) => window.focusedInOrder.push(event.target));
  };
  const walked = () => {
    const wanted = stops();
    const got = window.focusedInOrder.filter((one, index, all) => one !== all[index - 1]);
    const at = wanted.findIndex((one, index) => one !== got[index]);
    return at < 0 ? [] : [`key ${at + 1} of ${wanted.length} led to ${got[at] ? name(got[at]) : "nothing"}, not to ${name(wanted[at])}`];
  };
  // The order of the keys is the order of the eye: down the page, or to the right in a row, or on to the next column.
  const order = () => {
    const said = [];
    settle();
    const places = stops().filter((one) => !one.closest("svg, .skip") && !one.classList.contains("skip") && !one.classList.contains("unseen"));
    for (let i = 1; i < places.length; i++) {
      const [a, b] = [places[i - 1].getBoundingClientRect(), places[i].getBoundingClientRect()];
      const above = b.bottom <= a.top + 1 && b.left < a.right - 1;
      const before = b.right <= a.left + 1 && b.top < a.bottom - 4 && b.bottom > a.top + 4;
      if (above || before) said.push(`${name(places[i])} stands ${above ? "above" : "before"} ${name(places[i - 1])}, but comes after it`);
    }
    return said;
  };
  // 2.4.7, 2.4.11: with the focus on it, it is drawn around and nothing lies on it.
  const focus = () => {
    const said = [];
    for (const one of stops()) {
      one.focus();
      const style = getComputedStyle(one);
      const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      const inner = one.querySelector?.(".q-fill");
      if (!drawn && !(inner && parseFloat(getComputedStyle(inner).strokeWidth) >= 2)) said.push(`focus not seen: ${name(one)}`);
      const box = [...one.getClientRects()].find((each) => each.width && each.height) ?? one.getBoundingClientRect();
      const top = Math.max(box.top, 0);
      const height = Math.min(box.bottom, innerHeight) - top;
      const points = [[0.5, 0.5], [0.2, 0.2], [0.8, 0.2], [0.2, 0.8], [0.8, 0.8]].map(([x, y]) => [box.left + box.width * x, top + height * y]);
      const free = points.some(([x, y]) => {
        const hit = document.elementFromPoint(x, y);
        return hit && (hit === one || one.contains(hit) || hit.contains(one) || hit.closest("label")?.control === one);
      });
      if (!free && !one.closest("svg")) said.push(`hidden while it has the focus: ${name(one)} at ${Math.round(box.left)},${Math.round(box.top)}`);
    }
    document.activeElement?.blur();
    return said.slice(0, 8);
  };
  // 2.5.8: 24 px, or inside a sentence, or with as much room around it.
  const targets = () => {
    const all = stops().filter((one) => !one.hasAttribute("tabindex") && !one.classList.contains("skip") && !one.classList.contains("unseen"));
    const boxes = all.map((one) => (one.closest("label.tick") ?? one).getBoundingClientRect());
    const said = [];
    all.forEach((one, index) => {
      const box = boxes[index];
      if ((box.width >= 23.5 && box.height >= 23.5) || one.closest("svg")) return;
      const around = (one.parentElement.innerText ?? "").trim();
      if (one.tagName === "A" && around.length > (one.innerText ?? "").trim().length && getComputedStyle(one).display === "inline") return;
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const near = boxes.find((other, at) => {
        if (at === index || !other.width) return false;
        const dx = Math.max(other.left - x, 0, x - other.right);
        const dy = Math.max(other.top - y, 0, y - other.bottom);
        return Math.hypot(dx, dy) < 12;
      });
      if (near) said.push(`${Math.round(box.width)}×${Math.round(box.height)} px: ${name(one)}`);
    });
    return said.slice(0, 8);
  };
  // A control says its help, its unit and what is wrong with it; a group its legend; what is required says so.
  const described = () => {
    const said = [];
    for (const one of document.querySelectorAll("main :is(input:not([type=hidden]), textarea, select)")) {
      const field = one.closest(".field");
      if (!one.labels?.length && !one.getAttribute("aria-label")) said.push(`no label: ${name(one)}`);
      if (!field || field.tagName === "FIELDSET") continue;
      const told = (one.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
      for (const part of field.querySelectorAll(":scope .help, :scope .unit, :scope .error"))
        if (!told.includes(part.id)) said.push(`"${part.innerText.slice(0, 30)}" is not told with ${one.name}`);
      if (field.querySelector(".needed") && !one.required && one.getAttribute("aria-required") !== "true") said.push(`not said to be required: ${one.name}`);
      if (field.classList.contains("wrong") && one.getAttribute("aria-invalid") !== "true") said.push(`not said to be wrong: ${one.name}`);
    }
    for (const one of document.querySelectorAll("fieldset")) if (!one.querySelector(":scope > legend")?.textContent.trim()) said.push(`no legend: ${name(one)}`);
    for (const id of [...document.querySelectorAll("[aria-describedby], [aria-labelledby]")].flatMap((one) => `${one.getAttribute("aria-describedby") ?? ""} ${one.getAttribute("aria-labelledby") ?? ""}`.split(" ").filter(Boolean)))
      if (!document.getElementById(id)) said.push(`names #${id}, which is not there`);
    return said;
  };
  return { still, forced, described, drawn, onPaper, open, sideways, overlapping, spaced, unspaced, largest, usual, presses, watch, walked, order, unsettled, focus, targets };
})()
