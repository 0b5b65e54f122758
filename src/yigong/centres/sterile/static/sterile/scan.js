/* The box never waits: each code goes into a queue, is sent in order, and comes back as one line. Without this script the form posts. */
"use strict";
(() => {
  const form = document.querySelector("[data-scanbox]"), lines = document.querySelector("[data-lines]");
  if (!form || !lines) return;
  const box = form.querySelector("[name=code]"), queue = [];
  let busy = false;
  const told = (text) => {
    const line = document.createElement("li");
    line.className = "s-line is-bad";
    line.textContent = text;
    lines.prepend(line);
  };
  const next = async () => {
    if (busy || !queue.length) return;
    busy = true;
    const [code, data] = queue.shift();
    data.set("code", code);
    try {
      const answer = await fetch(location.href, { method: "POST", body: data, headers: { "X-Scan": "1" } });
      if (answer.redirected || ![200, 422].includes(answer.status)) told(code + " " + form.dataset.failed);
      else {
        lines.insertAdjacentHTML("afterbegin", await answer.text());
        const chosen = lines.firstElementChild?.dataset.load, select = form.querySelector("[name=load_id]");
        if (chosen && select) select.value = chosen;
      }
    } catch { told(code + " " + form.dataset.failed); }
    while (lines.children.length > 60) lines.lastElementChild.remove();
    busy = false;
    next();
  };
  // On the window, before the page's own rule that a form is sent once per click: here every code is a sending of its own.
  window.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const code = box.value.trim();
    box.value = "";
    box.focus();
    if (code) { queue.push([code, new FormData(form)]); next(); }
  }, true);
  form.addEventListener("change", (event) => { if (event.target.tagName === "SELECT") box.focus(); });
})();
