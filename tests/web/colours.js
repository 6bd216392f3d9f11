// Which ways of looking a page has, and what axe says about the colours of some of them. Evaluated by tests/web/colours.py.
// Text looks alike where everything that makes its contrast is alike: tag, classes and computed style of itself and of
// all it stands in, what else lies at its place, and what kind of signs it has.
(() => {
  const hash = (text) => {
    let [a, b] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at++) {
      const sign = text.charCodeAt(at);
      a = Math.imul(a ^ sign, 2654435761);
      b = Math.imul(b ^ sign, 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
  };
  const CLEAR = "rgba(0, 0, 0, 0)";
  const DRAWN = new Set(["img", "svg", "canvas", "video", "object", "iframe"]);
  const looks = (theme) => {
    document.documentElement.dataset.theme = theme;
    const own = new Map([[null, ""]]);
    const painted = [];
    const texts = [];
    for (const one of document.querySelectorAll("body, body *")) {
      const style = getComputedStyle(one);
      const off = one.matches(":disabled, [aria-disabled=true]") || one.control?.disabled;
      own.set(one, hash([
        own.get(one.parentElement) ?? "", one.localName, [...one.classList].sort(), one.type, off, style.color, style.fill,
        style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.mixBlendMode, style.textShadow,
        style.fontSize, style.fontWeight, style.textDecorationLine, style.borderBottom, style.position, style.display,
      ].join("|")));
      if (!one.checkVisibility({ visibilityProperty: true })) continue;
      if (DRAWN.has(one.localName) || style.backgroundColor !== CLEAR || style.backgroundImage !== "none") painted.push([one, one.getBoundingClientRect()]);
      const text = one.matches("input:not([type=hidden]), select, textarea") ? one.value || "x" : [...one.childNodes].map((node) => (node.nodeType === 3 ? node.data : "")).join("").trim();
      if (text) texts.push([one, text]);
    }
    const found = new Map();
    for (const [one, text] of texts) {
      const box = one.getBoundingClientRect();
      const under = painted.filter(([other, place]) => place.left < box.right && place.right > box.left && place.top < box.bottom && place.bottom > box.top && !other.contains(one) && !one.contains(other));
      const letters = text.replace(/[^\p{L}\p{N}]/gu, "").length;
      const inLine = one.localName === "a" && one.parentElement.innerText.trim() !== one.innerText.trim();
      const key = hash([own.get(one), under.map(([other]) => own.get(other)), Math.min(letters, 2), Math.min(text.length, 2), inLine].join("|"));
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(one);
    }
    window.lookOf = found;
    return [...found.keys()];
  };
  // What is wrong with a few of each, in words, and which of them axe could not judge.
  const judged = async (keys, rules) => {
    const chosen = new Map(keys.flatMap((key) => window.lookOf.get(key).slice(0, 3).map((one) => [one, key])));
    const { violations, incomplete } = await axe.run({ include: [...chosen.keys()] }, { ...rules, elementRef: true });
    const said = violations.flatMap((one) => one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.html.slice(0, 160)} ${(node.failureSummary ?? "").slice(0, 240)}`));
    return [said, incomplete.flatMap((one) => one.nodes.map((node) => chosen.get(node.element))).filter(Boolean)];
  };
  return { looks, judged };
})()
