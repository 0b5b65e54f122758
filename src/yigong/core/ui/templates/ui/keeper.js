// Keeps a page's own files, so that it opens without a line. What people type never passes through here: it lies encrypted in the page's store.
"use strict";
const files = {{ files|safe }}, kind = {{ name|safe }}, page = {{ page|safe }};
let sum = 0;
for (const letter of files.join()) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
const name = kind + "-" + sum;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (keys) => keys.filter((key) => key.startsWith(kind + "-") && key !== name);
  event.waitUntil(caches.keys().then((keys) => Promise.all(old(keys).map((key) => caches.delete(key)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET") return;
  if (!files.includes(path)) {
    if (page && event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => caches.match(page)));
    return;
  }
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
