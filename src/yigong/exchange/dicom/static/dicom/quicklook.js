// The quick look: frames, window, zoom and pan on pictures that the server renders.
(() => {
  const root = document.querySelector("[data-quicklook]");
  if (!root) return;
  const stage = root.querySelector("[data-stage]");
  const image = stage.querySelector("img");
  const slider = root.querySelector("[data-slider]");
  const place = root.querySelector("[data-place]");
  const shown = root.querySelector("[data-window-shown]");
  const base = root.dataset.quicklook;
  const total = Number(root.dataset.total);
  let number = Number(root.dataset.number) || 1;
  let window_ = root.dataset.window || "";
  let zoom = 1, left = 0, top = 0, drag = null, asked = 0;

  const address = (n) => base.replace(/0\/$/, `${n}/`) + (window_ ? `?window=${window_}` : "");
  const move = () => { image.style.transform = `translate(${left}px, ${top}px) scale(${zoom})`; };
  const show = (n) => {
    number = Math.min(Math.max(n, 1), total);
    if (slider) slider.value = number;
    if (place) place.textContent = `${number} / ${total}`;
    if (shown) shown.textContent = window_ ? `C ${window_.split(",")[0]}  W ${window_.split(",")[1]}` : "";
    const turn = ++asked;
    const next = new Image();
    image.classList.add("dq-wait");
    next.onload = () => { if (turn === asked) { image.src = next.src; image.classList.remove("dq-wait"); ahead(); } };
    next.onerror = () => { if (turn === asked) image.classList.remove("dq-wait"); };
    next.src = address(number);
  };
  const ahead = () => { for (const n of [number + 1, number + 2]) if (n <= total) new Image().src = address(n); };

  if (slider) slider.addEventListener("input", () => show(Number(slider.value)));
  root.querySelectorAll("[data-window-preset]").forEach((button) => button.addEventListener("click", (event) => {
    event.preventDefault();
    window_ = button.dataset.windowPreset;
    root.querySelectorAll("[data-window-preset]").forEach((b) => b.classList.toggle("active", b === button));
    show(number);
  }));
  const own = root.querySelector("[data-window-form]");
  if (own) own.addEventListener("submit", (event) => {
    event.preventDefault();
    const center = own.elements.center.value, width = own.elements.width.value;
    window_ = center !== "" && width !== "" ? `${center},${width}` : "";
    show(number);
  });
  const reset = root.querySelector("[data-reset]");
  if (reset) reset.addEventListener("click", () => { zoom = 1; left = top = 0; move(); });

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.ctrlKey || total < 2) {
      zoom = Math.min(Math.max(zoom * (event.deltaY < 0 ? 1.15 : 1 / 1.15), 0.5), 12);
      move();
    } else show(number + (event.deltaY > 0 ? 1 : -1));
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => { drag = [event.clientX - left, event.clientY - top]; stage.setPointerCapture(event.pointerId); });
  stage.addEventListener("pointermove", (event) => { if (drag) { left = event.clientX - drag[0]; top = event.clientY - drag[1]; move(); } });
  stage.addEventListener("pointerup", () => { drag = null; });
  stage.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowLeft: -1, PageUp: -10, ArrowDown: 1, ArrowRight: 1, PageDown: 10 }[event.key];
    if (step) { event.preventDefault(); show(number + step); }
    if (event.key === "+" || event.key === "=") { zoom = Math.min(zoom * 1.25, 12); move(); }
    if (event.key === "-") { zoom = Math.max(zoom / 1.25, 0.5); move(); }
    if (event.key === "0") { zoom = 1; left = top = 0; move(); }
  });
  root.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
  root.querySelectorAll("[data-without-script]").forEach((part) => { part.hidden = true; });
  ahead();
})();
