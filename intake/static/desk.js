// What makes the desk's pages smoother: they work without any of it, and nothing is kept.

const LOOK_EVERY_MS = 20_000;
const STALE_AFTER_MS = 60_000;

// The queue looks by itself whether it changed. No row moves under the pointer: what is new is
// counted, and shown when somebody asks for it.

function watchQueue(bar) {
  const words = bar.querySelector(".fresh-words");
  const button = bar.querySelector("button");
  const asOf = document.querySelector("[data-as-of]");
  let waiting = null;
  let seenAt = Date.now();

  const say = (text, mayShow = false) => {
    if (words.textContent !== text) words.textContent = text;
    button.hidden = !mayShow;
    bar.hidden = !text;
  };

  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(bar.dataset.live, { headers: { Accept: "text/html" } });
      if (answer.redirected) return say("You are signed out. Sign in again to go on.");
      if (!answer.ok) throw new Error("not answered");
      take(new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("queue-table"));
    } catch {
      if (Date.now() - seenAt > STALE_AFTER_MS) say(`No connection. This list is as of ${asOf.textContent}.`);
    }
    return undefined;
  };

  const take = (fresh) => {
    seenAt = Date.now();
    const [before, after] = [states(document), states(fresh)];
    const added = [...after.keys()].filter((id) => !before.has(id)).length;
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter((id) => before.get(id) !== after.get(id)).length - added;
    waiting = fresh;
    if (added || changed) return say(told(added, changed), true);
    asOf.textContent = fresh.dataset.at;
    return say("");
  };

  button.addEventListener("click", () => {
    const here = document.activeElement?.closest("[data-case]")?.dataset.case;
    document.getElementById("queue-table").replaceWith(waiting);
    asOf.textContent = waiting.dataset.at;
    say("");
    const row = here && document.querySelector(`[data-case="${here}"]`);
    (row ?? waiting).querySelector("th a")?.focus();
  });

  setInterval(look, LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", look);
}

const states = (root) => new Map([...root.querySelectorAll("[data-case]")].map((row) => [row.dataset.case, row.dataset.state]));

const told = (added, changed) => [added && `${added} new`, changed && `${changed} changed`].filter(Boolean).join(", ") + " since this list was shown.";

document.querySelectorAll("[data-live]").forEach(watchQueue);

// Before a device is handed over it looks whether anything was left in it since it was last checked.
const here = document.getElementById("check");
if (here) import(here.dataset.check).then(({ look }) => look(here)).catch(() => {});

// A page of the desk that the browser kept is asked for anew: the device may be a patient's by now.
addEventListener("pageshow", (event) => event.persisted && location.reload());
