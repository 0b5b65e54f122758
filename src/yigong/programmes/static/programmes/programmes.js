// A tap on a lot fills in what its packing says; typing by hand still works, and takes the mark off again.
"use strict";
(() => {
  const fields = (button) => Object.entries(JSON.parse(button.dataset.fill)).map(([name, text]) => [button.form.elements[name], text]);
  const mark = () => document.querySelectorAll("[data-fill]").forEach((button) =>
    button.setAttribute("aria-pressed", fields(button).every(([field, text]) => field && field.value === text)));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    fields(button).forEach(([field, text]) => {
      if (!field) return;
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    mark();
  });
  document.addEventListener("change", mark);
  mark();
})();

// What is asked about an ending is shown once it is chosen; without this script all of it stands there and the server reads what belongs.
(() => {
  const blocks = document.querySelectorAll("[data-ending]");
  const show = () => {
    const chosen = document.querySelector("input[name=ending]:checked");
    if (document.querySelector("input[name=ending]")) { blocks.forEach((block) => { block.hidden = !chosen || block.dataset.ending !== chosen.value; }); }
  };
  if (blocks.length) { document.addEventListener("change", show); show(); }
})();
