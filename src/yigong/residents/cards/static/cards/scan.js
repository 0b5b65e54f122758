/* The camera as a scanner. A hardware scanner needs nothing of this: it types and presses Enter. */
(() => {
  "use strict";
  const box = document.querySelector("[data-camera]"), form = document.querySelector("[data-scan]");
  const field = form?.elements.code;
  // After a refused code the next one must not be appended to it.
  field?.addEventListener("focus", () => field.select());
  if (!box || !navigator.mediaDevices?.getUserMedia) return;
  box.hidden = false;
  const video = box.querySelector("video"), none = box.querySelector("[data-camera-none]");
  const start = box.querySelector("[data-camera-start]"), wide = 640;

  const library = () => new Promise((loaded, failed) => {
    const script = document.createElement("script");
    script.src = box.dataset.camera;
    script.onload = loaded;
    script.onerror = failed;
    document.head.append(script);
  });

  // Browsers that read QR codes by themselves do it faster; the others get the library, once, when the camera is wanted.
  const reader = async () => {
    if ("BarcodeDetector" in window) {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      return async () => (await detector.detect(video))[0]?.rawValue;
    }
    await library();
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d", { willReadFrequently: true });
    return async () => {
      canvas.width = Math.min(wide, video.videoWidth);
      canvas.height = Math.round(canvas.width * video.videoHeight / video.videoWidth);
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      return jsQR(pen.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height)?.data;
    };
  };

  const stop = () => video.srcObject?.getTracks().forEach((track) => track.stop());
  const look = async (read) => {
    const found = video.videoWidth ? await read() : "";
    if (!found) { setTimeout(() => look(read), 120); return; }
    stop();
    field.value = found;
    form.requestSubmit();
  };
  start.addEventListener("click", async () => {
    none.hidden = true;
    try {
      const read = await reader();
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.hidden = false;
      await video.play();
      look(read);
    } catch {
      stop();
      none.hidden = false;
    }
  });
  window.addEventListener("pagehide", stop);
})();
