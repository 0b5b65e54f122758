/* The telephone's position, while its owner has switched it on for this mission and the page is open. What finds no line waits encrypted on the
   telephone and goes out with its own time; the platform leaves out what is too dense. */
"use strict";
(() => {
  const box = document.querySelector("[data-position]");
  if (!box) return;
  box.hidden = false;
  const words = JSON.parse(box.dataset.words), toggle = box.querySelector("[data-toggle]"), told = box.querySelector("[data-told]");
  const say = (name) => { told.textContent = words[name] || name; };
  if (!navigator.geolocation || !window.isSecureContext || !crypto.subtle) { toggle.disabled = true; say("none"); return; }
  const kept = device.store("position", { keys: null, points: { keyPath: "id" } }), ask = device.asker(box.dataset.token, words);
  const every = Number(box.dataset.every) * 1000, mission = `${box.dataset.kind}/${box.dataset.subject}/${box.dataset.staff}`;
  let watch = null, last = 0, busy = false, key = null;

  const opened = (async () => {
    key = await kept.get("keys", "own");
    if (!key) { key = await device.ownKey(); await kept.put("keys", key, "own"); }
    // What was left of another mission is nobody's business any more.
    for (const row of await kept.all("points")) if (row.mission !== mission) await kept.remove("points", row.id);
  })();
  const send = async () => {
    if (busy || !navigator.onLine) return;
    busy = true;
    try {
      // Oldest first, as their keys begin with the time: the platform leaves out what is older than its newest.
      for (let rows; (rows = (await kept.all("points")).filter((row) => row.mission === mission).slice(0, Number(box.dataset.most))).length;) {
        const points = [];
        for (const row of rows) points.push(await device.unseal(key, row));
        await ask(box.dataset.report, { now: device.now(), points });
        for (const row of rows) await kept.remove("points", row.id);
        say("on");
      }
    } catch (fault) {
      say(fault.sentence || words.bad_line);
      if (fault.sentence && fault.sentence !== words.bad_line && !fault.login) stop();
    }
    busy = false;
  };
  const note = async (found) => {
    if (Date.now() - last < every) return;
    last = Date.now();
    await opened;
    const { latitude, longitude, accuracy } = found.coords;
    await kept.put("points", { id: `${device.now()} ${crypto.randomUUID()}`, mission, ...(await device.seal(key, { at: device.now(), latitude, longitude, accuracy })) });
    send();
  };
  const stop = () => {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    watch = null;
    toggle.checked = false;
  };
  const begin = () => {
    say("wait");
    watch = navigator.geolocation.watchPosition(note, (fault) => { say(fault.code === 1 ? "denied" : "lost"); if (fault.code === 1) toggle.checked = false; },
      { enableHighAccuracy: true, maximumAge: 10000, timeout: 60000 });
  };
  toggle.addEventListener("change", async () => {
    const on = toggle.checked;
    try {
      await ask(box.dataset.switch, { on });
      if (on) begin();
      else { stop(); say("off"); }
    } catch (fault) { toggle.checked = !on; say(fault.sentence || words.bad_line); }
  });
  window.addEventListener("online", send);
  if (box.dataset.on) begin();
})();
