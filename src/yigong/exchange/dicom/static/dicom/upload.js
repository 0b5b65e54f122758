// Sends chosen files one by one as raw bodies, with progress; the plain form works without this script.
(() => {
  const form = document.querySelector("[data-dicom-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const list = document.querySelector("[data-results]");
  form.method = "get"; // sent by this script from here on, not by the page's own form handling
  const limit = Number(form.dataset.limit);
  const line = (html) => { list.insertAdjacentHTML("beforeend", html); };
  const plain = (text) => { const p = document.createElement("p"); p.textContent = text; return p.innerHTML; };

  const send = (file) => new Promise((done) => {
    const bar = document.createElement("div");
    bar.innerHTML = `<p>${plain(file.name)}</p><progress class="dq-bar" max="100" value="0"></progress>`;
    list.append(bar);
    const call = new XMLHttpRequest();
    call.open("POST", form.dataset.dicomUpload);
    call.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    call.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    call.setRequestHeader("Content-Type", "application/octet-stream");
    call.upload.onprogress = (event) => { bar.querySelector("progress").value = 100 * event.loaded / Math.max(event.total, 1); };
    call.onload = () => { bar.remove(); line(call.status < 500 && call.status !== 401 ? call.responseText : `<p>${plain(form.dataset.failed)}</p>`); done(); };
    call.onerror = () => { bar.remove(); line(`<p>${plain(file.name)}:${plain(form.dataset.offline)}</p>`); done(); };
    call.send(file);
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    for (const file of input.files) {
      if (file.size > limit) line(`<p class="text-danger">${plain(file.name)}:${plain(form.dataset.tooLarge)}</p>`);
      else await send(file);
    }
    input.value = "";
    button.disabled = false;
  }, true);
})();
