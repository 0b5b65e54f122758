// Keeps the app's own files, so that it opens without a line. People's data never pass through here: they lie encrypted in the page's store.
"use strict";
const files = {{ files|safe }};
let sum = 0;
for (const letter of files.join()) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
const name = "village-day-" + sum;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (keys) => keys.filter((key) => key.startsWith("village-day-") && key !== name);
  event.waitUntil(caches.keys().then((keys) => Promise.all(old(keys).map((key) => caches.delete(key)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET" || !files.includes(path)) return;
  // The line first, so that a new version is seen; what was kept when there is none. A login page is never kept.
  event.respondWith(
    fetch(event.request).then((answer) => {
      if (answer.ok && !answer.redirected) {
        const copy = answer.clone();
        caches.open(name).then((cache) => cache.put(path, copy));
      }
      return answer;
    }).catch(() => caches.match(path)),
  );
});
