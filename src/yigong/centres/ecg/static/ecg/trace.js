/* Redraws when a choice changes; calipers: two lines for time and two for size, dragged or moved with the arrow keys. */
"use strict";
(() => {
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.querySelector("[data-auto]"), button = document.querySelector("[data-calipers]"), reading = document.querySelector("[data-reading]");
  if (!form) return;
  document.querySelector("[data-apply]").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
  const MM = 96 / 25.4;
  const kinds = [["time", "A"], ["time", "B"], ["size", "C"], ["size", "D"]];

  const place = (line, at) => {
    const stage = line.parentElement, time = line.dataset.kind === "time";
    const most = (time ? stage.clientWidth : stage.clientHeight) - 1;
    line.at = Math.min(Math.max(at, 0), most);
    line.style[time ? "left" : "top"] = line.at + "px";
    line.setAttribute("aria-valuenow", Math.round(line.at / MM * 10) / 10);
    tell(stage);
  };
  const tell = (stage) => {
    const sheet = stage.closest("[data-sheet]"), [a, b, c, d] = $$(".e-line", stage);
    if (!d || d.at === undefined) return;
    const ms = Math.abs(a.at - b.at) / MM / sheet.dataset.speed * 1000, mv = Math.abs(c.at - d.at) / MM / sheet.dataset.gain;
    reading.value = `${Math.round(ms)} ms · ${ms >= 20 ? Math.round(60000 / ms) : "—"} bpm · ${mv.toFixed(2)} mV`;
  };
  const hold = (line) => {
    const time = line.dataset.kind === "time";
    line.addEventListener("pointerdown", (event) => {
      line.setPointerCapture(event.pointerId); line.classList.add("is-held"); line.focus();
      const from = time ? event.clientX : event.clientY, began = line.at;
      const move = (now) => place(line, began + (time ? now.clientX : now.clientY) - from);
      const end = () => { line.classList.remove("is-held"); line.removeEventListener("pointermove", move); };
      line.addEventListener("pointermove", move);
      line.addEventListener("pointerup", end, { once: true });
      line.addEventListener("pointercancel", end, { once: true });
      event.preventDefault();
    });
    line.addEventListener("keydown", (event) => {
      const step = (event.shiftKey ? 5 : 0.5) * MM;
      const by = { ArrowLeft: time && -step, ArrowRight: time && step, ArrowUp: !time && -step, ArrowDown: !time && step }[event.key];
      if (by) { place(line, line.at + by); event.preventDefault(); }
    });
  };
  const show = (stage) => {
    const box = stage.parentElement;
    kinds.forEach(([kind, name], n) => {
      const line = document.createElement("button");
      line.type = "button"; line.className = "e-line is-" + kind; line.dataset.kind = kind;
      line.setAttribute("role", "slider"); line.setAttribute("aria-label", name + (kind === "time" ? " ms" : " mV"));
      stage.append(line); hold(line);
      place(line, kind === "time" ? box.scrollLeft + box.clientWidth * (n ? 0.5 : 0.4) : stage.clientHeight * (n === 2 ? 0.3 : 0.45));
    });
    tell(stage);
  };
  const toggle = () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", on);
    for (const stage of $$("[data-stage]")) { if (on) show(stage); else $$(".e-line", stage).forEach((line) => line.remove()); }
    if (!on) reading.value = "";
  };
  button.hidden = !document.querySelector("[data-stage]");
  button.addEventListener("click", toggle);
  document.addEventListener("keydown", (event) => {
    if (event.key === "c" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea, select")) { toggle(); event.preventDefault(); }
  });
})();
