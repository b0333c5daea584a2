// The link's secret is in the fragment: it is posted in a body, never sent in an address. What was pressed is kept in
// this tab, also over a reload, and sent again until the server has answered: only its word makes a link dead.
"use strict";
(() => {
  const GONE = [404, 410], TRY_MS = 8000, ASK_MS = 10000, FIRST_MS = 2000, PAUSES_MS = [1000, 2000, 4000, 8000], KEPT_MS = 600000;
  const $ = (id) => document.getElementById(id);
  const box = $("answer"), dead = $("dead"), notes = ["offline", "unsent", "stale"].map($);
  const secret = location.hash.slice(1);
  let press = null, shown = false;

  const say = (id) => notes.forEach((note) => { note.hidden = note.id !== id; });
  function die() { keep(null); say(""); box.hidden = true; dead.hidden = false; }
  // In this entry of the history: it is of this one link, and holds no secret.
  function keep(next) { press = next; history.replaceState(next && { values: next.values, at: next.at }, ""); }
  const newName = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const pause = (ms) => new Promise((go) => { const timer = setTimeout(go, ms); addEventListener("online", () => { clearTimeout(timer); go(); }, { once: true }); });

  // {gone}, {part}, or nothing: no connection, the database away, a page of something between here and the server.
  async function post(address, values) {
    try {
      const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ secret, ...values }), cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(TRY_MS) });
      if (GONE.includes(answer.status)) return { gone: true };
      return answer.ok && answer.headers.get("X-Tocsin-Part") === "answer" ? { part: await answer.text() } : {};
    } catch { return {}; }
  }
  function take(said) { shown = true; $("stale").hidden = true; box.innerHTML = said.part; }

  // Another press takes the place of this one; every try of one press says the same name, so that it counts once.
  async function send(mine) {
    for (let n = 0; ; n++) {
      if (Date.now() - mine.at > KEPT_MS) { keep(null); say("unsent"); return; }
      // A look grows old while it waits here: the server is told for how long it did.
      const said = await post(box.dataset.act, { ...mine.values, waited_ms: Math.max(0, Date.now() - mine.at) });
      if (mine !== press) return;
      if (said.gone) { die(); return; }
      if (said.part) { keep(null); say(""); take(said); return; }
      say("offline");
      await pause(PAUSES_MS[Math.min(n, PAUSES_MS.length - 1)]);
      if (mine !== press) return;
    }
  }
  async function look() {
    const isBusy = document.hidden || press || box.querySelector("details[open], input:checked");
    if (!shown || !isBusy) {
      const said = await post(box.dataset.show, {});
      if (said.gone) { die(); return; }
      // She may have pressed, or opened a choice, while the answer was under way.
      const mayShow = !press && !box.querySelector("details[open], input:checked");
      if (said.part && (mayShow || !shown)) take(said);
      else if (!said.part && mayShow && $("unsent").hidden) say("stale");
    }
    if (dead.hidden) setTimeout(look, shown ? ASK_MS : FIRST_MS);
  }
  box.addEventListener("click", (click) => {
    const button = click.target.closest("button[data-act]");
    if (!button) return;
    const chosen = [...box.querySelectorAll("input:checked")].map((one) => [one.name, one.value]);
    keep({ values: { ...Object.fromEntries(chosen), act: button.dataset.act, press: newName() }, at: Date.now() });
    say("");
    send(press);
  });
  if (!secret) { die(); return; }
  const before = history.state;
  if (before && before.values) { keep(before); say("offline"); send(press); }
  look();
})();
