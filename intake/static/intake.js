// What makes the tablet's pages smoother: they work without any of it. Nothing is kept in the
// browser: no storage, no cache, and a page that is left behind is emptied.

const SLOWEST_TRY_MS = 15_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;
const TELL_THE_DESK_MS = 120_000;
const SECONDS_TO_ANSWER = 30;
const SETTLED_MS = 600;
const ONE_TAP_MS = 350;
const SAME_TAP_MS = 30;
const SAME_SPOT_PX = 14;
const MOST_NAMES = 6;
const MOST_POINTS = 15_000;

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
const words = (name, values = {}) => filled(JSON.parse(document.body.dataset.words)[name], values);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

function enhance() {
  for (const part of all("[data-js]")) part.hidden = false;
  reveal();
  all("[data-combo]").forEach(combobox);
  all("[data-pad]").forEach(pad);
  maps = all("[data-map]").map(bodyMap);
  listen();
  (document.getElementById("error-summary") ?? document.getElementById("leaving"))?.focus();
  watch();
  check().then(install);
}

// The looks of the tablet are kept for when the network is cut; only where a visit begins, so that
// nothing is left when it has ended. They are fetched anew for each patient.
async function install() {
  const { worker } = document.body.dataset;
  if (!worker) return;
  const kept = await navigator.serviceWorker?.register(worker).catch(() => null);
  kept?.active?.postMessage("fill");
}

// Between two patients the device looks whether anything of the last one is left. The page names the
// script, and what it must be, before this one; the browser hands out no other under its address.
async function check() {
  const here = document.getElementById("check");
  if (here) await import(here.dataset.check).then(({ look }) => look(here)).catch(() => {});
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
  const at = target.getBoundingClientRect().top;
  if (target.type === "checkbox") for (const follow of maps) follow();
  reveal();
  if (maps.length) scrollBy(0, target.getBoundingClientRect().top - at);
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

// The second tap of a double tap means nothing: neither on the page that the first one led to, nor
// on what moved under the finger. Only for fingers; keys and pointers do not shake like that.

let shownAt = 0;
let tappedAt = -Infinity;

addEventListener("click", (event) => {
  if (event.pointerType !== "touch") return;
  const now = performance.now();
  const since = now - tappedAt;
  if (since < SAME_TAP_MS) return; // what a label passes on to its box
  if (now - shownAt < SETTLED_MS || since < ONE_TAP_MS) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else {
    tappedAt = now;
  }
}, true);

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
    if (isCovered && form.id === "page" && button?.value !== "lock") return await send(form, lockButton());
    await follow(answer, "last" in form.dataset);
  } finally {
    sending = false;
    button?.removeAttribute("aria-busy");
  }
  return undefined;
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
  isCovered = false;
  scrollTo(0, 0);
  shownAt = performance.now();
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
  if (sending) return cover();
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

const lockButton = () => Object.assign(document.createElement("button"), { name: "do", value: "lock" });

function lock(form) {
  document.querySelector("button").remove();
  return send(form, lockButton());
}

// What waits for the network is hidden as well; it is sent when that is back, and then locked.

let isCovered = false;

function cover() {
  if (isCovered) return;
  isCovered = true;
  const said = words("covered");
  document.body.replaceChildren(document.getElementById("idle").content.cloneNode(true));
  document.querySelector("h2").textContent = said;
  for (const part of all(".lead, .actions")) part.remove();
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
  if (!document.querySelector(".listen-near")) {
    document.querySelector(".listen")?.after(Object.assign(document.createElement("span"), { className: "listen-near", textContent: words("headphones") }));
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
    if (list.hidden) {
      if (event.key === "Escape") close();  // also what was asked for and has not come yet
      return;
    }
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

// The body map. Ticks and rows go together: a ticked region has a row to say what is there, a tap on
// the picture ticks and puts the spot on it, and taking the last row of a region takes the tick.

let maps;

const SVG = "http://www.w3.org/2000/svg";
const TIP = "M0 0C-3-8-14-15-14-26a14 14 0 1 1 28 0C14-15 3-8 0 0Z";
const TICK = "m-5 .5 3.5 3.5L5.5-4.5";

function bodyMap(card) {
  const { map: name, picture, most } = card.dataset;
  const said = JSON.parse(card.dataset.mapWords);
  const find = (selector) => card.querySelector(selector);
  const [list, status, model, title] = ["[data-spots]", "[data-said]", "template", "[data-spots-title]"].map(find);
  const pictures = all("svg[data-view]", card);
  const part = (row, which) => row.querySelector(`[data-part="${which}"]`);
  const regionOf = (row) => part(row, "region").value;
  const placeOf = (row) => part(row, "place").value;
  const rows = (region) => [...list.children].filter((row) => !region || regionOf(row) === region);
  const optionOf = (code) => part(model.content, "region").querySelector(`[value="${code}"]`);
  const nameOf = (region) => optionOf(region).textContent;
  const boxes = group(card.closest("form"), name);
  const boxOf = (region) => boxes.find((box) => box.value === region);
  const gone = new Map();
  const tell = (which, values) => {
    status.textContent = filled(said[which], values);
  };

  const add = (region, what = "", place = "") => {
    const row = model.content.firstElementChild.cloneNode(true);
    part(row, "region").value = region;
    part(row, "what").value = what;
    part(row, "place").value = place;
    row.dataset.region = region;
    part(row, "change").addEventListener("click", () => openPlace(row));
    part(row, "region").addEventListener("change", () => move(row));
    part(row, "remove").addEventListener("click", () => remove(row));
    list.append(row);
    return row;
  };

  const draw = () => {
    let count = 0;
    rows().forEach((row, n) => {
      const number = placeOf(row) ? (count += 1) : 0;
      const place = nameOf(regionOf(row));
      const spot = number ? `${filled(said.spot, { number })} ` : "";
      part(row, "number").textContent = number || "✓";
      part(row, "spot").textContent = spot;
      part(row, "name").textContent = place;
      for (const which of all('[data-part="which"]', row)) which.textContent = ` ${spot}${place}`;
      for (const which of ["region", "what", "place"]) part(row, which).name = `${name}-spots-${n}-${which}`;
      for (const which of ["title", "label", "what", "where", "where-label", "region"]) part(row, which).id = `${name}-spots-${n}-${which}`;
      row.setAttribute("aria-labelledby", part(row, "title").id);
      part(row, "label").htmlFor = part(row, "what").id;
      part(row, "where-label").htmlFor = part(row, "region").id;
      part(row, "what").setAttribute("aria-labelledby", `${part(row, "title").id} ${part(row, "label").id}`);
      part(row, "change").setAttribute("aria-controls", part(row, "where").id);
      Object.assign(row.dataset, { number, region: regionOf(row) });
    });
    find("[data-empty]").hidden = Boolean(list.children.length);
    pictures.forEach(mark);
  };

  const mark = (svg) => {
    const pins = rows().filter((row) => placeOf(row).startsWith(`${svg.dataset.view} `) && placeOf(row).endsWith(` ${picture}`));
    const { width, height } = svg.viewBox.baseVal;
    const shapes = pins.map((row) => {
      const [, x, y] = placeOf(row).split(" ");
      return shape("map-pin", x * width, y * height, ["path", { d: TIP }], ["text", { y: -20 }, row.dataset.number]);
    });
    for (const region of all("[data-region]", svg)) {
      const code = region.dataset.region;
      const bare = rows(code).length && !rows(code).some(placeOf);
      region.classList.toggle("is-ticked", rows(code).length > 0);
      if (bare) for (const [x, y] of pairs(region.dataset.at)) shapes.unshift(shape("map-mark", x, y, ["circle", { r: 12 }], ["path", { d: TICK }]));
    }
    svg.querySelector("[data-pins]").replaceChildren(...shapes);
    shapes.slice(shapes.length - pins.length).forEach((pin, n) => pin.addEventListener("click", () => part(pins[n], "what").focus()));
    const badge = tabOf(svg).querySelector("[data-count]");
    badge.hidden = !shapes.length;
    badge.replaceChildren(...(shapes.length ? counted(shapes.length) : []));
  };
  const counted = (count) => {
    const hidden = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: filled(said.count, { count }) });
    const shown = Object.assign(document.createElement("span"), { textContent: count });
    shown.setAttribute("aria-hidden", "true");
    return [shown, hidden];
  };

  // A box that was ticked or unticked, here or in the list.
  const follow = () => {
    const lost = [];
    for (const box of boxes.filter((one) => optionOf(one.value))) {
      const here = rows(box.value);
      if (box.checked && !here.length) {
        if (gone.has(box.value)) list.append(...gone.get(box.value));
        else add(box.value);
      } else if (!box.checked && here.length) {
        gone.set(box.value, here);
        if (here.some((row) => placeOf(row) || part(row, "what").value)) lost.push(nameOf(box.value));
        for (const row of here) row.remove();
      }
    }
    draw();
    if (lost.length) tell("gone", { places: lost.join(", ") });
  };
  const tick = (region) => {
    const box = boxOf(region);
    if (box.checked) return;
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // Shaky fingers tap a spot twice; a pin there would hide the first.
  const beside = (one, other) => {
    const [[view, x, y], [otherView, otherX, otherY]] = [one.split(" "), other.split(" ")];
    const { width, height } = pictures.find((svg) => svg.dataset.view === otherView).getBoundingClientRect();
    return view === otherView && Math.hypot((x - otherX) * width, (y - otherY) * height) < SAME_SPOT_PX;
  };

  const drop = (region, place) => {
    const same = rows(region).find((row) => beside(placeOf(row), place));
    if (same) return tell("added", { number: same.dataset.number, place: nameOf(region) });
    if (rows().length >= most) return tell("most", { count: most });
    tick(region);
    const row = rows(region).find((one) => !placeOf(one)) ?? add(region);
    part(row, "place").value = place;
    list.append(row);
    draw();
    return tell("added", { number: row.dataset.number, place: nameOf(region) });
  };
  const openPlace = (row) => {
    const where = part(row, "where");
    where.hidden = !where.hidden;
    part(row, "change").setAttribute("aria-expanded", String(!where.hidden));
    if (!where.hidden) part(row, "region").focus();
  };
  const move = (row) => {
    const from = row.dataset.region;
    part(row, "place").value = "";
    if (!rows(from).length) boxOf(from).checked = false;
    tick(regionOf(row));
    draw();
  };
  const remove = (row) => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const region = regionOf(row);
    const places = part(row, "spot").textContent + part(row, "name").textContent;
    row.remove();
    gone.delete(region);
    if (!rows(region).length) boxOf(region).checked = false;
    draw();
    tell("removed", { places });
    (next ? part(next, "remove") : title).focus();
  };

  const tabs = all('[role="tab"]', card);
  const tabOf = (svg) => tabs[pictures.indexOf(svg)];
  const show = (at) => {
    tabs.forEach((tab, n) => {
      tab.setAttribute("aria-selected", String(n === at));
      tab.tabIndex = n === at ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = n !== at;
    });
  };
  tabs.forEach((tab, at) => {
    tab.addEventListener("click", () => show(at));
    tab.addEventListener("keydown", (event) => {
      const ahead = document.documentElement.dir === "rtl" ? -1 : 1;
      const to = { ArrowRight: at + ahead, ArrowLeft: at - ahead, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = (to + tabs.length) % tabs.length;
      show(next);
      tabs[next].focus();
    });
  });
  for (const svg of pictures) {
    svg.addEventListener("click", (event) => {
      const { region, to } = event.target.dataset;
      if (to) show(pictures.findIndex((other) => other.dataset.view === to));
      if (!region) return;
      const box = svg.getBoundingClientRect();
      const fraction = (at, from, size) => Math.round(Math.min(Math.max((at - from) / size, 0), 1) * 1e4) / 1e4;
      const at = [fraction(event.clientX, box.left, box.width), fraction(event.clientY, box.top, box.height)];
      drop(region, [svg.dataset.view, ...at, picture].join(" "));
    });
  }

  const written = all("[data-words-of]", card.closest("fieldset")).sort((a, b) => a.dataset.number - b.dataset.number);
  for (const box of written) {
    const what = box.querySelector('[type="text"]').value;
    const place = box.querySelector("[data-place]")?.value ?? "";
    if (what || place) add(box.dataset.wordsOf, what, place);
    box.remove();
  }
  show(0);
  follow();
  status.textContent = "";
  return follow;
}

const pairs = (text) => text.trim().split(" ").flatMap((x, n, every) => (n % 2 ? [] : [[x, every[n + 1]]]));

function shape(className, x, y, ...parts) {
  const outer = document.createElementNS(SVG, "g");
  outer.setAttribute("class", className);
  outer.setAttribute("transform", `translate(${x} ${y})`);
  for (const [tag, attributes, text = ""] of parts) {
    const made = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    outer.append(made);
  }
  return outer;
}

enhance();
