/* The camera as a scanner, only where the browser reads QR codes by itself. A hardware scanner needs nothing: it types and presses Enter. */
(() => {
  "use strict";
  const box = document.querySelector("[data-camera]"), form = document.querySelector("[data-scan]");
  const field = form?.elements.code;
  // After a refused code the next one must not be appended to it.
  field?.addEventListener("focus", () => field.select());
  if (!box || !("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  box.hidden = false;
  const video = box.querySelector("video"), none = box.querySelector("[data-camera-none]");
  const look = async (detector) => {
    const [found] = await detector.detect(video);
    if (!found) { requestAnimationFrame(() => look(detector)); return; }
    video.srcObject.getTracks().forEach((track) => track.stop());
    field.value = found.rawValue;
    form.requestSubmit();
  };
  box.querySelector("[data-camera-start]").addEventListener("click", async () => {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.hidden = false;
      await video.play();
      look(new BarcodeDetector({ formats: ["qr_code"] }));
    } catch {
      none.hidden = false;
    }
  });
})();
