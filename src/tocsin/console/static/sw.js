// Shows what was pushed, in neutral words, and opens the page that the push names. Keeps the SOS page for no connection.
"use strict";
const KEPT = "tocsin-1", PAGES = ["/phone", "/static/phone.js", "/static/tocsin.css", "/static/icon.svg"];
self.addEventListener("install", (install) => {
  install.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(PAGES)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (activate) => activate.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (get) => {
  const path = new URL(get.request.url).pathname;
  if (get.request.method !== "GET" || !PAGES.includes(path)) return;
  get.respondWith(fetch(get.request).then((answer) => {
    const copy = answer.clone();
    caches.open(KEPT).then((kept) => kept.put(path, copy));
    return answer;
  }).catch(() => caches.match(path)));
});
self.addEventListener("push", (push) => {
  let said = {};
  try { said = push.data ? push.data.json() : {}; } catch { said = {}; }
  push.waitUntil(self.registration.showNotification(said.title || "Tocsin", {
    body: said.body || said.text || "", tag: said.tag || said.reference, renotify: Boolean(said.tag || said.reference),
    requireInteraction: said.quiet !== true, silent: said.silent === true, data: { link: said.link || "/" }, icon: "/static/icon.svg",
  }));
});
self.addEventListener("notificationclick", (click) => {
  click.notification.close();
  click.waitUntil(self.clients.openWindow(click.notification.data.link));
});
