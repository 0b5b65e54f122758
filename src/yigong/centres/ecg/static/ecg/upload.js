/* Says at once which file was picked and whether it can be one. */
"use strict";
(() => {
  const input = document.querySelector("input[type=file]"), line = document.querySelector("[data-picked]");
  input?.addEventListener("change", () => {
    const file = input.files[0];
    line.hidden = !file;
    if (!file) return;
    const size = file.size < 1048576 ? Math.ceil(file.size / 1024) + " KB" : (file.size / 1048576).toFixed(1) + " MB";
    line.textContent = file.name + " · " + size;
    line.classList.toggle("is-bad", file.size > 20 * 1048576 || /\.(pdf|jpe?g|png|heic)$/i.test(file.name));
  });
})();
