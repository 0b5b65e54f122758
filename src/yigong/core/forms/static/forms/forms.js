// A form while it is filled: conditional questions, reckoned values, "none of these", the ordinary findings of a section in one tap, lines of a table, what is
// still open by section. Without this script all questions stay visible and the server drops the answers to those that do not apply.
(function () {
  "use strict";
  function all(box, what) { return Array.prototype.slice.call(box.querySelectorAll(what)); }
  function fieldsOf(item) { return all(item, "input, select, textarea"); }
  function isAnswered(item) {
    return fieldsOf(item).some(function (f) { return f.type === "radio" || f.type === "checkbox" ? f.checked : f.value.trim() !== ""; });
  }
  function isRequired(item) { return !!item.querySelector(".form-label.required"); }

  // ---- what is still open
  function count(box) {
    all(box, "[data-section]").forEach(function (section) {
      var link = box.querySelector('[data-toc][href="#' + section.id + '"]');
      if (!link) { return; }
      var items = all(section, "[data-item]").filter(function (item) { return !item.hidden && fieldsOf(item).length; });
      var open = items.filter(function (item) { return isRequired(item) && !isAnswered(item); }).length;
      var mark = link.querySelector("[data-open]");
      mark.hidden = !open;
      mark.textContent = open;
      link.classList.toggle("is-done", items.length > 0 && items.every(isAnswered));
      link.hidden = !items.length;
    });
  }

  // ---- what the platform says of what is typed so far; the newest answer counts
  var asked = 0;
  function update(box) {
    count(box);
    if (!box.querySelector("[data-shown-when], [data-required-when], [data-reckoned]")) { return; }
    var mine = ++asked;
    fetch(box.dataset.shownUrl, { method: "POST", body: new FormData(box.closest("form")), headers: { "X-Requested-With": "fetch" } })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (told) {
        if (!told || mine !== asked) { return; }
        all(box, "[data-item]").forEach(function (item) {
          var code = item.dataset.item, label = item.querySelector(".form-label"), value = item.querySelector("[data-reckoned]");
          if ("shownWhen" in item.dataset) { item.hidden = told.items.indexOf(code) < 0; }
          if ("requiredWhen" in item.dataset) { label.classList.toggle("required", told.required.indexOf(code) >= 0); }
          if (value) { value.textContent = told.reckoned[code] || "—"; }
        });
        count(box);
      });
  }

  // ---- taps
  function fillUsual(section) {
    all(section, "[data-usual]").forEach(function (item) {
      if (item.hidden || isAnswered(item)) { return; }
      fieldsOf(item).forEach(function (f) { if (f.value === item.dataset.usual) { f.checked = true; } });
    });
    section.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function addLine(rows) {
    var lines = rows.querySelector("[data-lines]"), n = lines.children.length;
    if (n >= Number(rows.dataset.rows)) { return; }
    var line = rows.querySelector("template").content.firstElementChild.cloneNode(true);
    fieldsOf(line).forEach(function (f) { f.name = f.name.replace(".0.", "." + n + "."); });
    lines.appendChild(line);
    line.querySelector("input, select").focus();
    rows.querySelector("[data-add-line]").hidden = n + 1 >= Number(rows.dataset.rows);
  }
  function exclude(chosen) {
    if (chosen.type !== "checkbox" || !chosen.checked) { return; }
    fieldsOf(chosen.closest("[data-item]")).forEach(function (other) {
      if (other !== chosen && ("exclusive" in chosen.dataset || "exclusive" in other.dataset)) { other.checked = false; }
    });
  }
  document.addEventListener("click", function (event) {
    var usual = event.target.closest("[data-fill-usual]"), add = event.target.closest("[data-add-line]");
    if (usual) { fillUsual(usual.closest("[data-section]")); }
    if (add) { addLine(add.closest("[data-rows]")); }
  });
  document.addEventListener("change", function (event) {
    var box = event.target.closest("[data-shown-url]");
    if (!box) { return; }
    if (event.target.closest("[data-item]")) { exclude(event.target); }
    update(box);
  });
  document.addEventListener("DOMContentLoaded", function () {
    all(document, "[data-fill-usual]").forEach(function (button) { button.hidden = false; });
    all(document, "[data-rows]").forEach(function (rows) {
      rows.querySelector("[data-add-line]").hidden = rows.querySelector("[data-lines]").children.length >= Number(rows.dataset.rows);
    });
    all(document, "[data-shown-url]").forEach(update);
  });
})();
