// The SOS button. What was pressed is kept in this phone before it is first sent, and sent again over every gate until
// a gate has it on disk; then the same key is asked about every second. What it says is what is known, no more.
"use strict";
(() => {
  const SILENT_MS = 3000, ASK_MS = 1000, TRY_MS = 4000, PAUSES_MS = [300, 600, 1000, 2000, 4000], COUNTDOWN_S = 10;
  const OVER = ["over", "cancelled", "ended", "wrong", "refused", "told", "none"], MAX_KEPT = 20;
  const REFUSED = "refused", TRIED_ON = ["sos", "walk"], NOW_ONLY = ["stay", "decline"], NOW_MS = 600000, DIALLED = /^[0-9+*#]{2,16}$/;
  const $ = (id) => document.getElementById(id);
  const root = $("phone"), words = $("words").dataset, gates = root.dataset.gates.split(" ");
  const token = localStorage.getItem("tocsin.token");
  $(token ? "ready" : "none").hidden = false;
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
  if (!token) return;
  // Of her site, kept since it was last asked for; where none is known, the one that most of Europe's and GSM networks take.
  function showNumber() {
    const psap = localStorage.getItem("tocsin.psap") || "";
    if (DIALLED.test(psap)) { $("tel").href = "tel:" + psap; $("psap").textContent = psap; }
  }
  showNumber();
  // She may work elsewhere now. No answer changes nothing: the old number is better than none.
  fetch(root.dataset.number, { headers: { Authorization: "Bearer " + token }, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(TRY_MS) })
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((said) => { if (said && DIALLED.test(said.psap)) { localStorage.setItem("tocsin.psap", said.psap); showNumber(); } })
    .catch(() => {});

  const read = (name, otherwise) => { try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; } };
  const keep = (name, value) => localStorage.setItem(name, JSON.stringify(value));
  const newKey = () => "p-" + [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  // Messages under way: {key, body, state, by, heard}. `state` is "" until a gate has stored it.
  let kept = read("tocsin.kept", []);
  let holding = 0, pressedAt = 0, countsTo = 0, counting = 0, walk = read("tocsin.walk", null), sos = read("tocsin.sos", null);
  const save = () => { kept = kept.slice(-MAX_KEPT); keep("tocsin.kept", kept); keep("tocsin.walk", walk); keep("tocsin.sos", sos); };
  const find = (key) => kept.find((one) => one.key === key);

  async function post(gate, one) {
    const answer = await fetch(gate + "/sos", {
      method: "POST", cache: "no-store", credentials: "omit", keepalive: true, signal: AbortSignal.timeout(TRY_MS),
      headers: { Authorization: "Bearer " + token, "Content-Type": "application/json" }, body: JSON.stringify(one.body),
    });
    // One gate that does not know this phone (its keys are old) must not end what another one would take.
    if (answer.status === 401) throw new Error(REFUSED);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }
  // Every gate at once for what is not stored yet; the first that stored it settles it. Refused by all is said, and
  // tried again all the same: a gate that was away may come back, and a press waits until a person has it.
  async function send(one) {
    for (let n = 0; ; n++) {
      try {
        const said = await Promise.any(gates.map((gate) => post(gate, one)));
        heard(one, said);
        if (isOver(one)) return;
        await pause(ASK_MS);
        n = -1;
      } catch (failed) {
        one.refused = (failed.errors || []).length > 0 && failed.errors.every((each) => each.message === REFUSED);
        one.away = true;
        // A code goes nowhere any more, and must not stay in the phone.
        if (one.refused && !TRIED_ON.includes(one.body.act)) { heard(one, { grade: REFUSED }); return; }
        show();
        await pause(PAUSES_MS[Math.min(n, PAUSES_MS.length - 1)]);
      }
      if (isTooLate(one)) { kept = kept.filter((other) => other !== one); save(); }
      if (!find(one.key)) return;
    }
  }
  // A "no" or a "yes" that found no gate for minutes must not be taken for one about her next walk.
  const isTooLate = (one) => NOW_ONLY.includes(one.body.act) && !one.state && !(Date.now() - one.at < NOW_MS);
  const pause = (ms) => new Promise((go) => { const timer = setTimeout(go, ms); addEventListener("online", () => { clearTimeout(timer); go(); }, { once: true }); });
  // A walk is asked about until it has ended, whatever became of an alarm about it: others may end it too.
  const isOver = (one) => one.body.act === "walk" && walk && walk.key === one.key ? one.state === "ended" : OVER.includes(one.state);
  function heard(one, said) {
    one.away = one.refused = false; one.state = said.grade; one.by = said.by || "";
    // A code that was typed is not kept longer than it takes to be judged.
    if (OVER.includes(one.state)) delete one.body.code;
    save(); show();
  }
  function begin(body) {
    const one = { key: body.key, body, state: "", by: "", away: false, at: Date.now() };
    kept.push(one); save(); show(); send(one);
    return one;
  }

  function show() {
    say("grade", sos ? text(find(sos.key)) : "");
    $("cancel").hidden = !sos || sos.silent || done(find(sos.key));
    slip("cancelslip", sos && find(sos.cancel));
    $("sos").disabled = false;
    showWalk();
  }
  // Said once: a screen reader would read the same words aloud every second.
  function say(id, said) {
    if ($(id).textContent !== said) $(id).textContent = said;
  }
  // The same words whatever was wrong with it.
  function slip(id, one) {
    say(id, one && one.state === "wrong" ? words.wrong : "");
  }
  const done = (one) => !one || (one.refused && !one.state) || ["over", "cancelled", "goes_on", REFUSED].includes(one.state);
  function text(one) {
    if (!one) return "";
    if (!one.state) return one.refused ? words.unknown : words.notsent;
    if (one.state === REFUSED) return words.unknown;
    const known = one.state === "stored" && one.body.silent ? words.silent : words[one.state] || one.state;
    const line = one.by ? `${known} ${words.by} ${one.by}` : known;
    return one.away ? `${words.stale}: ${line}` : line;
  }

  function press(silent) {
    const key = newKey();
    sos = { key, silent };
    begin({ key, act: "sos", ...(silent ? { silent: true } : {}) });
    if (silent) return;
    // One count, from the press on: a second press begins it anew.
    countsTo = performance.now() + COUNTDOWN_S * 1000;
    clearInterval(counting);
    counting = setInterval(count, 1000);
    count();
  }
  function count() {
    const left = Math.round((countsTo - performance.now()) / 1000);
    $("countdown").textContent = left > 0 ? `${left} s` : "";
    if (left <= 0) clearInterval(counting);
  }
  const button = $("sos");
  button.addEventListener("pointerdown", (down) => { holding = down.pointerId; pressedAt = performance.now(); button.classList.add("down"); });
  // A press that the system interrupts (a call comes in, the finger slides off) is a press: sent when it ends, and as
  // silent as it was held. A long hold that became loud would tell him who stands beside her.
  for (const ends of ["pointerup", "pointercancel"]) addEventListener(ends, (end) => {
    if (!pressedAt || end.pointerId !== holding) return;
    const silent = performance.now() - pressedAt >= SILENT_MS;
    pressedAt = 0; button.classList.remove("down"); press(silent);
  });
  button.addEventListener("keydown", (key) => { if ((key.key === "Enter" || key.key === " ") && !key.repeat) { key.preventDefault(); press(key.shiftKey); } });
  button.addEventListener("contextmenu", (menu) => menu.preventDefault());

  $("cancelform").addEventListener("submit", (submit) => {
    submit.preventDefault();
    if (!sos || !$("cancelcode").value) return;
    sos.cancel = newKey();
    begin({ key: sos.cancel, act: "cancel", of: sos.key, code: $("cancelcode").value });
    $("cancelcode").value = "";
  });

  $("walkform").addEventListener("submit", (submit) => {
    submit.preventDefault();
    const key = newKey(), timer = Number($("timer").value);
    walk = { key, timer, due: Date.now() + timer * 1000, end: null };
    begin({ key, act: "walk", timer_s: timer, way: $("way").value, note: $("note").value });
    $("note").value = "";
  });
  $("extend").addEventListener("click", () => {
    if (!walk) return;
    walk.due = Date.now() + walk.timer * 1000;
    begin({ key: newKey(), act: "extend", of: walk.key, timer_s: walk.timer });
  });
  $("endform").addEventListener("submit", (submit) => {
    submit.preventDefault();
    if (!walk || !$("endcode").value) return;
    walk.end = newKey();
    begin({ key: walk.end, act: "end", of: walk.key, code: $("endcode").value });
    $("endcode").value = "";
  });
  function showWalk() {
    const one = walk && find(walk.key), end = walk && walk.end && find(walk.end), code = $("endcode");
    const byHer = Boolean(end) && end.state === "ended", byOthers = Boolean(one) && one.state === "ended";
    // Somebody saw her leave, and nobody asks her any more. What she is typing goes out all the same: it may be the
    // code of somebody who is made to type it, and a field that vanishes under her hands would give her away.
    const isTyping = byOthers && !byHer && Boolean(code.value || document.activeElement === code || end);
    const ended = byHer || (byOthers && !isTyping);
    $("walkform").hidden = Boolean(walk) && !ended; $("walking").hidden = !walk || ended; $("extend").hidden = byOthers;
    slip("endslip", end);
    if (ended) walk = null;
    if (ended || byOthers) { save(); $("walkstate").setAttribute("aria-live", "polite"); say("walkstate", words.ended); return; }
    if (!walk) return;
    const left = Math.round((walk.due - Date.now()) / 1000);
    // Of the time that is left, a screen reader says the whole minutes, and that it is up.
    $("walkstate").setAttribute("aria-live", left > 0 && left % 60 ? "off" : "polite");
    const time = left > 0 ? `${words.due}: ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : words.late;
    const isSent = one && one.state && (!end || end.state);
    say("walkstate", isSent ? time : `${time} (${words.notsent})`);
    $("walkbox").open = true;
  }

  // Whether to wait: every phone asks so, with the same words, whoever it belongs to. What was heard before a lost
  // connection is not shown: a look grows old within three minutes.
  const WAY = { key: "the-way-now", act: "way" }, WAY_MS = 4000, SHOWN = ["wait", "looked", "something"];
  let way = { word: "none", by: "", off: 0 };
  async function askWay() {
    try {
      const said = await Promise.any(gates.map((gate) => post(gate, { body: WAY })));
      // What she answered was to other news than that something was seen.
      if (said.grade === "something" && way.word !== "something") way.told = "";
      way = { ...way, word: SHOWN.includes(said.grade) ? said.grade : "none", by: said.by || "", away: false };
      if (way.word === "none") way.off = 0, way.told = "";
    } catch { way.away = true; }
    showWay();
    setTimeout(askWay, WAY_MS);
  }
  function showWay() {
    // A phone that slept may not have heard how this walk ended: what she chose hides no later one.
    $("way-box").hidden = way.word === "none" || Date.now() - way.off < NOW_MS;
    const line = way.away ? words.oldway : way.word === "looked" && way.by ? `${way.by} ${words.lookedby}` : words[way.word] || "";
    const whole = way.told ? `${line} ${words.answered}` : line;
    say("waystate", whole);
  }
  $("go").addEventListener("click", () => { way.off = Date.now(); $("walkform").requestSubmit(); showWay(); });
  $("stay").addEventListener("click", () => { way.told = "yes"; begin({ key: newKey(), act: "stay" }); showWay(); });
  $("decline").addEventListener("click", () => { way.off = Date.now(); begin({ key: newKey(), act: "decline" }); showWay(); });
  askWay();

  setInterval(() => {
    const shown = [walk && walk.end, sos && sos.cancel];
    kept = kept.filter((one) => !(one.body.act !== "sos" && one.body.act !== "walk" && OVER.includes(one.state) && !shown.includes(one.key)));
    save(); show();
  }, 1000);
  kept = kept.filter((one) => !isTooLate(one));
  kept.filter((one) => !isOver(one)).forEach((one) => send(one));
  show();
})();
