// Takes the QR's secret from the fragment, sends it once with both codes, and keeps the token in this phone only.
"use strict";
(() => {
  const root = document.getElementById("enrol"), form = document.getElementById("form"), words = document.getElementById("words").dataset;
  const problem = document.getElementById("problem"), secret = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  if (!secret) { form.hidden = true; document.getElementById("lost").hidden = false; return; }
  const value = (id) => document.getElementById(id).value;
  function say(text) { problem.textContent = text; problem.hidden = !text; }
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    try {
      const answer = await fetch(root.dataset.now, {
        method: "POST", cache: "no-store",
        headers: { "Content-Type": "application/json", "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
        body: JSON.stringify({ secret, label: value("label"), code: value("code"), other_code: value("other_code") }),
      });
      const said = await answer.json().catch(() => ({ error: String(answer.status) }));
      if (!answer.ok) { say(said.error); return; }
      localStorage.setItem("tocsin.token", said.token);
      localStorage.setItem("tocsin.psap", (said.psap || "").replace(/[\s().-]/g, ""));
      say(""); form.reset(); form.hidden = true; document.getElementById("done").hidden = false;
    } catch { say(words.offline); }
  });
  document.getElementById("push").addEventListener("click", async () => {
    const pushed = document.getElementById("pushed");
    try {
      const worker = await navigator.serviceWorker.register("/sw.js");
      await navigator.serviceWorker.ready;
      const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: root.dataset.vapid });
      const answer = await fetch(root.dataset.push, {
        method: "POST", credentials: "omit",
        headers: { "Content-Type": "application/json", Authorization: "Bearer " + localStorage.getItem("tocsin.token") },
        body: JSON.stringify({ subscription }),
      });
      // Why it is not so is for this person to act on: on a phone that was handed on, push calls the one before.
      pushed.textContent = answer.ok ? words.pushed : (await answer.json()).error || words.refused;
    } catch { pushed.textContent = words.refused; }
  });
})();
