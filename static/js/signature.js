// A signature drawn with a finger becomes a picture of the form. Without this file the name alone is sent.
(() => {
  const field = document.querySelector(".signature");
  if (!field || !window.DataTransfer) return;
  const [canvas, clear, file] = ["canvas", "button", "input"].map((each) => field.querySelector(each));
  const pen = canvas.getContext("2d");
  field.hidden = false;

  function blank() {
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = "#14222b"; // ink on paper, whatever the theme
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = "round";
    file.value = "";
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  canvas.addEventListener("pointerup", () => {
    canvas.toBlob((drawn) => {
      const held = new DataTransfer();
      held.items.add(new File([drawn], "signature.png", { type: "image/png" }));
      file.files = held.files;
    });
  });
  clear.addEventListener("click", blank);
  blank();
})();
