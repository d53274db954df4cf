// Keeps the looks of the tablet, and one page that says there is no connection. Nothing else is ever
// kept: no page of a form, no answer, no suggestion. What is kept is used only where the network
// does not answer: whoever has the browser's own tools can change it.

const { kept, offline, version } = {{ keep|tojson }};
const CACHE = `intake-${version}`;

addEventListener("install", (event) => {
  event.waitUntil(fill());
  self.skipWaiting();
});

addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name !== CACHE);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))));
});

// After each look at what is left, so that the next patient has nothing that lay here before.
addEventListener("message", (event) => {
  if (event.data === "fill") event.waitUntil(fill());
  if (event.data === "windows") event.waitUntil(count().then((found) => event.ports[0].postMessage(found)));
});

const count = async () => (await clients.matchAll({ type: "window", includeUncontrolled: true })).length;

async function fill() {
  const fresh = await Promise.all(Object.entries(kept).map(([address, integrity]) => fetch(address, { integrity })));
  if (fresh.some((answer) => !answer.ok)) throw new Error("not answered");
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  await Promise.all(fresh.map((answer) => cache.put(answer.url, answer)));
}

const keptOf = (address) => caches.match(address, { cacheName: CACHE });

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname + search in kept && pathname !== offline) {
    event.respondWith(fetch(request).catch(async () => (await keptOf(request)) ?? Response.error()));
  } else if (request.mode === "navigate" && pathname.startsWith("/tablet/")) {
    event.respondWith(fetch(request).catch(() => keptOf(offline)));
  }
});
