/* The counter: change, what is left in cash, one key for "all by card". The server calculates all of it again. */
"use strict";
(() => {
  const $ = (selector) => document.querySelector(selector);
  for (const field of document.querySelectorAll("[data-submit]")) field.addEventListener("change", () => field.form.requestSubmit());
  const account = $("[data-account]");
  account?.addEventListener("change", () => { account.form.elements.account.disabled = account.checked; account.form.requestSubmit(); });

  const shown = $("[data-due]");
  if (!shown) return;
  const due = Number(shown.dataset.due), form = $(".s-form"), tendered = $("[data-tendered]");
  const fen = (field) => Math.round(Number(field?.value || 0) * 100);
  const yuan = (amount) => (amount / 100).toFixed(2);
  const refresh = () => {
    const others = [...document.querySelectorAll("[data-other]")].reduce((sum, field) => sum + fen(field), 0);
    const cash = Math.max(0, due - others), given = fen(tendered);
    $("[data-cash]").textContent = yuan(cash);
    $("[data-change]").textContent = yuan(given ? Math.max(0, given - cash) : 0);
  };
  form.addEventListener("input", refresh);
  for (const button of document.querySelectorAll("[data-all]")) {
    button.addEventListener("click", () => {
      for (const field of document.querySelectorAll("[data-other]")) field.value = "";
      const field = form.elements[button.dataset.all];
      if (field) { field.value = yuan(Math.min(due, Number(button.dataset.most || due))); tendered.value = ""; }
      refresh();
      (field ? form.querySelector("[type=submit]") : tendered).focus();
    });
  }
  refresh();
})();
