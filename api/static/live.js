// Parts marked data-live are fetched anew when something happens: data-live="cycle-id", or data-live="*" for anything.

const PAUSE = 700;
let waiting = 0;

export function begin() {
  const source = new EventSource("/live");
  source.addEventListener("cycle", (event) => {
    const { cycle_id: cycle } = JSON.parse(event.data);
    const concerned = [...document.querySelectorAll("[data-live]")].some(
      (part) => part.dataset.live === "*" || part.dataset.live === cycle,
    );
    if (!concerned) return;
    clearTimeout(waiting);
    waiting = setTimeout(renew, PAUSE);
  });
  window.addEventListener("pagehide", () => source.close());
}

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  let changed = false;
  for (const part of document.querySelectorAll("[data-live][id], #waiting-count")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.innerHTML || part.contains(document.activeElement)) continue;
    part.replaceChildren(...next.childNodes);
    part.className = next.className;
    changed = true;
  }
  const news = document.getElementById("live-news");
  const said = document.querySelector("[data-live-said]")?.dataset.liveSaid;
  if (changed && news && said) news.textContent = said;
}
