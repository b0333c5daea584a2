// Keeps a screen true: hears that something changed, fetches the part it shows, says LIVE or STALE, sounds once armed.
// A page that shows something else than the board looks at the board all the same, and says what is open there.
"use strict";
(() => {
  const STALE_MS = 12000, FIRST_MS = 1500, SHOWN = 2, ARMED = "tocsin.armed";
  const address = document.body.dataset.live;
  if (!address) return;
  const badge = document.getElementById("live"), arm = document.getElementById("arm"), loud = document.getElementById("loud"), elsewhere = document.getElementById("elsewhere");
  const isBoard = Boolean(document.querySelector('[data-part="board"]'));
  const opened = Date.now();
  let heard = 0, hearing = false, audio = null, waking = null, pending = false, running = false, pressing = false, far = null, known = isBoard ? urgent() : null;

  // What is new in it sounds: an alarm, and its loudest line. A silent SOS is shown where it was raised, and sounds elsewhere.
  function urgent() {
    return new Set(cards().flatMap((card) => [
      ...("alarm" in card.dataset ? [card.dataset.incident] : []),
      ...(card.dataset.level === "urgent" ? [card.dataset.incident + " urgent"] : []),
    ]));
  }
  function cards() {
    return [...(isBoard ? document : far).querySelectorAll("[data-level]:not([data-hushed])")];
  }
  function show() {
    const age = Date.now() - heard, live = hearing && age < STALE_MS;
    // A page that has only just opened says neither: its badge still shows dots.
    if (!live && !heard && Date.now() - opened < FIRST_MS) return;
    // A screen reader says the word when it changes, and not every second how old it is.
    const [word, old] = badge.children, said = live ? badge.dataset.liveWord : badge.dataset.staleWord;
    if (word.textContent !== said) word.textContent = said;
    old.textContent = live || !heard ? "" : `${Math.round(age / 1000)} s`;
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
      if (!isBoard) await lookAtBoard();
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
  // Somebody who reads a list or fills in a form must not miss that somebody calls. A silent SOS is shown on the board alone.
  async function lookAtBoard() {
    try {
      const answer = await fetch(elsewhere.dataset.url, { headers: { "X-Tocsin-Part": "board" }, cache: "no-store" });
      if (!answer.ok) return;
      const fresh = document.createElement("template");
      fresh.innerHTML = await answer.text();
      far = fresh.content;
      tell(); sound();
    } catch { hearing = false; show(); }
  }
  function tell() {
    const loudest = cards().filter((card) => "alarm" in card.dataset && card.dataset.level !== "held" && !location.pathname.includes(card.dataset.incident));
    const told = loudest.slice(0, SHOWN).map((card) => {
      const line = document.createElement("p"), link = card.querySelector("h3 a").cloneNode(true);
      line.className = "line " + card.dataset.level;
      line.append(link, " ", card.querySelector(".line").textContent);
      return line;
    });
    if (loudest.length > SHOWN) {
      const more = document.createElement("p"), link = document.createElement("a");
      link.href = elsewhere.dataset.url; link.textContent = `${elsewhere.dataset.board}: + ${loudest.length - SHOWN}`;
      more.className = "line urgent"; more.append(link); told.push(more);
    }
    if (pressing || told.map((one) => one.outerHTML).join() === [...elsewhere.children].map((one) => one.outerHTML).join()) return;
    elsewhere.replaceChildren(...told);
    elsewhere.hidden = told.length === 0;
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
    const now = urgent(), fresh = known && [...now].some((id) => !known.has(id));
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
  document.addEventListener("pointerdown", () => { pressing = true; if (waking) waking.resume(); }, true);
  for (const over of ["pointerup", "pointercancel"]) document.addEventListener(over, () => setTimeout(() => { pressing = false; }), true);
  arm.addEventListener("click", () => {
    audio = audio || new AudioContext();
    audio.resume(); tone(1);
    sessionStorage.setItem(ARMED, "yes"); showArmed();
  });
  function showArmed() {
    waking = null; arm.textContent = badge.dataset.armed; arm.setAttribute("aria-pressed", "true");
  }
  // Sound that was switched on stays on from page to page, as far as the browser lets it: else from the first touch. It says
  // that it is on only once it is.
  if (sessionStorage.getItem(ARMED)) {
    const woken = waking = new AudioContext();
    woken.resume().then(() => { if (!audio) { audio = woken; showArmed(); } });
  }

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
  if (!isBoard) lookAtBoard();
})();
