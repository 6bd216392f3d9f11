// Parts marked data-live are fetched anew when something happens: data-live="cycle-id", or data-live="*" for anything.

const PAUSE = 700;
const AGAIN = 3000; // after an answer that says: not now
let waiting = 0;

export function begin() {
  const source = new EventSource("/live");
  source.addEventListener("cycle", (event) => {
    const { cycle_id: cycle } = JSON.parse(event.data);
    const concerned = [...document.querySelectorAll("[data-live]")].some(
      (part) => part.dataset.live === "*" || part.dataset.live === cycle,
    );
    if (!concerned) return;
    soon();
  });
  window.addEventListener("pagehide", () => source.close());
}

function soon(pause = PAUSE) {
  clearTimeout(waiting);
  waiting = setTimeout(renew, pause);
}

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" }).catch(() => null);
  if (!answer || answer.status === 429 || answer.status >= 500) return soon(AGAIN); // else the page stays of before
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  let changed = false;
  for (const part of document.querySelectorAll("[data-live][id], #waiting-count")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.innerHTML) continue;
    changed = true;
    if (part.contains(document.activeElement)) {
      part.addEventListener("focusout", () => soon(), { once: true }); // whoever is in it is told, and not thrown out
      continue;
    }
    part.replaceChildren(...next.childNodes);
    part.className = next.className;
  }
  const news = document.getElementById("live-news");
  const said = document.querySelector("[data-live-said]")?.dataset.liveSaid;
  if (changed && news && said && news.textContent !== said) news.textContent = said;
  if (!changed && news) news.textContent = "";
}
