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
  const read = (form) => [...form.elements].filter(kept).map((field) =>
    [field.name, ["checkbox", "radio"].includes(field.type) ? [field.value, field.checked] : field.value]);
  const started = new WeakMap();
  const save = (form) => {
    const name = draftName(form);
    if (!name) return;
    const values = read(form);
    if (JSON.stringify(values) !== started.get(form)) store(localStorage, name, { at: Date.now(), values });
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
        if (field) field.value = value;
      }
    }
    $$("[data-picker]", form).forEach(markPicked);
    form.dispatchEvent(new Event("draft:filled", { bubbles: true }));
  };
  const offerDraft = (form, returning) => {
    started.set(form, JSON.stringify(read(form)));
    const name = draftName(form), draft = name && store(localStorage, name);
    if (!draft || $(".y-errors", form)) return;
    if (!(form.dataset.draft || returning === name) || JSON.stringify(draft.values) === started.get(form)) return;
    const before = read(form);
    fill(form, draft.values);
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
    dress(document);
  const returning = settleDrafts();
  $$("form").forEach((form) => offerDraft(form, returning));
  $("[data-focus]")?.focus();
})();
