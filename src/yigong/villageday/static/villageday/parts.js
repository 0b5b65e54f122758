// What a visit on the phone asks besides its form's questions: which lot of vaccine, and the medicines one by one. The app hands over its own small parts.
"use strict";
window.visitParts = ({ make, say, words, mark, error }) => {
  const bracketed = (texts) => texts.filter(Boolean).join(" · ");

  // ---- lots: a tap fills in what the packing says. What was taken along is what lay there then; doses written on this phone since are counted off.
  const nameOf = (fill) => Object.values(fill).join("|");
  const namesOf = (shelf) => Object.keys((shelf.offered[0] || shelf.others[0] || shelf.barred[0] || { fill: {} }).fill);
  const given = (shelves, entry) => {
    for (const shelf of Object.values(shelves)) {
      const names = namesOf(shelf);
      if (names.length && names.every((name) => entry.answers[name])) return nameOf(Object.fromEntries(names.map((name) => [name, entry.answers[name]])));
    }
    return null;
  };
  const lots = (shelf, form, used, today) => {
    if (!shelf) return null;
    const taps = [];
    const told = (lot, left) => bracketed([lot.lot, say("lot_expires", { day: lot.expires }), say("lot_left", { n: left })]);
    const tap = (lot) => {
      const left = lot.left - (used[nameOf(lot.fill)] || 0);
      const why = lot.expires < today ? words.lot_past : left < 1 ? words.lot_out : "";
      if (why) return make("li", { class: "v-barred" }, make("b", {}, lot.product), ` ${told(lot, Math.max(0, left))} `, mark(why, "is-bad"));
      const one = make("button", { type: "button", class: "btn v-lot", "aria-pressed": "false" }, make("b", {}, lot.product), make("small", {}, told(lot, left)));
      one.addEventListener("click", () => {
        for (const [name, text] of Object.entries(lot.fill)) if (form.elements[name]) form.elements[name].value = text;
        taps.forEach((other) => other.setAttribute("aria-pressed", String(other === one)));
      });
      taps.push(one);
      return make("li", {}, one);
    };
    return make("fieldset", {}, make("legend", {}, words.lots), shelf.notice && error(shelf.notice),
      make("ul", { class: "v-lots" }, ...shelf.offered.map(tap),
        ...shelf.barred.map((lot) => make("li", { class: "v-barred" }, make("b", {}, lot.product), ` ${lot.lot} `, mark(lot.why, "is-bad")))),
      shelf.others.length > 0 && make("details", {}, make("summary", {}, say("lot_others", { n: shelf.others.length })), make("ul", { class: "v-lots" }, ...shelf.others.map(tap))));
  };

  // ---- medicines, one by one
  const ways = (n, taken) => make("div", {}, ...taken.map(([code, text]) =>
    make("label", { class: "v-choice" }, make("input", { type: "radio", name: `_use_${n}`, value: code }), text)));
  const medicine = (m, n, uses, today) => make("fieldset", { class: "v-use" },
    make("legend", {}, m.name, " ", make("small", {}, m.text)),
    make("small", { class: "v-mute" }, bracketed([
      m.since && say("since", { day: m.since }), m.last && say("last_given", { day: m.last }), m.giver, m.heard && words.heard, m.before && `${words.last} ${m.before}`])),
    m.until && m.until < today && make("span", {}, " ", mark(say("ran_out", { day: m.until }), "is-bad")), ways(n, uses.taken));
  const own = (n, uses) => make("fieldset", { class: "v-use" },
    make("input", { class: "form-control", name: `_use_${n}_name`, maxlength: 100, placeholder: words.other_medicine, "aria-label": words.other_medicine }),
    make("input", { class: "form-control", name: `_use_${n}_text`, maxlength: 120, placeholder: words.other_use, "aria-label": words.other_use }), ways(n, uses.taken));
  const medicines = (person, uses, today) => {
    const rows = person.medicines, box = make("div", {});
    let n = rows.length;
    const add = make("button", { type: "button", class: "btn" }, words.add_medicine);
    add.addEventListener("click", () => { if (n < rows.length + 10) box.append(own(n++, uses)); });
    return make("section", { class: "v-uses" }, make("h2", {}, uses.title), ...rows.map((m, place) => medicine(m, place, uses, today)),
      !rows.length && make("p", { class: "v-mute" }, words.no_medicines), person.more[0] > 0 && error(say("more_medicines", { n: person.more[0] })), box, add);
  };
  const readMedicines = (person, typed) => {
    const found = [], faults = [];
    person.medicines.forEach((m, n) => { if (typed.get(`_use_${n}`)) found.push({ name: m.name, text: m.text, taken: typed.get(`_use_${n}`) }); });
    for (let n = person.medicines.length; n < person.medicines.length + 10; n++) {
      const name = (typed.get(`_use_${n}_name`) || "").trim(), taken = typed.get(`_use_${n}`) || "";
      if (name && !taken) faults.push(say("how_taken", { name }));
      if (name && taken) found.push({ name, text: (typed.get(`_use_${n}_text`) || "").trim(), taken });
    }
    return [found, faults];
  };
  const allergies = (person) => person.allergies.length > 0 && make("p", {}, mark(words.allergies, "is-bad"), ` ${person.allergies.join("、")}`,
    person.more[1] > 0 && say("more_allergies", { n: person.more[1] }));

  return { given, lots, medicines, readMedicines, allergies };
};
