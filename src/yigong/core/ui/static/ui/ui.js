/* What pages do in the browser. Every page works without it; nothing here is needed by the server. */
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = (name) => $("#words")?.dataset[name] || "";
  const store = (area, name, value) => {
    try {
      if (value === undefined) return JSON.parse(area.getItem(name));
      if (value === null) area.removeItem(name);
      else area.setItem(name, JSON.stringify(value));
    } catch { /* full or forbidden storage: the page works without */ }
    return null;
  };

  /* ---- drafts: what is typed outlives an expired session, a refused form and a closed window ---- */
  const DRAFT = "yigong.draft.", SENT = "yigong.sent", DETOUR = "yigong.detour", KEEP = 12 * 3600 * 1000;
  const account = () => document.body.dataset.account || "";
  const draftName = (form) => {
    if (form.method !== "post" || form.hasAttribute("data-nodraft") || !account()) return "";
    const key = form.dataset.draft || location.pathname + "#" + [...document.forms].indexOf(form);
    return DRAFT + account() + "." + key;
  };
  const kept = (field) => field.name && !["password", "file", "submit", "button"].includes(field.type)
    && !["csrfmiddlewaretoken", "idempotency_key"].includes(field.name) && !field.hasAttribute("data-secret");
  const fieldsOf = (root) => [...(root.elements || $$("input, select, textarea", root))].filter(kept);
  const read = (root) => fieldsOf(root).map((field) =>
    [field.name, ["checkbox", "radio"].includes(field.type) ? [field.value, field.checked] : field.value]);
  const started = new WeakMap();
  // Only what the person changed is kept: what the page knows better the next time is not overwritten by what it once knew.
  const keyed = (values) => {
    const seen = {};
    return values.map(([name, value]) => Array.isArray(value)
      ? [`${name}=${value[0]}`, name, value] : [`${name}#${seen[name] = (seen[name] ?? -1) + 1}`, name, value]);
  };
  const changes = (start, values) => {
    const before = new Map(keyed(start).map(([key, , value]) => [key, JSON.stringify(value)]));
    return keyed(values).map(([key, name, value]) => [name, before.get(key) === JSON.stringify(value) ? null : value]);
  };
  const save = (form) => {
    const name = draftName(form);
    if (!name) return;
    const start = started.get(form) || "[]", values = read(form);
    if (JSON.stringify(values) === start) return;
    store(localStorage, name, { at: Date.now(), values: changes(JSON.parse(start), values) });
  };
  const fill = (form, values) => {
    const places = {};
    for (const [name, value] of values) {
      const fields = $$(`[name="${CSS.escape(name)}"]`, form).filter(kept);
      if (Array.isArray(value)) {
        const field = fields.find((one) => one.value === value[0]);
        if (field) field.checked = value[1];
      } else {
        const field = fields[places[name] = (places[name] ?? -1) + 1];
        if (field && value !== null) field.value = value;
      }
    }
    $$("[data-picker]", form).forEach(markPicked);
    form.dispatchEvent(new Event("draft:filled", { bubbles: true }));
  };
  // A part of a form that is asked for anew (on a slow line a second later) does not lose what was typed into it meanwhile.
  const asked = new WeakMap();
  document.addEventListener("htmx:beforeRequest", (event) => asked.set(event.detail.xhr, read(event.detail.target)));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target, requestConfig } = event.detail, start = asked.get(xhr);
    if (start && requestConfig.verb === "get") asked.set(xhr, changes(start, read(target)));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const { xhr, requestConfig } = event.detail, typed = asked.get(xhr);
    if (typed && requestConfig.verb === "get" && typed.some(([, value]) => value !== null)) fill(event.target, typed);
  });
  const offerDraft = (form, returning) => {
    started.set(form, JSON.stringify(read(form)));
    const name = draftName(form), draft = name && store(localStorage, name);
    if (!draft || $(".y-errors", form)) return;
    if (!(form.dataset.draft || returning === name)) return;
    const before = read(form);
    fill(form, draft.values);
    if (JSON.stringify(read(form)) === started.get(form)) return;
    const bar = document.createElement("div");
    bar.className = "y-draft"; bar.setAttribute("role", "status");
    bar.append(words("restored") + " ");
    const button = document.createElement("button");
    button.type = "button"; button.className = "btn btn-sm"; button.textContent = words("discard");
    button.addEventListener("click", () => { fill(form, before); store(localStorage, name, null); bar.remove(); });
    bar.append(button); form.prepend(bar);
  };
  /* After a form was sent: refused in place, led to the login page and back, or done. Returns the draft to fill in again. */
  const settleDrafts = () => {
    const old = Object.keys(localStorage).filter((name) => name.startsWith(DRAFT));
    for (const name of old) if (Date.now() - (store(localStorage, name)?.at || 0) > KEEP) store(localStorage, name, null);
    const sent = store(sessionStorage, SENT);
    if (!sent) return "";
    if (document.body.dataset.page !== "ok" || !account()) { store(sessionStorage, DETOUR, true); return ""; }
    const form = $$("form").find((one) => draftName(one) === sent), detour = store(sessionStorage, DETOUR);
    store(sessionStorage, SENT, null); store(sessionStorage, DETOUR, null);
    if (detour) return sent;
    if (!form || !$(".y-errors", form)) store(localStorage, sent, null);
    return "";
  };

  /* ---- sending: once per click, refused inputs pointed at, dangerous acts asked about ---- */
  const labelOf = (field) => field.dataset.required || $(`label[for="${CSS.escape(field.id)}"]`)?.firstChild?.textContent.trim()
    || field.closest("fieldset")?.querySelector("legend")?.firstChild?.textContent.trim() || "";
  const complain = (field, text) => {
    const box = field.closest(".y-field");
    if (!box || $(".y-error", box)) return;
    const line = document.createElement("div");
    line.className = "y-error"; line.textContent = text; box.append(line); box.classList.add("is-bad");
  };
  const missing = (form) => $$("[required], [data-required]", form).filter((field) => {
    if (field.disabled || field.closest("[hidden]")) return false;
    if (field.type === "radio") return !$$(`[name="${CSS.escape(field.name)}"]`, form).some((one) => one.checked);
    return field.type === "checkbox" ? !field.checked : !field.value.trim();
  });
  const filledIn = (form) => {
    $$(".y-error:not([id])", form).forEach((line) => line.remove());
    const empty = missing(form);
    empty.forEach((field) => complain(field, words("required").replace("{name}", labelOf(field))));
    const first = empty[0];
    if (first) (first.type === "hidden" ? $("input[type=text]", first.parentElement) : first).focus();
    return !first;
  };
  const busy = (form, button) => {
    const pressed = button || $("button:not([type=button])", form);
    if (!pressed) return;
    pressed.setAttribute("aria-busy", "true"); pressed.kept = [...pressed.childNodes]; pressed.textContent = words("sending");
  };
  const idle = (form) => {
    delete form.dataset.sent;
    $$("[aria-busy]", form).forEach((button) => { button.removeAttribute("aria-busy"); if (button.kept) button.replaceChildren(...button.kept); });
  };
  const ask = (form, button) => {
    const box = $("#confirm"), yes = $("[data-confirm-yes]", box);
    $("#confirm-title").textContent = button?.textContent.trim() || words("sure");
    $("[data-confirm-text]", box).textContent = button?.dataset.confirm || form.dataset.confirm;
    yes.textContent = button?.dataset.confirmYes || form.dataset.confirmYes || words("sure");
    yes.onclick = () => { box.close(); form.dataset.agreed = "1"; form.requestSubmit(button || undefined); };
    $("[data-confirm-no]", box).onclick = () => box.close();
    box.showModal();
  };
  const forget = () => Object.keys(localStorage).filter((name) => name.startsWith(DRAFT + account() + ".")).forEach((name) => store(localStorage, name, null));
  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    if (form.method !== "post") return;
    const stop = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    if (form.dataset.sent) { stop(); return; }
    if (!button?.hasAttribute("formnovalidate") && form.classList.contains("y-form") && !filledIn(form)) { stop(); return; }
    if ((form.dataset.confirm || button?.dataset.confirm) && !form.dataset.agreed) { stop(); ask(form, button); return; }
    delete form.dataset.agreed;
    if (form.hasAttribute("data-signout")) forget();
    const name = draftName(form);
    if (name) { clearTimeout(form.draftTimer); save(form); store(sessionStorage, SENT, name); }
    if (form.target === "_blank") return;
    form.dataset.sent = "1";
    // The pressed button's own name and value must still be sent: change it after the browser has read the form.
    if (!form.hasAttribute("hx-post")) setTimeout(() => busy(form, button), 0);
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => { const form = event.target.closest?.("form"); if (form) idle(form); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) $$("form[data-sent]").forEach(idle); });
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.dataset.draft) { clearTimeout(form.draftTimer); form.draftTimer = setTimeout(() => save(form), 400); }
    const box = event.target.closest(".y-field");
    if (box) $$(".y-error:not([id])", box).forEach((line) => line.remove());
  });

  /* ---- pickers and the search box ---- */
  const options = (box) => $$(".y-option, .y-found > a", box);
  const open = (box, yes) => {
    box.classList.toggle("is-open", yes);
    $("input[role=combobox]", box)?.setAttribute("aria-expanded", String(yes));
  };
  function markPicked(box) { box.classList.toggle("is-picked", Boolean($("[data-picker-value]", box)?.value)); }
  const choose = (box, option) => {
    if (option.tagName === "A") { location.href = option.href; return; }
    const value = $("[data-picker-value]", box);
    value.value = option.dataset.value;
    $("input[role=combobox]", box).value = option.dataset.text;
    open(box, false); markPicked(box);
    for (const kind of ["change", "input"]) value.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const ready = (box) => {
    const list = options(box);
    list.forEach((one, place) => one.classList.toggle("is-on", place === 0 && "picker" in box.dataset));
    open(box, true);
  };
  // data-picker-with="institution": these fields of the form go along, so that departments are those of the chosen institution.
  const addressOf = (box, input) => {
    const address = new URL(box.dataset.picker, location.href);
    address.searchParams.set("q", input.value.trim());
    for (const name of (box.dataset.pickerWith || "").split(",").filter(Boolean)) address.searchParams.set(name, input.form?.elements[name]?.value || "");
    return address;
  };
  const look = (box, input) => {
    clearTimeout(box.timer);
    const ticket = box.ticket = (box.ticket || 0) + 1;
    box.timer = setTimeout(async () => {
      try {
        const answer = await fetch(addressOf(box, input), { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
        const login = answer.headers.get("X-Login");
        if (login) { signedOut(login); return; }
        if (ticket !== box.ticket) return;
        if (!answer.ok) { toast(words("failed"), "error"); return; }
        $(".y-found", box).innerHTML = await answer.text();
        ready(box);
      } catch { toast(words("offline"), "error"); }
    }, 200);
  };
  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-picker]");
    if (!box || event.target.getAttribute("role") !== "combobox") return;
    $("[data-picker-value]", box).value = ""; markPicked(box); look(box, event.target);
  });
  document.addEventListener("focusin", (event) => {
    const box = event.target.closest?.("[data-picker]");
    if (box && event.target.getAttribute("role") === "combobox" && !$("[data-picker-value]", box).value && !event.target.value) look(box, event.target);
    $$(".is-open").filter((one) => !one.contains(event.target)).forEach((one) => open(one, false));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const box = event.target.closest?.(".y-search");
    if (box) ready(box);
    dress(event.target);
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.("[data-picker], .y-search");
    if (!box || event.isComposing) return;
    if (event.key === "Escape") { open(box, false); return; }
    const list = options(box), at = list.findIndex((one) => one.classList.contains("is-on"));
    if (!box.classList.contains("is-open") || !list.length) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = list[(Math.max(at, step < 0 ? 0 : -1) + step + list.length) % list.length];
      list.forEach((one) => one.classList.toggle("is-on", one === next));
      next.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter" && at >= 0) { event.preventDefault(); choose(box, list[at]); }
  });

  /* ---- menus, windows, keys ---- */
  const toast = (text, tone = "good") => {
    const box = document.createElement("div");
    box.className = `y-toast is-${tone}`; box.textContent = text;
    $("#toasts")?.append(box); setTimeout(() => box.remove(), 8000);
  };
  const signedOut = (login) => {
    if ($(".y-signed-out")) return;
    const box = document.createElement("div"), link = document.createElement("a");
    box.className = "y-toast is-error y-signed-out"; box.textContent = words("ended") + " ";
    link.href = login; link.textContent = words("again"); box.append(link);
    link.addEventListener("click", () => $$("form").forEach((form) => { if (draftName(form)) save(form); }));
    $("#toasts")?.append(box);
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const login = event.detail.xhr.getResponseHeader("X-Login");
    if (login) { event.detail.shouldSwap = false; signedOut(login); }
  });
  const side = (yes) => {
    document.body.classList.toggle("y-side-open", yes);
    $$("[data-burger]").forEach((one) => one.setAttribute("aria-expanded", String(yes)));
    if (yes) $(".y-menu-item")?.focus();
  };
  const fold = (yes) => document.body.classList.toggle("y-folded", yes);
  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    $$("details[data-drop][open]").filter((one) => !one.contains(event.target)).forEach((one) => { one.open = false; });
    const option = on(".y-option"), box = on("[data-picker]");
    if (option && box) { choose(box, option); return; }
    if (!on("[data-picker], .y-search")) $$(".is-open").forEach((one) => open(one, false));
    if (on("[data-dismiss]")) on(".y-notice").remove();
    if (on("[data-burger]")) side(!document.body.classList.contains("y-side-open"));
    if (on("[data-burger-close]")) side(false);
    if (on("[data-fold]")) { const yes = !document.body.classList.contains("y-folded"); fold(yes); store(localStorage, "yigong.fold", yes); }
    if (on("[data-open]")) { $$("details[data-drop]").forEach((one) => { one.open = false; }); $(`#${CSS.escape(on("[data-open]").dataset.open)}`)?.showModal(); }
    if (on("[data-close]")) on("dialog")?.close();
    if (on("[data-print]")) window.print();
    if (on("[data-back]") && history.length > 1) { event.preventDefault(); history.back(); }
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (form && event.target.matches("select, input[type=date], input[type=month], input[type=checkbox], input[type=radio], [data-picker-value]")) form.requestSubmit();
  });
  let last = "";
  const act = (key, target) => {
    const rows = $$(".y-table > tbody > tr").filter((row) => row.offsetParent), at = rows.findIndex((row) => row.classList.contains("is-on"));
    const move = (place) => { rows.forEach((row, other) => row.classList.toggle("is-on", other === place)); rows[place]?.scrollIntoView({ block: "nearest" }); };
    const go = (selector, root = document) => $(selector, root)?.click();
    const keys = {
      "/": () => $("#global-search")?.focus(),
      "?": () => $("#keys")?.showModal(),
      j: () => move(Math.min(at + 1, rows.length - 1)),
      k: () => move(Math.max(at - 1, 0)),
      n: () => go(".y-paging [rel=next]"),
      p: () => go(".y-paging [rel=prev]"),
      h: () => { if (last === "g") location.href = "/"; },
      Enter: () => { if (rows[at] && (target === document.body || target.id === "main")) go("a[href], button", rows[at]); },
    };
    const own = $$("[data-key]").find((one) => one.dataset.key === key);
    if (own) { own.click(); return true; }
    keys[key]?.();
    return key in keys && key !== "Enter";
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { $$("details[data-drop][open]").forEach((one) => { one.open = false; }); side(false); }
    const form = event.target.form;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) { event.preventDefault(); form.requestSubmit(); return; }
    // A page's own function keys (F9 takes the money) act from within a field too: nobody types them.
    const typing = event.target.matches?.("input, textarea, select, [contenteditable]") && !/^F\d+$/.test(event.key);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (act(event.key, event.target)) event.preventDefault();
    last = event.key;
  });
  document.addEventListener("htmx:responseError", (event) => {
    const text = event.detail.xhr.responseText, box = $("#toasts");
    if (!box || !text.includes("y-toast")) { toast(words("failed"), "error"); return; }
    box.insertAdjacentHTML("beforeend", text);
    const added = box.lastElementChild; setTimeout(() => added.remove(), 12000);
  });
  document.addEventListener("htmx:sendError", () => toast(words("offline"), "error"));

  /* ---- charts ---- */
  const palette = ["#0b6b7d", "#d08a1d", "#4f7fb8", "#7a9a3c", "#a4566b", "#6b7985"];
  const draw = (box) => {
    if (box.drawn) return;
    box.drawn = true;
    const chart = window.echarts.init(box), option = JSON.parse(box.dataset.chart);
    chart.setOption({
      color: palette, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, animation: false,
      grid: { left: 8, right: 16, top: option.legend ? 36 : 20, bottom: 4, containLabel: true },
      ...option,
      legend: option.legend ? { top: 0, icon: "roundRect", itemWidth: 12, itemHeight: 8, ...option.legend } : undefined,
      tooltip: { trigger: "axis", ...option.tooltip, renderMode: "richText", confine: true },
    });
    // A point that carries an address opens what is behind it.
    chart.on("click", (point) => { if (point.data?.href) location.assign(point.data.href); });
    new ResizeObserver(() => chart.resize()).observe(box);
  };
  const charts = (root) => {
    const boxes = $$("[data-chart]", root);
    if (!boxes.length) return;
    if (window.echarts) { boxes.forEach(draw); return; }
    let script = $("script[data-echarts]");
    if (!script) {
      script = document.createElement("script");
      script.src = document.body.dataset.echarts; script.dataset.echarts = "1"; document.head.append(script);
    }
    script.addEventListener("load", () => boxes.forEach(draw));
  };

  /* On a narrow screen the steps run out of it: the one that is under way is in the middle. */
  const showStep = (steps) => {
    const step = $(".is-now", steps) || $$(".is-done", steps).pop();
    if (!step) return;
    const [box, at] = [steps.getBoundingClientRect(), step.getBoundingClientRect()];
    steps.scrollLeft += at.left + at.width / 2 - box.left - box.width / 2;
  };
  /* A refused form tells at its top what is wrong; one without such a list has its first sentence brought into sight. */
  const showFault = () => {
    const told = $("[data-focus]"), line = $("main form .y-error");
    if (told) { told.focus(); return; }
    if (!line) return;
    line.closest(".y-field")?.querySelector("input:not([type=hidden]), select, textarea")?.focus({ preventScroll: true });
    line.scrollIntoView({ block: "center" });
  };

  /* ---- dressing what has arrived: lists that fold on a phone, picked names, charts ---- */
  function dress(root) {
    $$(".y-table:not([data-flat])", root).forEach((table) => {
      const heads = $$(":scope > thead th", table).map((head) => head.textContent.trim());
      if (!heads.length) return;
      table.classList.add("is-stacked");
      $$(":scope > tbody > tr", table).forEach((row) => [...row.cells].forEach((cell, place) => { cell.dataset.label ??= heads[place] || ""; }));
    });
    $$("[data-picker]", root).forEach(markPicked);
    $$(".y-steps", root).forEach(showStep);
    charts(root);
  }
  fold(store(localStorage, "yigong.fold") === true);
  dress(document);
  const returning = settleDrafts();
  $$("form").forEach((form) => offerDraft(form, returning));
  showFault();
})();
