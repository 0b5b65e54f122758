/* Item chips of the request form, drafts and templates of the report, one key for the next case. */
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* ---- items ---- */
  const box = $("[data-items]");
  const codes = () => $("[data-items-value]", box).value.split(",").filter(Boolean);
  const refresh = () => {
    const chosen = $$("[data-chips] li", box), groups = new Set(chosen.map((chip) => chip.dataset.group));
    for (const question of $$(".o-question")) {
      const wanted = question.dataset.groups.split(",").filter(Boolean), ending = question.dataset.ending;
      const fits = (!wanted.length || wanted.some((one) => groups.has(one))) && (!ending || codes().some((code) => code.endsWith(ending)));
      question.hidden = !fits;
    }
    if (!codes().length || !box.dataset.url) { $("[data-earlier]", box).replaceChildren(); return; }
    window.htmx?.ajax("GET", box.dataset.url + "?items=" + encodeURIComponent(codes().join(",")), { target: $("[data-earlier]", box), swap: "innerHTML" })
      .then(() => { if ($(".o-earlier", box)) $(".o-more").open = true; });
  };
  const setCodes = (list) => { $("[data-items-value]", box).value = list.join(","); refresh(); };
  const chipOf = (code) => $(`[data-chips] li[data-code="${CSS.escape(code)}"]`, box);
  const draw = (code, name, group, kind) => {
    const chip = document.createElement("li"), small = document.createElement("small"), drop = document.createElement("button");
    chip.dataset.code = code; chip.dataset.group = group;
    small.textContent = kind ?? group; drop.type = "button"; drop.className = "y-iconbtn"; drop.textContent = "×"; drop.setAttribute("data-drop-item", "");
    chip.append(name + " ", small, drop); $("[data-chips]", box).append(chip);
  };
  const addChip = (code, name, group, kind) => {
    if (codes().includes(code)) return;
    draw(code, name, group, kind);
    setCodes([...codes(), code]);
  };
  const dropItem = (code) => { chipOf(code)?.remove(); setCodes(codes().filter((one) => one !== code)); };
  if (box) {
    const picked = $("[data-picker-value]", box), shown = $("[data-picker] input[type=text]", box);
    picked.required = false; picked.removeAttribute("data-required");
    picked.addEventListener("change", () => {
      if (!picked.value) return;
      const option = $(`[data-value="${CSS.escape(picked.value)}"]`, box);
      addChip(picked.value, shown.value, option?.dataset.group ?? "", option?.dataset.kind);
      picked.value = ""; shown.value = ""; $("[data-picker]", box).classList.remove("is-picked"); shown.focus();
    });
    box.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-drop-item]")?.closest("li");
      if (chip) dropItem(chip.dataset.code);
    });
    box.addEventListener("items:add", (event) => { for (const one of event.detail) addChip(one.code, one.name, one.group, one.kind); });
    box.addEventListener("items:drop", (event) => event.detail.forEach(dropItem));
    // What a draft brought back, before this script or after, is a list of codes: their names are asked for, so that each can be seen and taken away.
    const restore = async () => {
      for (const code of codes().filter((one) => !chipOf(one))) {
        const answer = await fetch(box.dataset.find + "?q=" + encodeURIComponent(code)), found = document.createElement("div");
        found.innerHTML = answer.ok ? await answer.text() : "";
        const option = $(`[data-value="${CSS.escape(code)}"]`, found);
        if (option && !chipOf(code)) draw(code, option.dataset.text, option.dataset.group, option.dataset.kind);
      }
      for (const chip of $$("[data-chips] li", box)) if (!codes().includes(chip.dataset.code)) chip.remove();
      refresh();
    };
    box.closest("form").addEventListener("draft:filled", restore);
    restore();
  }

  /* ---- report ---- */
  const form = $("[data-report]");
  if (form && $("button[name=action]", form)) {
    const saved = $("[data-saved]", form), field = (name) => form.elements[name];
    let waiting = 0, running = false;
    const save = async () => {
      if (running) { plan(); return; }
      running = true;
      try {
        const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": field("csrfmiddlewaretoken").value } });
        const told = await answer.json();
        if (told.draft_version !== undefined) { field("draft_version").value = told.draft_version; saved.textContent = "✓ " + new Date().toTimeString().slice(0, 5); }
        else saved.textContent = told.error;
      } catch { saved.textContent = "…"; }
      running = false;
    };
    const plan = () => { clearTimeout(waiting); waiting = setTimeout(save, 1500); };
    form.addEventListener("input", plan);
    form.addEventListener("submit", () => clearTimeout(waiting));
    const take = (code) => { field("s_" + code).value = $(`[data-proposal="${code}"]`, form).textContent; plan(); };
    form.addEventListener("click", (event) => {
      const one = event.target.closest("[data-take]");
      if (one) take(one.dataset.take);
      if (event.target.closest("[data-take-all]")) for (const every of $$("[data-proposal]", form)) take(every.dataset.proposal);
    });
  }

  /* ---- templates: picked, found, or called by a slash and the short code; all three come into a report by one way ---- */
  const picker = $("[data-template]");
  if (picker) {
    const owner = picker.form, find = $("[data-template-find]", owner);
    const areaOf = (code) => owner.elements["s_" + code] || owner.elements[code] || (code === "impression" ? owner.elements["text"] : null);
    const insert = (option) => {
      let blank = null;
      const kept = owner.elements["templates"], taken = kept.value.split(",").filter(Boolean);
      if (!taken.includes(option.dataset.key)) kept.value = [...taken, option.dataset.key].join(",");
      for (const attribute of option.attributes) {
        const area = attribute.name.startsWith("data-t-") ? areaOf(attribute.name.slice(7)) : null;
        if (!area) continue;
        const before = area.value.trim() ? area.value + "\n" : "";
        area.value = before + attribute.value;
        const open = area.value.indexOf("〔", before.length);
        if (!blank && open >= 0) blank = [area, open, area.value.indexOf("〕", open) + 1];
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }
      if (blank) { blank[0].focus(); blank[0].setSelectionRange(blank[1], blank[2]); }
    };
    const fits = (option, text) => option.value && (option.dataset.short.startsWith(text) || option.dataset.initials.includes(text) || option.text.toLowerCase().includes(text));
    const narrow = (text) => { for (const option of picker.options) option.hidden = Boolean(text) && !fits(option, text); };
    picker.addEventListener("change", () => { if (picker.value) insert(picker.selectedOptions[0]); picker.value = ""; });
    find.addEventListener("input", (event) => { event.stopPropagation(); narrow(find.value.trim().toLowerCase()); });
    find.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const text = find.value.trim().toLowerCase(), found = [...picker.options].filter((option) => text && fits(option, text));
      const one = found.find((option) => option.dataset.short === text) || found[0];
      if (!one) return;
      find.value = ""; narrow("");
      insert(one);
    });
    owner.addEventListener("input", (event) => {
      const area = event.target;
      if (area.tagName !== "TEXTAREA") return;
      const typed = area.value.slice(0, area.selectionStart).match(/(?:^|\s)\/([a-z0-9-]{1,20})\s$/);
      const one = typed && [...picker.options].find((option) => option.value && option.dataset.short === typed[1]);
      if (!one) return;
      const end = area.selectionStart;
      area.value = area.value.slice(0, end - typed[1].length - 2) + area.value.slice(end);
      insert(one);
    });
  }

  /* ---- the next case with one key ---- */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
    const next = $("[data-next]:not([disabled])");
    if (next) { event.preventDefault(); event.stopImmediatePropagation(); next.click(); }
  }, true);
})();
