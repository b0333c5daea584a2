// The link's secret is in the fragment: it is posted in a body, never sent in an address.
"use strict";
(() => {
  const box = document.getElementById("answer"), dead = document.getElementById("dead"), offline = document.getElementById("offline");
  const secret = location.hash.slice(1);
  async function post(address, values) {
    try {
      const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ secret, ...values }), cache: "no-store", credentials: "omit" });
      offline.hidden = true;
      if (!answer.ok) { box.hidden = true; dead.hidden = false; return; }
      box.innerHTML = await answer.text();
    } catch { offline.hidden = false; }
  }
  box.addEventListener("click", (click) => {
    const button = click.target.closest("button[data-act]");
    const chosen = [...box.querySelectorAll("input:checked")].map((one) => [one.name, one.value]);
    if (button) post(box.dataset.act, { ...Object.fromEntries(chosen), act: button.dataset.act });
  });
  if (!secret) { box.hidden = true; dead.hidden = false; return; }
  post(box.dataset.show, {});
  setInterval(() => { if (!document.hidden && dead.hidden && !box.querySelector("details[open], input:checked")) post(box.dataset.show, {}); }, 10000);
})();
