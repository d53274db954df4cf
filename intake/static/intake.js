// What makes the tablet's pages smoother: they work without any of it. Nothing is kept in the
// browser: no storage, no cache, and a page that is left behind is emptied.

const SLOWEST_TRY_MS = 15_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;
const TELL_THE_DESK_MS = 120_000;
const SECONDS_TO_ANSWER = 30;
const MOST_NAMES = 6;
const MOST_POINTS = 15_000;

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const words = (name, values = {}) =>
  JSON.parse(document.body.dataset.words)[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

function enhance() {
  for (const part of all("[data-js]")) part.hidden = false;
  reveal();
  all("[data-combo]").forEach(combobox);
  all("[data-pad]").forEach(pad);
  listen();
  document.getElementById("error-summary")?.focus();
  watch();
  install();
}

// The looks of the tablet are kept for when the network is cut; only where a visit begins, so that
// nothing is left when it has ended.
function install() {
  const { worker } = document.body.dataset;
  if (worker) navigator.serviceWorker?.register(worker).catch(() => {});
}

// Boxes that belong to one answer are shown once it is chosen.
function reveal() {
  for (const input of all("[data-reveals]")) {
    const part = document.getElementById(input.dataset.reveals);
    if (part) part.hidden = !input.checked;
  }
}

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  if (target.type === "checkbox" && target.checked) untickOthers(target);
  const cleared = target.checked && target.closest("[data-clears-text]");
  if (cleared) document.getElementById(cleared.dataset.clearsText).value = "";
  reveal();
});

document.addEventListener("input", ({ target }) => {
  const name = target.dataset?.clears;
  if (name && target.value) for (const box of group(target.form, name)) box.checked = false;
});

// Faults lead to their control without a word of it in the address, which browsers keep.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".error-summary a");
  const control = link && document.getElementById(link.hash.slice(1));
  if (!control) return;
  event.preventDefault();
  (control.closest("fieldset, .field") ?? control).scrollIntoView();
  control.focus();
});

const group = (form, name) => all(`input[type="checkbox"]`, form).filter((box) => box.name === name);

// "None of these" and "I'd rather tell" stand alone; every other answer takes them back.
function untickOthers(ticked) {
  for (const box of group(ticked.form, ticked.name)) {
    if (box !== ticked && ("alone" in ticked.dataset || "alone" in box.dataset)) box.checked = false;
  }
}

// Sending a page. When the network is cut the page stays as it is and is sent again.

let sending = false;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-page]")) return;
  event.preventDefault();
  if (!sending) send(form, event.submitter);
});

async function send(form, button) {
  sending = true;
  button?.setAttribute("aria-busy", "true");
  try {
    const answer = await untilAnswered(form, button);
    await follow(answer, "last" in form.dataset);
  } finally {
    sending = false;
    button?.removeAttribute("aria-busy");
  }
}

async function untilAnswered(form, button) {
  const since = Date.now();
  for (let pause = FIRST_WAIT_MS; ; pause = Math.min(pause * 1.6, LONGEST_WAIT_MS)) {
    const answer = await tryOnce(form, button);
    if (answer) return answer;
    say(form, Date.now() - since > TELL_THE_DESK_MS);
    await Promise.race([wait(pause), new Promise((done) => addEventListener("online", done, { once: true }))]);
  }
}

async function tryOnce(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.set(button.name, button.value);
  try {
    const signal = AbortSignal.timeout(SLOWEST_TRY_MS);
    const answer = await fetch(form.action, { method: "POST", body, signal, headers: { Accept: "application/json" } });
    return answer.status >= 502 ? null : { answer, text: await answer.text() };
  } catch {
    return null;
  }
}

function say(form, isLong) {
  const notice = document.getElementById("offline");
  if (!notice) return;
  notice.querySelector("[data-offline-words]").textContent = isLong ? `${words("offline")} ${words("desk")}` : words("offline");
  (form.querySelector(".actions:last-of-type") ?? form.lastElementChild).before(notice);
  notice.hidden = false;
}

async function follow({ answer, text }, isLast) {
  if (answer.redirected) return leave(answer.url, true);
  if (!answer.headers.get("Content-Type")?.includes("json")) return show(text);
  const to = new URL(JSON.parse(text).go, location.href);
  if (to.pathname !== location.pathname) return leave(to, isLast);
  const again = await fetch(to, { headers: { Accept: "text/html" } });
  history.replaceState(null, "", to);
  show(await again.text());
  const place = document.getElementById(to.hash.slice(1));
  place?.setAttribute("tabindex", "-1");
  place?.focus();
  return place?.scrollIntoView();
}

// Never settles: the old page stays busy until the next one is there.
function leave(to, isLast) {
  if (isLast) location.replace(to);
  else location.assign(to);
  return new Promise(() => {});
}

function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  const root = next.documentElement;
  document.title = next.title;
  Object.assign(document.documentElement, { lang: root.lang, dir: root.dir, className: root.className });
  next.querySelector("[autofocus]")?.removeAttribute("autofocus");
  document.body.replaceWith(document.adoptNode(next.body));
  scrollTo(0, 0);
  enhance();
}

// Nobody there: the page is taken away, a question stands in its place, and then the form is locked.

let clock;

function watch() {
  clearTimeout(clock);
  const parks = document.querySelector("[data-parks]")?.dataset;
  if (parks) clock = setTimeout(() => location.replace(parks.parksAt), (Number(parks.parks) + 1) * 1000);
  const seconds = Number(document.body.dataset.idle);
  if (seconds && document.getElementById("page")) clock = setTimeout(ask, seconds * 1000);
}

for (const sign of ["pointerdown", "keydown", "input", "wheel"]) {
  addEventListener(sign, () => document.getElementById("page") && watch(), { passive: true });
}

function ask() {
  if (sending) return watch();
  const form = document.getElementById("page");
  const kept = [...document.body.childNodes];
  document.body.replaceChildren(document.getElementById("idle").content.cloneNode(true));
  const count = document.querySelector("[data-count]");
  const stay = document.querySelector("button");
  let left = SECONDS_TO_ANSWER;
  const tick = setInterval(() => {
    left -= 1;
    count.textContent = left;
    if (left > 0) return;
    clearInterval(tick);
    lock(form);
  }, 1000);
  count.textContent = left;
  stay.addEventListener("click", () => {
    clearInterval(tick);
    document.body.replaceChildren(...kept);
    watch();
  });
  return stay.focus();
}

function lock(form) {
  document.querySelector("button").remove();
  return send(form, Object.assign(document.createElement("button"), { name: "do", value: "lock" }));
}

// Nothing of a page is left for whoever presses Back.

addEventListener("pagehide", () => document.body.replaceChildren());
addEventListener("pageshow", (event) => event.persisted && location.reload());

// Reading aloud, with voices that stay on the device: others would send the question out.

const voices = window.speechSynthesis;
const voiceHere = () => {
  const lang = document.documentElement.lang;
  return voices?.getVoices().find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(lang));
};

function listen() {
  voices?.cancel();
  if (!voiceHere()) return;
  for (const legend of all("#page fieldset > legend:not(:has(+ .listen))")) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "listen", textContent: words("listen") });
    button.setAttribute("aria-label", `${words("listen")}: ${legend.textContent.trim()}`);
    button.addEventListener("click", () => readAloud(legend.parentElement));
    legend.after(button);
  }
}

function readAloud(field) {
  const was = voices.speaking;
  voices.cancel();
  if (was) return;
  const parts = all("legend, .hint, .row-text", field).filter((part) => part.offsetParent && part.closest("fieldset") === field);
  for (const part of parts) {
    const said = Object.assign(new SpeechSynthesisUtterance(part.textContent.trim()), { voice: voiceHere(), lang: document.documentElement.lang });
    voices.speak(said);
  }
}

voices?.addEventListener?.("voiceschanged", listen);
addEventListener("pagehide", () => voices?.cancel());

// Names of medicines (ARIA 1.2 combobox with a list). What is typed always counts as it stands.

function combobox(input) {
  if (input.getAttribute("role")) return;
  const list = Object.assign(document.createElement("ul"), { id: `${input.id}-list`, className: "combo-list", hidden: true });
  const count = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  count.setAttribute("role", "status");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words("names"));
  input.after(list, count);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }
  let active = -1;
  let asked = 0;

  const close = () => {
    asked += 1;
    list.hidden = true;
    mark(-1);
    input.setAttribute("aria-expanded", "false");
  };
  const mark = (at) => {
    active = at;
    [...list.children].forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const choose = (row) => {
    input.value = row.dataset.name;
    close();
    count.textContent = "";
  };
  const row = (name, text, n) => {
    const made = Object.assign(document.createElement("li"), { id: `${list.id}-${n}`, className: "combo-row", textContent: text });
    made.setAttribute("role", "option");
    made.dataset.name = name;
    made.addEventListener("click", () => choose(made));
    return made;
  };
  const offer = (typed, names) => {
    const rows = names.slice(0, MOST_NAMES).map((name) => [name, name]);
    rows.push([typed, words("asTyped", { typed })]);
    list.replaceChildren(...rows.map(([name, text], n) => row(name, text, n)));
    mark(-1);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    count.textContent = names.length ? words("found", { count: rows.length - 1 }) : words("none");
  };

  list.addEventListener("pointerdown", (event) => event.preventDefault());
  input.addEventListener("blur", close);
  input.addEventListener("input", async () => {
    const typed = input.value.trim();
    const mine = (asked += 1);
    if (typed.length < 2) return close();
    await wait(150);
    if (mine !== asked) return undefined;
    const names = await namesLike(input, typed);
    return mine === asked && document.activeElement === input ? offer(typed, names) : undefined;
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const rows = list.children.length;
    if (step) mark(active < 0 && step < 0 ? rows - 1 : (active + step + rows) % rows);
    else if (event.key === "Enter") active < 0 ? close() : choose(list.children[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}

async function namesLike(input, typed) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": input.form.elements.csrf_token.value };
  try {
    const answer = await fetch(input.dataset.combo, { method: "POST", headers, body: JSON.stringify({ typed }) });
    return answer.ok && !answer.redirected ? (await answer.json()).names : [];
  } catch {
    return [];
  }
}

// The signature: strokes as fractions of the box, so that they survive turning the tablet.

function pad(canvas) {
  const kept = document.getElementById(canvas.dataset.pad);
  const pen = canvas.getContext("2d");
  let strokes = JSON.parse(kept.value || "[]");
  let current = null;

  const draw = () => {
    const { width, height } = canvas.getBoundingClientRect();
    const scale = devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    pen.scale(scale, scale);
    Object.assign(pen, { lineWidth: 2.5, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(canvas).color });
    for (const stroke of strokes) line(stroke, width, height);
  };
  const line = (points, width, height) => {
    pen.beginPath();
    points.forEach(([x, y], n) => pen[n ? "lineTo" : "moveTo"](x * width, y * height));
    pen.stroke();
  };
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const part = (at, from, size) => Math.round(Math.min(Math.max((at - from) / size, 0), 1) * 1e4) / 1e4;
    return [part(event.clientX, box.left, box.width), part(event.clientY, box.top, box.height)];
  };
  const keep = () => {
    kept.value = strokes.length ? JSON.stringify(strokes) : "";
  };
  const end = () => {
    current = null;
    keep();
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    canvas.setPointerCapture(event.pointerId);
    current = [point(event)];
    strokes.push(current);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!current || strokes.flat().length > MOST_POINTS) return;
    const { width, height } = canvas.getBoundingClientRect();
    const from = current.length - 1;
    for (const step of event.getCoalescedEvents?.() ?? [event]) current.push(point(step));
    line(current.slice(from), width, height);
  });
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.closest("form").querySelector('button[name="clear"]').addEventListener("click", () => {
    strokes = [];
    end();
    draw();
  });
  new ResizeObserver(draw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

enhance();
