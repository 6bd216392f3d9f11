// Saves the draft while a person writes, and shows at once what is still needed and the hours that come of it.

const form = document.getElementById("draft");
const said = document.getElementById("saved");
const PAUSE = 1500;
let timer = 0;
let busy = false;
let again = false;
let stopped = false;
let leaving = null;

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

async function save() {
  if (stopped) return;
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  said.textContent = form.dataset.saving;
  try {
    const answer = await fetch(form.action, {
      method: "PUT",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang },
    });
    const body = await answer.json();
    if (answer.ok) {
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
    said.textContent = form.dataset.failed;
  }
  busy = false;
  if (leaving) {
    delete form.dataset.sent; // page.js has counted the press that had to wait, and would take this for a second one
    form.requestSubmit(leaving);
    return;
  }
  if (again) {
    again = false;
    save();
  }
}

if (form) {
  hours();
  form.addEventListener("input", () => {
    hours();
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  // A save that is still under way would change the revision behind the button's back: the form goes after it.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    again = false;
    if (!busy) return;
    event.preventDefault();
    leaving = event.submitter;
  });
}
