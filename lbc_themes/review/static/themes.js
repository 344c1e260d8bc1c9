// Passages of a theme are dragged onto another one; the form beside does the same without a mouse.
"use strict";
const move = document.getElementById("move"), to = document.getElementById("to"), fresh = document.getElementById("new-theme");
const bar = document.querySelector(".drop-themes");
const shown = () => { fresh.hidden = to.value !== "new"; };
to.addEventListener("change", shown);
shown();
if (matchMedia("(pointer: fine)").matches && bar.querySelector(".target")) {
  bar.hidden = false;
  for (const row of move.querySelectorAll("li[data-passage]")) {
    row.draggable = true;
    row.addEventListener("dragstart", (event) => {
      const box = row.querySelector("input");
      // What is ticked goes along; a row that is not ticked goes alone.
      if (!box.checked) { move.querySelectorAll("input[name=at]").forEach((each) => { each.checked = false; }); box.checked = true; }
      event.dataTransfer.setData("text/plain", row.dataset.passage);
      event.dataTransfer.effectAllowed = "move";
    });
  }
  for (const target of bar.querySelectorAll(".target")) {
    target.addEventListener("dragover", (event) => { event.preventDefault(); target.classList.add("over"); });
    target.addEventListener("dragleave", () => target.classList.remove("over"));
    target.addEventListener("drop", (event) => {
      event.preventDefault();
      target.classList.remove("over");
      to.value = target.dataset.to;
      move.requestSubmit(move.querySelector("button[value=move]"));
    });
  }
}
