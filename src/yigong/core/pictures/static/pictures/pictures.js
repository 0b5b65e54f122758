// Photographs are reduced before they are sent (thin lines), signatures are drawn on the screen. Without this script
// the file goes as it is and the server reduces it.
"use strict";
(() => {
  const shrink = async (file, widest) => {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, widest / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (!blob) throw new Error("no picture");
    return { canvas, file: blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file };
  };

  const photos = (box) => {
    const input = box.querySelector("input[type=file]");
    const strip = box.querySelector(".pic-strip");
    const told = box.querySelector("[role=status]");
    const most = Number(box.dataset.most);
    let kept = [];
    const put = () => {
      const files = new DataTransfer();
      kept.forEach((one) => files.items.add(one.file));
      input.files = files.files;
      strip.replaceChildren(...kept.map((one) => {
        const figure = document.createElement("figure");
        one.canvas.setAttribute("role", "img");
        one.canvas.setAttribute("aria-label", one.file.name);
        const away = document.createElement("button");
        away.type = "button";
        away.className = "btn btn-sm btn-ghost-secondary";
        away.textContent = box.dataset.away;
        away.addEventListener("click", () => { kept = kept.filter((other) => other !== one); put(); });
        figure.append(one.canvas, away);
        return figure;
      }));
      const size = kept.reduce((sum, one) => sum + one.file.size, 0);
      told.textContent = kept.length ? box.dataset.told.replace("{n}", kept.length).replace("{kb}", Math.max(1, Math.round(size / 1024))) : "";
    };
    input.addEventListener("change", async () => {
      const chosen = [...input.files];
      for (const file of chosen) {
        if (kept.length >= most) { break; }
        try { kept.push(await shrink(file, Number(box.dataset.widest))); } catch (_problem) { kept.push({ file, canvas: document.createElement("canvas") }); }
      }
      put();
      if (chosen.length && kept.length >= most) { told.textContent += " " + box.dataset.full; }
    });
  };

  const signature = (box) => {
    const canvas = box.querySelector("canvas");
    const field = box.querySelector("input[type=hidden]");
    const pen = canvas.getContext("2d");
    let drawing = false;
    const clear = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); field.value = ""; };
    const at = (event) => {
      const frame = canvas.getBoundingClientRect();
      return [(event.clientX - frame.left) * canvas.width / frame.width, (event.clientY - frame.top) * canvas.height / frame.height];
    };
    canvas.addEventListener("pointerdown", (event) => {
      drawing = true;
      canvas.setPointerCapture(event.pointerId);
      pen.lineWidth = 3; pen.lineCap = "round"; pen.strokeStyle = "#111";
      pen.beginPath();
      pen.moveTo(...at(event));
    });
    canvas.addEventListener("pointermove", (event) => { if (drawing) { pen.lineTo(...at(event)); pen.stroke(); } });
    const end = () => { if (drawing) { drawing = false; field.value = canvas.toDataURL("image/png"); } };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    box.querySelector("button").addEventListener("click", clear);
    clear();
  };

  document.querySelectorAll("[data-photos]").forEach((box) => {
    if (window.createImageBitmap && window.DataTransfer) { photos(box); }
  });
  document.querySelectorAll("[data-signature]").forEach(signature);
})();
