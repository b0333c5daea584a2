// Keeps a screen true: hears that something changed, fetches the part it shows, says LIVE or STALE, sounds once armed.
"use strict";
(() => {
  const STALE_MS = 12000, FIRST_MS = 1500;
  const address = document.body.dataset.live;
  if (!address) return;
  const badge = document.getElementById("live"), arm = document.getElementById("arm"), loud = document.getElementById("loud");
  const opened = Date.now();
  let heard = 0, hearing = false, audio = null, pending = false, running = false, pressing = false, known = urgent();

  // What is new in it sounds: an alarm, and its loudest line. A silent SOS is shown where it was raised, and sounds elsewhere.
  function urgent() {
    return new Set([...document.querySelectorAll("[data-level]:not([data-hushed])")].flatMap((card) => [
      ...("alarm" in card.dataset ? [card.dataset.incident] : []),
      ...(card.dataset.level === "urgent" ? [card.dataset.incident + " urgent"] : []),
    ]));
  }
  function show() {
    const age = Date.now() - heard, live = hearing && age < STALE_MS;
    // A page that has only just opened says neither: its badge still shows dots.
    if (!live && !heard && Date.now() - opened < FIRST_MS) return;
    badge.textContent = live ? badge.dataset.liveWord : `${badge.dataset.staleWord} ${heard ? Math.round(age / 1000) + " s" : ""}`;
    badge.className = "badge " + (live ? "good" : "bad");
    document.body.classList.toggle("stale", !live);
    // Silence is not calm: a screen that cannot hear says so in the largest words it has.
    loud.hidden = live || (!heard && Date.now() - opened < STALE_MS);
  }
  // Parts are fetched one at a time; whatever changed meanwhile is fetched once more at the end.
  async function reload() {
    if (running) { pending = true; return; }
    running = true;
    do {
      pending = false;
      for (const part of document.querySelectorAll("[data-part]")) await fetchPart(part);
    } while (pending);
    running = false;
  }
  async function fetchPart(part) {
    // Somebody who types or has opened a choice is not interrupted; the badge keeps telling the time.
    if (part.contains(document.activeElement) && /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { pending = false; setTimeout(reload, 1500); return; }
    try {
      const answer = await fetch(part.dataset.url, { headers: { "X-Tocsin-Part": part.dataset.part }, cache: "no-store" });
      if (answer.status === 401) { location.reload(); return; }
      if (!answer.ok) return;
      const fresh = document.createElement("template");
      fresh.innerHTML = await answer.text();
      if (plain(fresh) === plain(part)) return;
      // Nothing moves under a finger that is down.
      if (pressing) { setTimeout(reload, 300); return; }
      const focused = part.contains(document.activeElement) ? nameOf(document.activeElement) : "";
      const opened = [...part.querySelectorAll("details")].map((one) => one.open);
      part.replaceChildren(fresh.content);
      part.querySelectorAll("details").forEach((one, i) => { if (opened[i] !== undefined) one.open = opened[i]; });
      const again = focused && [...part.querySelectorAll("button, a, summary")].find((one) => nameOf(one) === focused);
      if (again) again.focus();
      sound();
    } catch { hearing = false; show(); }
  }
  // What a part says, without what differs each time it is fetched, or by what the reader has opened.
  function plain(one) {
    return one.innerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "").replace(/ open=""/g, "");
  }
  // Which button or link it is: two cards have the same buttons, and the wrong one must never get the key press.
  function nameOf(one) {
    return one.tagName + " " + (one.form ? one.form.action + " " + one.name + " " + one.value : one.href || one.textContent);
  }
  function sound() {
    const now = urgent(), fresh = [...now].some((id) => !known.has(id));
    known = now;
    if (fresh && audio) tone(6);
  }
  function tone(times) {
    for (let i = 0; i < times; i++) {
      const voice = audio.createOscillator(), loud = audio.createGain(), at = audio.currentTime + i * 0.45;
      voice.type = "square"; voice.frequency.value = i % 2 ? 880 : 1175; loud.gain.value = 0.25;
      voice.connect(loud).connect(audio.destination); voice.start(at); voice.stop(at + 0.35);
    }
  }
  document.addEventListener("pointerdown", () => { pressing = true; }, true);
  for (const over of ["pointerup", "pointercancel"]) document.addEventListener(over, () => setTimeout(() => { pressing = false; }), true);
  arm.addEventListener("click", () => {
    audio = audio || new AudioContext();
    audio.resume(); tone(1);
    arm.textContent = badge.dataset.armed; arm.setAttribute("aria-pressed", "true");
  });

  // A browser gives up for good on an answer that is no stream; this does not. Whether the session is over, the parts tell.
  function connect() {
    const source = new EventSource(address);
    source.addEventListener("beat", (beat) => {
      heard = Date.now();
      const now = JSON.parse(beat.data).hearing;
      if (now && !hearing) reload();
      hearing = now; show();
    });
    source.addEventListener("changed", () => { heard = Date.now(); reload(); });
    source.addEventListener("reload", () => { heard = Date.now(); reload(); });
    source.onerror = () => {
      hearing = false; show();
      if (source.readyState === EventSource.CLOSED) setTimeout(() => { reload(); connect(); }, 2000);
    };
  }
  connect();
  setInterval(show, 1000); setInterval(reload, 60000);
  show();
})();
