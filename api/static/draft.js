// Saves the draft while a person writes, and shows at once what is still needed and the hours that come of it.

const form = document.getElementById("draft");
const said = document.getElementById("saved");
const PAUSE = 1500;
let timer = 0;
let busy = false;
let again = false;
let stopped = false;
let leaving = null;
let dirty = false; // typed since what was sent last
let doubt = null; // what was sent and never answered: it may be kept, so it is sent as it was before anything newer

const number = (name) => {
  const text = form.elements[name]?.value ?? "";
  const plain = text.normalize("NFKC").replaceAll(",", "").trim();
  return plain === "" ? NaN : Number(plain);
};

function hours() {
  const shown = document.getElementById("hours");
  if (!shown || !form.dataset.asIs) return;
  const found = ((Number(form.dataset.asIs) - number("actual.minutes_per_case")) * number("actual.cases_per_year")) / 60;
  const locale = document.documentElement.lang;
  shown.textContent = Number.isFinite(found) ? found.toLocaleString(locale, { maximumFractionDigits: 1 }) : "—";
}

function needed(lacks) {
  const left = document.getElementById("left");
  if (left) left.textContent = lacks.length ? form.dataset.left.replace("#", lacks.length) : form.dataset.complete;
  const place = document.getElementById("lacks");
  if (!place) return;
  if (lacks.length === 0) {
    const done = document.createElement("p");
    done.textContent = form.dataset.complete;
    place.replaceChildren(done);
    return;
  }
  const list = document.createElement("ul");
  list.className = "lacks";
  for (const lack of lacks) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#f-${lack.control}`;
    link.textContent = lack.label;
    const text = document.createElement("span");
    text.className = "faint small";
    text.textContent = lack.message;
    item.append(link, document.createElement("br"), text);
    list.append(item);
  }
  place.replaceChildren(list);
}

function wrong(errors) {
  for (const line of form.querySelectorAll("[data-live-error]")) {
    const control = document.getElementById(line.dataset.liveError);
    control.removeAttribute("aria-invalid");
    control.setAttribute("aria-describedby", (control.getAttribute("aria-describedby") ?? "").replace(line.id, "").trim());
    line.remove();
  }
  for (const error of errors) {
    const control = form.elements[error.pointer.slice(1).replaceAll("/", ".")];
    if (!control?.closest) continue;
    const line = document.createElement("p");
    line.className = "error";
    line.id = `${control.id}-live`;
    line.dataset.liveError = control.id;
    line.textContent = error.message;
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${line.id}`.trim());
    control.closest(".field").append(line);
  }
}

async function save(keepalive = false) {
  if (stopped) return;
  if (busy) {
    again = true;
    return;
  }
  clearTimeout(timer);
  busy = true;
  let kept = false;
  const settling = doubt !== null;
  const sent = doubt ?? new URLSearchParams(new FormData(form));
  if (!settling) dirty = false;
  said.textContent = form.dataset.saving;
  try {
    const answer = await fetch(form.action, {
      method: "PUT",
      body: sent,
      keepalive,
      headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang },
    });
    const body = await answer.json();
    doubt = answer.status >= 500 ? sent : null;
    if (answer.ok) {
      kept = true;
      for (const mark of document.querySelectorAll("input[name='revision']")) mark.value = body.revision;
      const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      said.textContent = body.errors.length ? form.dataset.typed : `${form.dataset.saved} ${time}`;
      wrong(body.errors);
      if (!again) needed(body.lacks);
    } else if (answer.status === 412) {
      stopped = true;
      said.textContent = form.dataset.conflict;
    } else {
      said.textContent = body.detail ?? form.dataset.failed;
      wrong(body.errors ?? []);
    }
  } catch {
    doubt = sent;
    said.textContent = form.dataset.failed;
  }
  busy = false;
  dirty ||= !kept;
  again ||= settling && kept;
  if (leaving?.from !== form && (kept ? again || (leaving && dirty) : again && !leaving)) {
    again = false;
    save();
  } else if (leaving) {
    go(kept);
  }
}

function go(kept) {
  const { from, by } = leaving;
  leaving = null;
  delete from.dataset.sent; // page.js has counted the press that had to wait, and would take this for a second one
  if (from === form || from.id === "discard" || kept) {
    dirty = false;
    from.requestSubmit(by);
  } else {
    said.scrollIntoView({ block: "center" }); // it says why: what is typed here would be lost with the page
  }
}

if (form) {
  hours();
  form.addEventListener("input", () => {
    hours();
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  // A save that is still under way would change the revision behind the button's back: the form goes after it.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    again = dirty = false;
    if (!busy && !doubt) return;
    event.preventDefault();
    leaving = { from: form, by: event.submitter };
    if (!busy) save();
  });
  // Every other form leaves the page too: what is typed here is saved first. Only discarding does not want it.
  for (const other of document.querySelectorAll("main form[method=post]")) {
    if (other === form) continue;
    other.addEventListener("submit", (event) => {
      if (other.id === "discard") {
        clearTimeout(timer);
        again = dirty = false;
      }
      if (stopped || (!busy && !dirty)) return;
      event.preventDefault();
      leaving = { from: other, by: event.submitter };
      if (!busy) save();
    });
  }
  // After a conflict nothing more is saved here: the browser asks before the page goes with what was typed since.
  window.addEventListener("beforeunload", (event) => {
    if (stopped && dirty) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && dirty) save(true); // a link, a closed tab, another app on a phone
  });
}
