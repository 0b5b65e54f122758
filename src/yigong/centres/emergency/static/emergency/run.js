/* One tap a time, kept on the telephone until the server has it: the key makes a second sending the same time, `waited` says how long it lay here
   (one and the same telephone clock, so that a wrong one does no harm). Without this script the buttons post. */
"use strict";
(() => {
  const page = document.querySelector("[data-run]"), line = document.querySelector("[data-line]");
  if (!page) return;
  const NAME = "yigong.taps." + page.dataset.run;
  const kept = () => { try { return JSON.parse(localStorage.getItem(NAME) || "[]"); } catch { return []; } };
  const keep = (taps) => { try { localStorage.setItem(NAME, JSON.stringify(taps)); } catch { /* private window: memory only */ } memory = taps; };
  let memory = kept(), busy = false;
  const form = (code) => [...document.querySelectorAll("[data-tap]")].find((one) => one.querySelector("[name=code]").value === code);
  const say = (text) => { line.textContent = text; line.hidden = !text; };
  const mark = (code, text, state) => {
    const button = form(code)?.querySelector("button");
    if (!button) return;
    button.disabled = true;
    button.classList.remove("is-next");
    button.classList.add(state);
    button.querySelector("[data-told]").textContent = text;
  };
  const free = (code) => {
    const button = form(code)?.querySelector("button");
    if (!button) return;
    button.disabled = false;
    button.classList.remove("is-waiting");
    button.querySelector("[data-told]").textContent = "";
  };
  const send = async (tap) => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    data.set("idempotency_key", tap.key);
    data.set("code", tap.code);
    data.set("waited", Math.max(0, Date.now() - tap.at));
    return fetch(tap.url, { method: "POST", body: data, headers: { "X-Tap": "1" } });
  };
  const next = async () => {
    if (busy || !memory.length) { if (!memory.length) say(""); return; }
    busy = true;
    const [tap, ...rest] = memory;
    let again = 0;
    try {
      const answer = await send(tap);
      if (answer.ok || answer.status === 409) {
        const told = await answer.json();
        keep(rest);
        if (answer.ok) mark(tap.code, told.at, "is-done");
        else free(tap.code);
        if (!rest.length) { if (answer.ok) location.reload(); else { say(told.sentence); busy = false; return; } }
      } else { say(line.dataset.waiting); again = 5000; }
    } catch { say(line.dataset.waiting); again = 5000; }
    busy = false;
    setTimeout(next, again);
  };
  // On the window, before the page's own rule that a form is sent once per click.
  window.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-tap]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const one = event.target, code = one.querySelector("[name=code]").value;
    if (memory.some((tap) => tap.code === code)) return;
    mark(code, line.dataset.sending, "is-waiting");
    keep([...memory, { code, key: one.querySelector("[name=idempotency_key]").value, url: one.action, at: Date.now() }]);
    next();
  }, true);
  memory.forEach((tap) => mark(tap.code, line.dataset.sending, "is-waiting"));
  window.addEventListener("online", next);
  next();
})();
