// Shows what was pushed, in neutral words, and opens the page that the push names. Keeps the SOS page for no connection.
"use strict";
// The number goes up with how copies are kept: what an older worker left in a phone (a proxy's error page) is dropped.
const KEPT = "tocsin-2", WAIT_MS = 1000, GIVE_UP_MS = 20000, HUNG_FOR_MS = 10000;
// What each must be to be kept: a proxy, or the page of a hotel's network, may answer anything with 200.
const PAGES = { "/phone": "text/html", "/static/phone.js": "javascript", "/static/tocsin.css": "text/css", "/static/icon.svg": "image/svg" };
let hungAt = -HUNG_FOR_MS;

// An answer of our own page, or an error. By path: a request of a page itself takes no time limit.
async function fresh(path) {
  const answer = await fetch(path, { cache: "no-cache", redirect: "manual", credentials: "same-origin", signal: AbortSignal.timeout(GIVE_UP_MS) });
  return { answer, isOurs: await isOurs(path, answer) };
}
async function isOurs(path, answer) {
  if (!answer.ok || answer.redirected || answer.type !== "basic") return false;
  if (!(answer.headers.get("Content-Type") || "").includes(PAGES[path])) return false;
  return path !== "/phone" || (await answer.clone().text()).includes("data-gates=");
}
// The network's answer is kept when it is ours; whatever else it says, or if it says nothing for a second, the copy is
// what she sees. Once it has hung, the script and the style do not wait again.
async function answered(path, network) {
  const kept = await (await caches.open(KEPT)).match(path);
  const first = network.then(({ answer, isOurs }) => (isOurs || !kept ? answer : kept));
  if (!kept) return first;
  const late = new Promise((go) => setTimeout(() => go(null), performance.now() - hungAt < HUNG_FOR_MS ? 0 : WAIT_MS));
  const found = await Promise.race([first.catch(() => kept), late]);
  if (!found) hungAt = performance.now();
  return found || kept;
}
async function keep(path, { answer, isOurs }) {
  if (!isOurs) return;
  await (await caches.open(KEPT)).put(path, answer);
}
self.addEventListener("install", (install) => {
  install.waitUntil(Promise.all(Object.keys(PAGES).map(async (path) => {
    const found = await fresh(path);
    if (!found.isOurs) throw new Error(path);
    await keep(path, found);
  })).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (activate) => {
  activate.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});
self.addEventListener("fetch", (get) => {
  const path = new URL(get.request.url).pathname;
  if (get.request.method !== "GET" || !Object.hasOwn(PAGES, path)) return;
  const network = fresh(path);
  const copy = network.then(({ answer, isOurs }) => ({ answer: answer.clone(), isOurs }));
  get.respondWith(answered(path, network));
  get.waitUntil(copy.then((found) => keep(path, found)).catch(() => {}));
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
