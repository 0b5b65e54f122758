// Shows and hides conditional questions while a form is filled. Without this script all questions stay visible and the
// server drops the answers to questions that do not apply.
(function () {
  "use strict";
  function update(box) {
    var form = box.closest("form");
    var data = new FormData(form);
    fetch(box.dataset.shownUrl, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (shown) {
        if (!shown) { return; }
        box.querySelectorAll("[data-shown-when]").forEach(function (item) {
          item.hidden = shown.items.indexOf(item.dataset.item) < 0;
        });
      });
  }
  document.addEventListener("change", function (event) {
    var box = event.target.closest("[data-shown-url]");
    if (box) { update(box); }
  });
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-shown-url]").forEach(update);
  });
})();
