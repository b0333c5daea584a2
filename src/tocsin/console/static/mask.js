// Draws boxes over the first page, burns them into a picture, and puts that picture into the form. Without script: a file is chosen.
"use strict";
(() => {
  const picture = document.getElementById("original");
  const sheet = document.getElementById("sheet");
  const input = document.querySelector("#mask input[type=file]");
  if (!picture || !sheet || !input) return;
  const MOST_PIXELS = 1600;
  const boxes = [];
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }, STEP = 20, SMALL_STEP = 4;
  let from = null, at = null;
  const said = document.getElementById("boxes");
  const paint = (extra) => {
    const pen = sheet.getContext("2d");
    pen.drawImage(picture, 0, 0, sheet.width, sheet.height);
    pen.fillStyle = "#000";
    for (const [x, y, w, h] of extra ? [...boxes, extra] : boxes) pen.fillRect(x, y, w, h);
    said.textContent = `${said.dataset.word}: ${boxes.length}`;
  };
  // Where the keyboard is: drawn after the picture was kept, so never a part of it.
  const cross = () => {
    if (!at || document.activeElement !== sheet) return;
    const pen = sheet.getContext("2d");
    pen.fillStyle = "#b00020";
    pen.fillRect(at[0] - 20, at[1] - 2, 40, 4);
    pen.fillRect(at[0] - 2, at[1] - 20, 4, 40);
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
  const box = ([x, y]) => {
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
  sheet.addEventListener("pointermove", (event) => { if (from) paint(box(point(event))); });
  const end = (where) => {
    const drawn = box(where);
    from = null;
    if (drawn[2] > 3 && drawn[3] > 3) boxes.push(drawn);
    paint();
    keep();
  };
  sheet.addEventListener("pointerup", (event) => { if (from) end(point(event)); });
  // By keyboard: the arrows move a cross, Enter sets one corner and then the other, Escape gives the box up.
  sheet.addEventListener("keydown", (event) => {
    const way = ARROWS[event.key];
    if (way) {
      const step = event.shiftKey ? SMALL_STEP : STEP;
      at = [Math.max(0, Math.min(sheet.width, at[0] + way[0] * step)), Math.max(0, Math.min(sheet.height, at[1] + way[1] * step))];
    } else if (event.key === "Enter" && from) end(at);
    else if (event.key === "Enter") from = at;
    else if (event.key === "Escape") from = null;
    else return;
    event.preventDefault();
    paint(from && box(at));
    cross();
  });
  sheet.addEventListener("focus", () => { at = at || [sheet.width / 2, sheet.height / 2]; cross(); });
  sheet.addEventListener("blur", () => { from = null; paint(); });
  document.getElementById("undo").addEventListener("click", () => { boxes.pop(); paint(); keep(); });
  if (picture.complete && picture.naturalWidth) begin(); else picture.addEventListener("load", begin);
})();
