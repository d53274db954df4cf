// Looks, after a visit, whether anything of it is left in this browser, and tells the server: only
// where something is, never what. What cannot be looked at counts as left.

const ADDRESS = /^\/[\w/-]*$/;
const LONGEST_COUNT_MS = 5_000;
const SAID = /^[\w.:-]{0,64}$/;

const LOOKS = {
  local: () => localStorage.length > 0,
  session: () => sessionStorage.length > 0,
  databases: async () => (await indexedDB.databases()).length > 0,
  files,
  caches: keptPages,
  workers: otherWorkers,
  windows: otherWindows,
  cookies: () => document.cookie !== "",
  window: () => window.name !== "",
  history: () => history.state !== null || toldInHistory(),
  fields: filledIn,
};

export async function look({ dataset }) {
  const handsOver = document.querySelector("[data-carries-found]");
  if (handsOver) return lookAsItIsSent(handsOver, dataset);
  return tell(dataset, await whatIsLeft(dataset));
}

async function whatIsLeft(here) {
  const left = new Set();
  for (const [place, isLeft] of Object.entries(LOOKS)) {
    try {
      if (await isLeft(here)) left.add(place);
    } catch {
      left.add("unread");
    }
  }
  return left;
}

async function tell({ checked, token, start }, left) {
  const body = new URLSearchParams({ csrf_token: token });
  for (const place of left) body.append("found", place);
  const answer = await fetch(checked, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const { may_be_given: mayBeGiven } = await answer.json();
  if (location.pathname === start && document.querySelector(mayBeGiven ? ".staff-words" : "#page")) location.replace(start);
}

// At the desk the form that hands the device over carries what is found as it is sent. It is not
// sent while another window is open: whoever closes that needs nothing else.
function lookAsItIsSent(form, here) {
  const other = form.querySelector("[data-other-window]");
  let isLooking = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isLooking) return;
    isLooking = true;
    const left = await whatIsLeft(here);
    other.hidden = !left.delete("windows");
    isLooking = false;
    if (!other.hidden) return other.focus();
    form.append(...[...left].map((value) => Object.assign(document.createElement("input"), { type: "hidden", name: "found", value })));
    return form.submit();
  });
}

// A private window has no folder of its own, and refuses to open one.
async function files() {
  const root = await navigator.storage?.getDirectory?.().catch(() => null);
  if (!root) return false;
  for await (const _ of root.keys()) return true;
  return false;
}

// Without a secure connection there is no cache and no worker to look at. What bears one of our
// addresses is read as well: it may be another's.
async function keptPages(here) {
  const kept = new Map(Object.entries(JSON.parse(here.kept)));
  for (const name of await (globalThis.caches?.keys() ?? [])) {
    const cache = await caches.open(name);
    const [requests, answers] = [await cache.keys(), await cache.matchAll()];
    for (const [at, { url }] of requests.entries()) {
      const { origin, pathname, search } = new URL(url);
      const isOurs = origin === location.origin && kept.get(pathname + search) === (await integrityOf(answers[at]));
      if (!isOurs) return true;
    }
  }
  return false;
}

async function integrityOf(answer) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-384", await answer.arrayBuffer()));
  return `sha384-${btoa(String.fromCharCode(...digest))}`;
}

async function otherWorkers({ worker }) {
  const all = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  const ours = new URL(worker, location.href).href;
  const known = all.flatMap(({ active, waiting, installing }) => [active, waiting, installing]);
  return known.some((one) => one && one.scriptURL !== ours);
}

// The worker knows of windows that answer nobody; where there is none, those are asked.
async function otherWindows({ worker, turns }) {
  const { active } = (await navigator.serviceWorker?.getRegistration(worker)) ?? {};
  const { isAnotherThere } = await import(turns);
  return (active && (await counted(active)) > 1) || isAnotherThere();
}

function counted(worker) {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage("windows", [port2]);
  const told = new Promise((done) => (port1.onmessage = ({ data }) => done(data)));
  return Promise.race([told, new Promise((_, fail) => setTimeout(fail, LONGEST_COUNT_MS))]);
}

// Addresses of ours hold marks and ids; one with anything else could tell something.
function toldInHistory() {
  const entries = globalThis.navigation?.entries?.() ?? [];
  return entries.some((entry) => {
    const { origin, pathname, searchParams } = new URL(entry.url ?? location.href);
    const isOurs = origin === location.origin;
    const says = !ADDRESS.test(pathname) || [...searchParams.values()].some((value) => !SAID.test(value));
    return isOurs && (says || (entry.getState?.() ?? null) !== null);
  });
}

// Nobody can type into these fields, so whatever is in one was put there by the browser.
function filledIn() {
  const probes = [...document.querySelectorAll("#probes input")];
  const isTouched = navigator.userActivation?.hasBeenActive ?? true;
  const fields = isTouched ? [] : [...document.querySelectorAll("#page input[type=text], #page textarea")];
  return [...probes, ...fields].some((field) => field.value !== field.defaultValue);
}
