// The app on the phone: a bundle taken along encrypted, visits written without a line, sent when there is one. Plain script, no framework.
// Store (IndexedDB): "vault" {salt, rounds, bundle: {iv, data}, id, expires, staff, ahead, tries, seen}; "queue" {id, bundle, iv, data}. People's data exist in the
// clear only in memory, after the PIN; without it nobody reads the store.
"use strict";
(() => {
  const body = document.body, words = JSON.parse(body.dataset.words), main = document.getElementById("v-main");
  const say = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const state = { key: null, bundle: null, done: {}, used: {} };

  // ---- small parts
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) value && node.addEventListener(name.slice(2), value);
      else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child != null && child !== false));
    return node;
  };
  const show = (...nodes) => { main.replaceChildren(...nodes.filter(Boolean)); window.scrollTo(0, 0); };
  const box = (...children) => make("section", { class: "v-box" }, ...children);
  const button = (label, act, kind = "btn") => make("button", { type: "button", class: kind, onclick: act }, label);
  const primary = (label, act) => button(label, act, "btn btn-primary");
  const error = (text) => make("p", { class: "v-error", role: "alert" }, text);

  // ---- store, secrets, line: of ui/device.js
  const { keyOf, seal, unseal, now } = device, kept = device.store("village-day", { vault: null, queue: { keyPath: "id" } });
  const ask = device.asker(body.dataset.token, words);
  const vault = () => kept.get("vault", "one");
  const keepVault = (value) => kept.put("vault", value, "one");
  const queue = () => kept.all("queue");
  const enqueue = (value) => kept.put("queue", value);
  const unqueue = (id) => kept.remove("queue", id);
  const failed = (fault) =>
    make("p", { class: "v-error", role: "alert" }, say("failed", { why: fault.sentence || fault.message || words.bad_line }), " ",
      fault.login && make("a", { href: body.dataset.login }, words.login_link));

  const line = async () => {
    document.getElementById("v-line").textContent = navigator.onLine ? words.online : words.offline;
    const waiting = (await queue()).length;
    document.getElementById("v-queue").textContent = waiting ? say("waiting", { n: waiting }) : "";
  };

  // ---- taking along
  const askTake = async (fault) => {
    const digits = body.dataset.digits;
    const pins = ["pin", "pin_again"].map((name) =>
      make("input", { class: "form-control", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12, id: name, "aria-label": say(name, { n: digits }) }));
    const go = primary(words.take, async () => {
      const [pin, again] = pins.map((input) => input.value);
      if (!new RegExp(`^\\d{${digits},12}$`).test(pin)) return askTake(error(say("pin_short", { n: digits })));
      if (pin !== again) return askTake(error(words.pin_differs));
      go.disabled = true;
      try { await take(pin); } catch (caught) { askTake(failed(caught)); }
    });
    const waiting = await queue();
    show(box(
      make("h2", {}, words.take), make("p", { class: "v-mute" }, words.take_note), fault,
      ...(crypto.subtle ? waiting.length ? [error(words.queue_first), primary(words.send, () => askPin())] : [
        make("label", { for: "pin" }, say("pin", { n: digits })), pins[0], make("label", { for: "pin_again" }, words.pin_again), pins[1], make("p", {}, go),
      ] : [error(words.secure)]),
    ), make("p", {}, make("a", { href: body.dataset.day }, words.day_page)));
  };
  const take = async (pin) => {
    const bundle = await ask(body.dataset.take, { now: now(), days: Number(body.dataset.days) });
    const salt = crypto.getRandomValues(new Uint8Array(16)), rounds = Number(body.dataset.rounds), key = await keyOf(pin, salt, rounds);
    const ahead = Date.now() - Date.parse(bundle.now);
    await keepVault({
      salt, rounds, id: bundle.id, expires: Date.parse(bundle.expires), ahead, staff: bundle.staff, tries: 0, seen: Date.now(), bundle: await seal(key, bundle),
    });
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
    Object.assign(state, { key, bundle, done: {}, used: {} });
    list();
  };

  // ---- opening
  const wipe = async (held) => { await keepVault({ ...held, bundle: null }); state.bundle = null; };
  const fresh = async () => {
    // A bundle dies by the platform's time; a clock put back does not keep it alive.
    const held = await vault();
    if (!held) return [null, null];
    const real = Date.now() - held.ahead;
    if (held.bundle && real > held.expires) { await wipe(held); return [await vault(), error(words.expired)]; }
    if (Date.now() < held.seen - 15 * 60000) return [held, error(words.clock_back), true];
    await keepVault({ ...held, seen: Math.max(held.seen, Date.now()) });
    return [await vault(), null];
  };
  const start = async () => {
    await line();
    const [held, fault, stopped] = await fresh();
    if (stopped) return show(box(fault));
    if (held && navigator.onLine) {
      try {
        const told = await ask(body.dataset.token);
        if (held.bundle && told.revoked.includes(held.id)) { await wipe(held); return after(error(words.revoked)); }
      } catch { /* no line after all, or nobody signed in: the bundle opens all the same */ }
    }
    after(fault);
  };
  const after = async (fault) => {
    const held = await vault();
    if (held && (held.bundle || (await queue()).length)) askPin(fault);
    else askTake(fault);
  };
  const askPin = async (fault) => {
    const pin = make("input", { class: "form-control", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12, id: "pin", "aria-label": words.pin_ask });
    const go = primary(words.open, async () => { go.disabled = true; await open(pin.value); });
    pin.addEventListener("keydown", (event) => { if (event.key === "Enter") go.click(); });
    const held = await vault();
    show(box(make("h2", {}, words.pin_ask), fault, pin, make("p", {}, go, held.bundle && navigator.onLine && button(words.retake, () => askTake()))));
    pin.focus();
  };
  const open = async (pin) => {
    const held = await vault(), key = await keyOf(pin, held.salt, held.rounds), waiting = await queue();
    try {
      state.bundle = held.bundle ? await unseal(key, held.bundle) : null;
      if (!held.bundle && waiting.length) await unseal(key, waiting[0]);
    } catch {
      const tries = held.tries + 1, left = Number(body.dataset.tries) - tries;
      await keepVault({ ...held, tries, bundle: left > 0 ? held.bundle : null });
      return left > 0 ? askPin(error(say("pin_wrong", { n: left }))) : after(error(words.pin_wiped));
    }
    await keepVault({ ...held, tries: 0 });
    Object.assign(state, { key, done: {}, used: {} });
    for (const one of waiting) {
      try { written(await unseal(key, one)); } catch { /* another PIN's */ }
    }
    list();
  };

  const written = (entry) => {
    state.done[entry.enrolment + entry.stage] = true;
    const lot = state.bundle && parts.given(state.bundle.shelves, entry);
    if (lot) state.used[lot] = (state.used[lot] || 0) + 1;
  };

  // ---- the way
  const isDone = (due) => state.done[due.enrolment + due.stage];
  const stops = () => {
    const way = new Map();
    for (const person of state.bundle.people) {
      if (!way.has(person.stop)) way.set(person.stop, { place: person.place, n: person.stop, people: [] });
      way.get(person.stop).people.push({ ...person, dues: state.bundle.dues.filter((due) => due.person === person.key) });
    }
    return [...way.values()].sort((a, b) => a.n - b.n);
  };
  const mark = (text, kind = "") => make("span", { class: "v-mark " + kind }, text);
  const dueLine = (due) => make("span", { class: "v-due" }, `${due.short} ${due.title} `, isDone(due) ? mark(words.done, "is-good") :
    due.urgency === "overdue" ? mark(words.overdue, "is-bad") : make("small", {}, say("closes", { day: due.closes })));
  const parts = window.visitParts({ make, say, words, mark, error });
  const list = async (text = "", notice = null) => {
    await line();
    const waiting = (await queue()).length;
    const sending = waiting > 0 && primary(`${words.send}（${waiting}）`, send);
    if (!state.bundle) return show(box(notice, make("p", {}, words.missing_queue), sending, button(words.retake, () => askTake())));
    const way = stops();
    const shown = way.filter((stop) => !text || stop.place.includes(text) || stop.people.some((person) => person.name.includes(text)));
    const find = make("input", { class: "form-control", type: "search", placeholder: words.search, "aria-label": words.search, value: text });
    find.addEventListener("change", () => list(find.value.trim()));
    const items = shown.map((stop) => {
      const dues = stop.people.flatMap((person) => person.dues), done = dues.every(isDone);
      const late = !done && dues.some((due) => due.urgency === "overdue" && !isDone(due));
      return make("li", { class: "v-stop" + (done ? " is-done" : late ? " is-late" : "") }, make("button", { type: "button", onclick: () => house(stop.n) },
        make("span", { class: "v-place" }, `${stop.n}. ${stop.place}`),
        ...stop.people.map((person) => make("span", { class: "v-person" }, make("b", {}, person.name), make("small", {}, ` ${person.sex} · ${person.age}`), ...person.dues.map(dueLine)))));
    });
    show(box(
      notice, make("p", {}, say("due", { n: way.length, m: state.bundle.people.length, k: state.bundle.dues.length }), " ",
        make("span", { class: "v-mute" }, say("until", { day: new Date(state.bundle.expires).toLocaleString("zh-CN", { dateStyle: "short", timeStyle: "short" }) }))),
      state.bundle.left_out > 0 && error(say("left_out", { n: state.bundle.left_out })), sending, navigator.onLine && !waiting && button(words.retake, () => askTake()),
    ), find, make("ol", { class: "v-way" }, ...(items.length ? items : [make("li", { class: "v-mute" }, words.empty)])));
  };
  const house = (n, notice = null) => {
    const stop = stops().find((one) => one.n === n);
    show(button(words.back, () => list()), make("h2", {}, stop.place), notice, ...stop.people.map((person) => box(
      make("b", {}, person.name), make("small", {}, ` ${person.sex} · ${person.age}`), parts.allergies(person),
      ...person.dues.map((due) => make("p", {}, dueLine(due), !isDone(due) && primary(due.title, () => fill(stop, person, due))))))) ;
  };

  // ---- one visit
  // "None of these" goes with nothing else.
  const exclude = (box, item) => {
    const alone = (code) => item.options.some(([one, , exclusive]) => one === code && exclusive);
    if (!box.checked) return;
    for (const other of box.form.elements[item.code]) if (other !== box && (alone(box.value) || alone(other.value))) other.checked = false;
  };
  const cell = (column, name) => {
    const choices = column.type === "boolean" ? [["yes", words.yes], ["no", words.no]] : column.options;
    const type = { integer: "number", decimal: "number", date: "date" }[column.type] || "text";
    return make("label", {}, column.label + (column.unit ? `（${column.unit}）` : "") + (column.required ? " *" : ""), choices.length ?
      make("select", { class: "form-control", name }, make("option", { value: "" }), ...choices.map(([code, text]) => make("option", { value: code }, text))) :
      make("input", { class: "form-control", type, name, step: type === "number" ? "any" : null }));
  };
  const rows = (item) => {
    const lines = make("div", {});
    const add = button(words.add_line, () => {
      const n = lines.children.length;
      lines.append(make("div", { class: "v-line" }, ...item.columns.map((column) => cell(column, `${item.code}.${n}.${column.code}`))));
      add.hidden = n + 1 >= item.most;
    });
    return make("fieldset", {}, make("legend", {}, item.label + (item.required ? " *" : "")), lines, add);
  };
  const isOpen = (form, item) => {
    const box = form.elements[item.code];
    return box && ![...(box.length && !box.tagName ? box : [box])].some((one) => (["radio", "checkbox"].includes(one.type) ? one.checked : one.value));
  };
  const usual = (form, items) => button(words.usual, () => {
    for (const item of items) if (item.usual && isOpen(form, item)) for (const one of [...form.elements[item.code]]) if (one.value === item.usual) one.checked = true;
  });
  const field = (item) => {
    if (item.type === "rows") return rows(item);
    const label = item.label + (item.unit ? `（${item.unit}）` : "") + (item.when ? ` · ${words.when}` : "") + (item.required ? " *" : "");
    if (item.type === "display") return make("p", { class: "v-mute" }, item.label);
    const choices = item.type === "boolean" ? [["yes", words.yes], ["no", words.no]] : item.options;
    if (["choice", "multichoice", "boolean"].includes(item.type)) {
      const type = item.type === "multichoice" ? "checkbox" : "radio";
      return make("fieldset", {}, make("legend", {}, label), ...choices.map(([code, text]) => make("label", { class: "v-choice" }, make("input", {
        type, name: item.code, value: code, onchange: type === "checkbox" && ((event) => exclude(event.target, item)),
      }), text)));
    }
    const type = { integer: "number", decimal: "number", date: "date" }[item.type] || "text";
    return make("div", {}, make("label", { for: "f-" + item.code }, label), make("input", {
      class: "form-control", type, name: item.code, id: "f-" + item.code, inputmode: type === "number" ? "decimal" : null, step: type === "number" ? "any" : null,
    }), item.help && make("small", { class: "v-mute" }, item.help));
  };
  const radios = (name, legend, options, chosen) => make("fieldset", {}, make("legend", {}, legend), ...options.map(([code, text]) =>
    make("label", { class: "v-choice" }, make("input", { type: "radio", name, value: code, checked: code === chosen }), text)));
  // The day in China, whatever zone the phone is set to.
  const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
  const fill = (stop, person, due) => {
    const sheet = state.bundle.forms[due.form];
    const form = make("form", { novalidate: true },
      radios("_way", words.way, [["2", words.home], ["1", words.clinic], ["3", words.phone]], "2"),
      make("label", { for: "f-on" }, words.on), make("input", { class: "form-control", type: "date", name: "_on", id: "f-on", value: today() }));
    const shelf = due.shelf && state.bundle.shelves[due.shelf];
    if (shelf) form.append(parts.lots(shelf, form, state.used, today()));
    if (due.asks) form.append(parts.medicines(person, state.bundle.uses, today()));
    const items = asked(sheet, due);
    let section = "";
    for (const item of items) {
      if (item.section && item.section !== section) {
        section = item.section;
        const inside = items.filter((one) => one.section === section);
        form.append(make("h2", {}, section), ...(inside.some((one) => one.usual) ? [usual(form, inside)] : []));
      }
      form.append(field(item));
    }
    const faults = make("div", { role: "alert" });
    form.append(make("label", { class: "v-choice" }, make("input", { type: "checkbox", name: "_confirmed" }), words.unlikely), faults, make("button", { class: "btn btn-primary" }, words.save));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const typed = new FormData(form), [medicines, faultsOfUse] = due.asks ? parts.readMedicines(person, typed) : [[], []];
      // What follows from the medicines need not be answered twice.
      const [answers, faultsOfForm] = read(items, typed, medicines.length ? [state.bundle.uses.item, state.bundle.uses.whole] : []);
      const found = [...faultsOfForm, ...faultsOfUse];
      if (found.length) { faults.replaceChildren(...found.map(error)); return; }
      await keep(typed, due, answers, medicines);
      const left = stop.people.flatMap((one) => one.dues).some((one) => !isDone(one));
      const good = make("p", { class: "v-good", role: "status" }, words.saved);
      if (left) house(stop.n, good); else list("", good);
      line();
    });
    show(button(words.back, () => house(stop.n)), box(
      make("h2", {}, `${person.name} · ${due.short} ${due.title}`), due.grade && mark(due.grade, due.tone === "bad" ? "is-bad" : ""), parts.allergies(person),
      due.last.length > 0 && make("details", {}, make("summary", {}, `${words.last} ${due.last_on || ""}`), make("dl", { class: "v-last" },
        ...due.last.flatMap(([label, text]) => [make("dt", {}, label), make("dd", {}, text)]))), form));
  };
  // What this person is asked: a form may ask by age or sex.
  const asked = (sheet, due) => (due.asked ? sheet.items.filter((item) => due.asked.includes(item.code)) : sheet.items);
  const checked = (item, text, found) => {
    if (!["integer", "decimal"].includes(item.type)) return;
    const number = Number(text);
    if (!Number.isFinite(number)) found.push(say("number", { label: item.label }));
    else if ((item.min != null && number < item.min) || (item.max != null && number > item.max)) found.push(say("range", { label: item.label, min: item.min, max: item.max }));
  };
  const readRows = (item, typed, found) => {
    const lines = [];
    for (let n = 0; n < item.most; n++) {
      const line = {};
      for (const column of item.columns) {
        const text = (typed.get(`${item.code}.${n}.${column.code}`) || "").trim();
        if (text) { checked(column, text, found); line[column.code] = text; }
      }
      if (!Object.keys(line).length) continue;
      for (const column of item.columns) if (column.required && !line[column.code]) found.push(say("required", { label: column.label }));
      lines.push(line);
    }
    return lines;
  };
  const read = (items, typed, open = []) => {
    const answers = {}, found = [];
    for (const item of items) {
      if (item.type === "rows") {
        const lines = readRows(item, typed, found);
        if (lines.length) answers[item.code] = lines;
        else if (item.required) found.push(say("required", { label: item.label }));
        continue;
      }
      const given = typed.getAll(item.code).map((text) => text.trim()).filter(Boolean);
      if (!given.length) {
        if (item.required && !open.includes(item.code)) found.push(say("required", { label: item.label }));
        continue;
      }
      checked(item, given[0], found);
      answers[item.code] = item.type === "multichoice" ? given : given[0];
    }
    return [answers, found];
  };
  const keep = async (typed, due, answers, medicines) => {
    const entry = {
      id: crypto.randomUUID(), enrolment: due.enrolment, stage: due.stage, at: now(), on: typed.get("_on") || today(), answers, way: typed.get("_way") || "2",
      confirmed: typed.has("_confirmed"), version: due.version, last_on: due.last_on, medicines,
    };
    await enqueue({ id: entry.id, bundle: (await vault()).id, ...(await seal(state.key, entry)) });
    written(entry);
  };

  // ---- coming back
  const send = async () => {
    const waiting = await queue(), byBundle = new Map();
    for (const one of waiting) {
      try { byBundle.set(one.bundle, [...(byBundle.get(one.bundle) || []), await unseal(state.key, one)]); } catch { /* another PIN's */ }
    }
    const told = [];
    try {
      for (const [bundle, entries] of byBundle) {
        const answer = await ask(body.dataset.send.replace(/0{8}-(0{4}-){3}0{12}/, bundle), { now: now(), entries });
        for (const one of answer.told) { told.push(one); if (one.state !== "refused") await unqueue(one.id); }
      }
    } catch (fault) { await line(); return list("", failed(fault)); }
    await line();
    const review = told.filter((one) => one.state === "review").length, good = told.filter((one) => one.state !== "refused").length;
    show(box(make("h2", {}, words.results), make("p", { role: "status", id: "v-told" }, say("sent", { n: good, m: review })),
      ...told.filter((one) => one.sentence).map((one) => make("p", {}, mark(words[one.state], one.state === "accepted" ? "is-good" : "is-bad"), " ", one.sentence)),
      primary(words.retake, () => askTake()), button(words.back, () => list())));
  };

  window.addEventListener("online", line);
  window.addEventListener("offline", line);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(body.dataset.worker, { scope: body.dataset.scope });
  start();
})();
