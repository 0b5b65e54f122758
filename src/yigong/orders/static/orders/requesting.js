/* Request templates: one tap fills the form. What somebody typed is never overwritten without asking, and the last filling can be taken back. */
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const box = $("[data-request-templates]");
  if (!box) return;
  const form = box.closest("form"), kept = $("[name=templates]", box), told = $("[data-use-told]", box), asking = $("[data-use-ask]", box);
  const items = $("[data-items]", form), TEXTS = ["purpose", "symptoms", "history"];
  const field = (name) => form.elements[name];
  const value = (name) => field(name).value;
  const isText = (name) => field(name).tagName === "TEXTAREA";
  const atFirst = (name) => {
    const one = field(name);
    if (one instanceof RadioNodeList) return [...one].find((radio) => radio.defaultChecked)?.value ?? "";
    if (one.tagName === "SELECT") return ([...one.options].find((option) => option.defaultSelected) ?? one.options[0])?.value ?? "";
    return one.defaultValue;
  };
  // What the page or a template wrote last: only what differs from it was typed. A page that came back refused holds what was typed alone.
  const written = {}, fresh = box.hasAttribute("data-fresh");
  const isTyped = (name) => value(name).trim() !== "" && value(name) !== (written[name] ?? (fresh ? atFirst(name) : null));
  const say = (one) => one.dispatchEvent(new Event("input", { bubbles: true }));
  const put = (name, text) => { field(name).value = text; say(field(name) instanceof RadioNodeList ? field(name)[0] : field(name)); };
  const codes = () => items ? $("[data-items-value]", items).value.split(",").filter(Boolean) : [];
  const send = (name, detail) => items?.dispatchEvent(new CustomEvent(name, { detail }));
  let before = null;

  const fill = (offer, decided) => {
    const wanted = { ...offer.texts, ...offer.choices }, names = Object.keys(wanted).filter(field);
    const added = offer.items.map((one) => one.code).filter((code) => !codes().includes(code));
    before = {
      values: Object.fromEntries(names.map((name) => [name, value(name)])), written: { ...written }, added, kept: kept.value,
      samples: field("samples")?.value, ticked: $$("[data-pieces]:checked", form),
    };
    for (const name of names) {
      const choice = decided[name] || "replace";
      if (choice === "keep" || value(name) === wanted[name]) continue;
      if (choice === "add") { put(name, value(name).trimEnd() + "\n" + wanted[name]); continue; }
      put(name, wanted[name]); written[name] = value(name);
    }
    send("items:add", offer.items);
    if (field("samples") && offer.samples.length) {
      const lines = value("samples").split("\n").map((line) => line.trim()).filter(Boolean);
      put("samples", [...lines, ...offer.samples.filter((one) => !lines.includes(one))].join("\n"));
    }
    for (const piece of offer.pieces) {
      const fitting = $$("[data-pieces]", form).filter((one) => one.dataset.pieces.split(",").includes(piece));
      if (fitting.length && !fitting.some((one) => one.checked)) { fitting[0].checked = true; say(fitting[0]); }
    }
    const taken = kept.value.split(",").filter(Boolean);
    if (!taken.includes(offer.key)) kept.value = [...taken, offer.key].join(",");
    say(kept);
    const gone = offer.gone ? "，" + box.dataset.gone.replace("{n}", offer.gone) : "";
    $("[data-use-words]", told).textContent = box.dataset.told.replace("{title}", offer.title) + gone; told.hidden = false;
    const blank = TEXTS.filter(field).find((name) => value(name).includes("〔"));
    if (blank) {
      const area = field(blank), open = area.value.indexOf("〔");
      area.focus(); area.setSelectionRange(open, area.value.indexOf("〕", open) + 1);
    }
  };
  const undo = () => {
    for (const [name, text] of Object.entries(before.values)) put(name, text);
    for (const name of Object.keys(written)) delete written[name];
    Object.assign(written, before.written);
    send("items:drop", before.added);
    if (field("samples")) put("samples", before.samples);
    for (const one of $$("[data-pieces]", form)) one.checked = before.ticked.includes(one);
    kept.value = before.kept; say(kept); told.hidden = true; before = null;
  };

  const labelOf = (name) => ($(`label[for="id_${CSS.escape(name)}"]`, form) || field(name)[0]?.closest("fieldset")?.querySelector("legend"))?.firstChild?.textContent.trim() || name;
  const wordOf = (name, wanted) => {
    const one = field(name);
    if (one instanceof RadioNodeList) return [...one].find((radio) => radio.value === wanted)?.closest("label")?.textContent.trim() || wanted;
    return one.tagName === "SELECT" ? [...one.options].find((option) => option.value === wanted)?.text || wanted : wanted;
  };
  const use = (offer) => {
    const wanted = { ...offer.texts, ...offer.choices };
    const open = Object.keys(wanted).filter((name) => field(name) && isTyped(name) && value(name) !== wanted[name] && !value(name).includes(wanted[name]));
    if (!open.length) { fill(offer, {}); return; }
    const list = $("[data-use-fields]", asking);
    list.replaceChildren(...open.map((name) => {
      const row = $("[data-use-field]", asking).content.firstElementChild.cloneNode(true), choice = $("select", row);
      $("b", row).textContent = labelOf(name); $("p", row).textContent = wordOf(name, wanted[name]);
      choice.dataset.of = name; choice.setAttribute("aria-label", labelOf(name));
      if (!isText(name)) $("[value=add]", choice).remove();
      return row;
    }));
    $("[data-use-yes]", asking).onclick = () => {
      asking.close();
      fill(offer, Object.fromEntries($$("select", list).map((choice) => [choice.dataset.of, choice.value])));
    };
    asking.showModal();
  };
  box.addEventListener("click", (event) => {
    const one = event.target.closest("[data-use]");
    if (one) use(JSON.parse(one.dataset.use));
    if (event.target.closest("[data-use-undo]") && before) undo();
  });
})();
