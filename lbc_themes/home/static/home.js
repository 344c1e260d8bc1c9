// Dropping files anywhere on their field, saying that something is under way, and asking how far work is. All pages also
// work without it. Nothing here leaves this machine.
"use strict";
for (const box of document.querySelectorAll(".drop")) {
  const field = box.querySelector("input");
  box.addEventListener("dragover", (event) => { event.preventDefault(); box.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    if (event.target === field) return; // the browser does it itself
    event.preventDefault();
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
// A file that misses the field must not replace the page.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => { if (!event.target.closest(".drop")) event.preventDefault(); });

let leaving = false;
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (leaving) { event.preventDefault(); return; }
  leaving = true;
  const busy = event.target.dataset.busy;
  if (busy) document.getElementById("remark").textContent = busy;
});
addEventListener("pageshow", () => { leaving = false; });

const task = document.querySelector("[data-part]");
async function again() {
  if (!task.querySelector("[data-again]")) return;
  const answer = await fetch(task.dataset.part).catch(() => null);
  if (answer && answer.ok) {
    task.innerHTML = await answer.text();
    if (!task.querySelector("[data-again]")) { location.reload(); return; }
  }
  setTimeout(again, 700);
}
if (task) setTimeout(again, 400);
