// Draws boxes over the first page, burns them into a picture, and puts that picture into the form. Without script: a file is chosen.
"use strict";
(() => {
  const picture = document.getElementById("original");
  const sheet = document.getElementById("sheet");
  const input = document.querySelector("#mask input[type=file]");
  if (!picture || !sheet || !input) return;
  const MOST_PIXELS = 1600;
  const boxes = [];
  let from = null;
  const said = document.getElementById("boxes");
  const paint = (extra) => {
    const pen = sheet.getContext("2d");
    pen.drawImage(picture, 0, 0, sheet.width, sheet.height);
    pen.fillStyle = "#000";
    for (const [x, y, w, h] of extra ? [...boxes, extra] : boxes) pen.fillRect(x, y, w, h);
    said.textContent = `${boxes.length} ${said.dataset.word}`;
  };
  const keep = () => sheet.toBlob((blob) => {
    const files = new DataTransfer();
    files.items.add(new File([blob], "first-page.jpg", { type: "image/jpeg" }));
    input.files = files.files;
  }, "image/jpeg", 0.85);
  const point = (event) => {
    const edge = sheet.getBoundingClientRect();
    return [(event.clientX - edge.left) * sheet.width / edge.width, (event.clientY - edge.top) * sheet.height / edge.height];
  };
  const box = (event) => {
    const [x, y] = point(event);
    return [Math.min(x, from[0]), Math.min(y, from[1]), Math.abs(x - from[0]), Math.abs(y - from[1])];
  };
  const begin = () => {
    const scale = Math.min(1, MOST_PIXELS / Math.max(picture.naturalWidth, picture.naturalHeight));
    sheet.width = Math.round(picture.naturalWidth * scale);
    sheet.height = Math.round(picture.naturalHeight * scale);
    document.getElementById("draw").hidden = false;
    paint();
  };
  sheet.addEventListener("pointerdown", (event) => { from = point(event); sheet.setPointerCapture(event.pointerId); });
  sheet.addEventListener("pointermove", (event) => { if (from) paint(box(event)); });
  sheet.addEventListener("pointerup", (event) => {
    if (!from) return;
    const drawn = box(event);
    from = null;
    if (drawn[2] > 3 && drawn[3] > 3) boxes.push(drawn);
    paint();
    keep();
  });
  document.getElementById("undo").addEventListener("click", () => { boxes.pop(); paint(); keep(); });
  if (picture.complete && picture.naturalWidth) begin(); else picture.addEventListener("load", begin);
})();
