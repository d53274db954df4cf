// Keeps the looks of the tablet, and one page that says there is no connection. Nothing else is ever
// kept: no page of a form, no answer, no suggestion.

const { files, offline, version } = {{ keep|tojson }};
const CACHE = `intake-${version}`;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...files, offline])));
  self.skipWaiting();
});

addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name !== CACHE);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (files.includes(pathname + search)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate" && pathname.startsWith("/tablet/")) {
    event.respondWith(fetch(request).catch(() => caches.match(offline)));
  }
});
