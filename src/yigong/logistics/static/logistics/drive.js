/* The driver's page without a line. Every tap is first kept on the telephone (encrypted under a key that cannot be taken out of its browser), shown as
   done, and sent as soon as there is a line; its key makes a second sending the same tap. Whatever the platform answers, the page is then loaded anew.
   Without this script, or where the browser cannot encrypt (no HTTPS), the buttons post as forms. */
"use strict";
(() => {
  const page = document.querySelector("[data-drive]");
  if (!page) return;
  const words = JSON.parse(page.dataset.words), all = (what, from = page) => [...from.querySelectorAll(what)];
  const say = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const state = page.querySelector("[data-line]"), unsent = page.querySelector("[data-unsent]");
  const tell = (text, bad = false) => { state.textContent = text; state.hidden = !text; state.classList.toggle("is-bad", bad); };
  if (!window.crypto || !crypto.subtle || !window.indexedDB) { tell(say("secure"), true); return; }

  const kept = device.store("drive", { keys: null, queue: { keyPath: "id" } });
  const ask = device.asker(page.dataset.token, words);
  let key = null, taps = [], others = 0, busy = false, problem = "";

  const open = async () => {
    key = await kept.get("keys", "own");
    if (!key) { key = await device.ownKey(); await kept.put("keys", key, "own"); }
    const rows = (await kept.all("queue")).sort((a, b) => a.n - b.n);
    others = rows.filter((row) => row.staff !== page.dataset.staff).length;
    for (const row of rows.filter((one) => one.staff === page.dataset.staff)) taps.push(await device.unseal(key, row));
  };

  /* ---- the page as it is once these taps are done */
  const visible = (rows) => rows.filter((one) => !one.hidden).length;
  const draw = () => {
    const here = taps.filter((tap) => tap.run === page.dataset.drive);
    const loaded = new Set(here.filter((tap) => tap.action === "load").map((tap) => tap.number));
    const down = new Set(here.filter((tap) => tap.action === "deliver").map((tap) => tap.key));
    const did = (action, id) => here.some((tap) => tap.action === action && tap.key === id);
    all("[data-after]").forEach((one) => { one.hidden = !loaded.has(one.dataset.after); });
    all("[data-load]").forEach((one) => { one.hidden = loaded.has(one.dataset.load); });
    all("[data-unload]").forEach((one) => { if (down.has(one.dataset.unload)) one.hidden = true; });
    all("[data-aboard]").forEach((one) => { if (down.has(one.dataset.aboard)) one.hidden = true; });
    all("[data-after-box]").forEach((one) => { one.form.hidden = !one.dataset.afterBox.split(" ").some((number) => loaded.has(number)); });
    let now = null;
    for (const stop of all("[data-stop]")) {
      const id = stop.dataset.stop, over = did("leave", id) || did("skip", id);
      if (did("arrive", id)) stop.dataset.at = "here";
      stop.hidden = over || now !== null;
      if (!over && !now) now = stop;
      stop.querySelector("[data-where]").textContent = say(stop.dataset.at === "here" ? "here" : "next");
      for (const what of ["unload", "load"]) {
        const head = stop.querySelector(`[data-count=${what}]`), n = visible(all(`[data-${what}]`, stop));
        head.textContent = say(what, { n });
        if (what === "unload") head.hidden = !n;
      }
      const sign = stop.querySelector("[data-sign]"), put = all("[data-unload]", stop).some((one) => down.has(one.dataset.unload));
      if (put) sign.hidden = false;
      if (did("sign", id) && !here.some((tap, at) => tap.action === "deliver" && at > here.findIndex((one) => one.action === "sign" && one.key === id))) sign.hidden = true;
      const way = page.querySelector(`[data-way="${id}"]`);
      way.classList.toggle("is-over", over);
      way.classList.toggle("is-now", stop === now);
    }
    const ended = page.querySelector("[data-over]");
    if (ended) ended.hidden = now !== null;
    page.querySelector("[data-count=aboard]").textContent = say("aboard", { n: visible(all("[data-aboard]")) });
    const empty = page.querySelector("[data-empty]");
    if (empty) empty.hidden = visible(all("[data-aboard]")) > 0;
    all("[data-online]").forEach((one) => { one.hidden = !navigator.onLine; });
    unsent.hidden = !taps.length;
    unsent.querySelector("summary").textContent = say("unsent", { n: taps.length });
    unsent.querySelector("ul").replaceChildren(...taps.map((tap) => Object.assign(document.createElement("li"), { textContent: tap.said })));
    if (problem) tell(problem, true);
    else if (others) tell(say("others", { n: others }), true);
    else tell(say(navigator.onLine ? (busy && taps.length ? "sending" : "online") : "offline"), !navigator.onLine);
  };

  /* ---- sending */
  const ahead = async () => (await kept.get("keys", "ahead")) ?? null;
  const heard = (told) => kept.put("keys", (Date.now() - Date.parse(told.now)) / 1000, "ahead");
  const send = async () => {
    if (busy || !taps.length || !navigator.onLine) return draw();
    busy = true;
    draw();
    let done = false;
    try {
      const sent = taps.slice(0, Number(page.dataset.most)).map(({ said, ...tap }) => tap);
      const answer = await ask(page.dataset.send, { now: device.now(), taps: sent });
      const left = new Map(answer.told.filter((one) => one.state === "kept").map((one) => [one.id, one.sentence]));
      const over = new Set(answer.told.map((one) => one.id).filter((id) => !left.has(id)));
      for (const id of over) await kept.remove("queue", id);
      taps = taps.filter((tap) => !over.has(tap.id)); // what was tapped meanwhile stays
      await heard(answer);
      problem = left.size ? say("kept", { why: [...left.values()][0] }) : "";
      done = answer.told.length > left.size;
    } catch (fault) { problem = fault.sentence || words.bad_line; }
    busy = false;
    draw();
    if (done) location.reload();
    else if (taps.length) setTimeout(send, 15000);
  };

  /* ---- tapping */
  const LONGEST = 11900; // the platform takes 12,000 letters of a path
  const strokesOf = (pad) => pad.strokes || "";
  const read = (form) => {
    const typed = Object.fromEntries(["action", "key", "number", "box", "celsius", "name", "reason"].map((name) => [name, (form.elements[name]?.value || "").trim()]));
    if (typed.action === "sign") typed.strokes = strokesOf(form.querySelector("[data-pad]"));
    return Object.fromEntries(Object.entries(typed).filter(([, value]) => value));
  };
  const lacking = (given) => {
    if (given.action === "sign" && !given.name) return words.name_first;
    if (given.action === "sign" && !given.strokes) return words.sign_first;
    if (given.action === "temperature" && !Number.isFinite(parseFloat((given.celsius || "").replace(/[，,]/, ".")))) return words.number;
    if (given.action === "load" && !given.number) return " ";
    return "";
  };
  const inWords = (given, form) => {
    const stop = form.closest("[data-stop]"), row = form.closest("[data-unload], [data-load]");
    const what = row ? row.querySelector("b").textContent : given.number || (given.celsius && `${given.box} ${given.celsius} ℃`) || "";
    const at = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
    return [at, words.taps[given.action], stop && ["arrive", "leave", "skip", "sign"].includes(given.action) ? stop.dataset.name : "", what, given.name].filter(Boolean).join(" ");
  };
  const tap = async (form) => {
    const given = read(form), fault = lacking(given);
    if (fault) { form.querySelector("input:not([type=hidden])")?.focus(); if (fault.trim()) tell(fault, true); return; }
    const one = { id: crypto.randomUUID(), run: page.dataset.drive, at: device.now(), ahead: await ahead(), ...given, said: inWords(given, form) };
    await kept.put("queue", { id: one.id, n: Date.now() + taps.length / 1000, staff: page.dataset.staff, ...(await device.seal(key, one)) });
    taps.push(one);
    problem = "";
    if (given.action !== "sign") form.reset();
    draw();
    window.scrollTo({ top: 0 });
    send();
  };
  // On the window, before the page's own rule that a form is sent once per click.
  window.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-tap]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (key) tap(event.target);
  }, true);

  /* ---- the finger: whole points of a box of 300 by 120 */
  all("[data-pad]").forEach((pad) => {
    const pen = pad.getContext("2d");
    pen.lineWidth = 2.5;
    pen.lineCap = "round";
    let down = false;
    pad.strokes = "";
    const spot = (event) => {
      const box = pad.getBoundingClientRect(), fit = (n, most) => Math.round(Math.min(Math.max(n, 0), most));
      return [fit((event.clientX - box.left) * 300 / box.width, 300), fit((event.clientY - box.top) * 120 / box.height, 120)];
    };
    pad.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      if (pad.strokes.length > LONGEST) return;
      pad.setPointerCapture(event.pointerId);
      down = true;
      const [x, y] = spot(event);
      pad.strokes += `${pad.strokes ? " " : ""}M${x} ${y}`;
      pen.beginPath();
      pen.moveTo(x, y);
    });
    pad.addEventListener("pointermove", (event) => {
      if (!down || pad.strokes.length > LONGEST) return;
      const [x, y] = spot(event);
      pad.strokes += ` L${x} ${y}`;
      pen.lineTo(x, y);
      pen.stroke();
    });
    ["pointerup", "pointercancel"].forEach((name) => pad.addEventListener(name, () => { down = false; }));
    pad.closest("form").querySelector("[data-clear]").addEventListener("click", () => { pad.strokes = ""; pen.clearRect(0, 0, 300, 120); });
  });

  window.addEventListener("online", () => { problem = ""; send(); });
  window.addEventListener("offline", draw);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(page.dataset.worker, { scope: page.dataset.scope });
  open().then(async () => {
    draw();
    if (!navigator.onLine) return;
    try { await heard(await ask(page.dataset.token)); } catch { /* no line after all: the taps wait */ }
    send();
  });
})();
