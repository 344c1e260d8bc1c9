// Keys, dialogs and the selection. Every page also works as plain forms; nothing here leaves this machine.
"use strict";
const at = (id) => document.getElementById(id);
const decide = at("decide"), codebook = at("codebook"), find = at("find"), pick = at("pick");
let leaving = false;
let span = null;
let spanCodes = [];

// A second key press must never fall on a passage that is not on the screen yet. Forms go through the script, so that
// nothing is lost where the server does not answer; without a script they are plain forms.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post" || form.dataset.plain !== undefined || event.defaultPrevented) return;
  event.preventDefault();
  if (leaving || (await stopped(form, event.submitter))) return;
  leaving = true;
  const location = await lbc.send.submit(form, event.submitter);
  if (location && form.dataset.stay !== undefined) { leaving = false; form.dispatchEvent(new CustomEvent("stored", { detail: event.submitter, bubbles: true })); return; }
  if (location) window.location.assign(location); else { leaving = false; form.dispatchEvent(new CustomEvent("unsent")); }
});
// A form in which something was typed and that keeps no draft is not left without a question.
document.querySelectorAll("form[data-guard]").forEach((form) => {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
});
const all = at("choose-all");
if (all) all.addEventListener("change", () => document.querySelectorAll("input[name=at]").forEach((box) => { box.checked = all.checked; }));
addEventListener("pageshow", () => { leaving = false; });

// Ticks that the button would throw away are asked about first.
async function stopped(form, button) {
  if (form !== decide || !button) return false;
  if (button.value === "codes" && !lbc.drafts.ticked(form).length) { at("remark").textContent = form.dataset.none; return true; }
  const drops = button.value === "reject" || button.value === "nothing" || (button.name === "only" && form.dataset.draft === "adjudicate");
  const unsaved = lbc.drafts.ticked(form).filter((code) => !lbc.drafts.stored(form).includes(code));
  const kept = button.name === "only" ? button.value.split("\n") : [];
  const lost = unsaved.filter((code) => !kept.includes(code));
  if (!drops || !lost.length) return false;
  return !(await ask(lost.map(lbc.nameOfCode).join("、")));
}

function ask(codes) {
  const dialog = at("question");
  at("question-codes").textContent = codes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => { dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }); });
}

const press = (id) => { const found = at(id); if (found && !leaving) found.click(); return Boolean(found); };
const points = (text) => Array.from(text).length;

function follow(id) {
  const link = at(id);
  if (!link || leaving) return;
  leaving = true;
  location.assign(link.href);
}

function opened() { return document.querySelector("dialog[open]"); }

document.querySelectorAll("dialog .shut").forEach((button) => button.addEventListener("click", () => button.closest("dialog").close()));

// ---- ticking

if (decide) decide.addEventListener("change", (event) => {
  if (event.target.type === "checkbox" && decide.elements.ticked) decide.elements.ticked.value = "1";
});

function tick(box) {
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function boxOf(code) { return Array.from(decide.querySelectorAll("input[name=code]")).find((box) => box.value === code); }
function buttonOf(code) { return Array.from(document.querySelectorAll("#codes button[name=code]")).find((button) => button.value === code); }

lbc.nameOfCode = (code) => { const button = buttonOf(code); return button ? button.querySelector(".name").textContent : code; };

function addRow(button) {
  const row = at("added-row").content.firstElementChild.cloneNode(true);
  const box = row.querySelector("input"), chip = row.querySelector(".chip"), colour = button.querySelector(".dot").classList;
  box.value = button.value;
  chip.textContent = button.querySelector(".name").textContent;
  colour.forEach((name) => { if (name !== "dot") chip.classList.add(name); });
  at("added").append(row);
  return box;
}

function add(button) {
  const held = boxOf(button.value);
  if (held) { if (!held.checked) tick(held); return; }
  addRow(button).dispatchEvent(new Event("change", { bubbles: true }));
}

// Ticks these codes and no others, without taking it for something that a person did.
lbc.tickOnly = (form, codes) => {
  if (form !== decide) return;
  for (const box of decide.querySelectorAll("input[name=code]")) box.checked = codes.includes(box.value);
  for (const code of codes) if (!boxOf(code) && buttonOf(code)) addRow(buttonOf(code));
};

// ---- the codebook

function rows() { return Array.from(document.querySelectorAll("#codes > li")); }
const inBook = rows();

// A code that is called so comes before one whose definition merely has the word.
function ranked(words) {
  const rank = (row) => {
    const names = row.dataset.names.split("\n");
    if (words.every((word) => names.some((name) => name.startsWith(word)))) return 0;
    return words.every((word) => names.some((name) => name.includes(word))) ? 1 : 2;
  };
  const order = words.length ? inBook.map((row, place) => ({ row, place, rank: rank(row) })).sort((one, other) => one.rank - other.rank || one.place - other.place).map((each) => each.row) : inBook;
  const list = at("codes");
  if (order.some((row, place) => list.children[place] !== row)) list.append(...order);
}

function filter() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let first = null, count = 0;
  ranked(words);
  for (const row of rows()) {
    row.hidden = !words.every((word) => row.dataset.words.includes(word));
    row.classList.remove("first");
    if (!row.hidden) { count += 1; first = first || row; }
  }
  if (first) first.classList.add("first");
  // A name that no code has can be given to a new one.
  const fresh = at("new-code"), name = find.value.trim();
  if (fresh) {
    const taken = rows().some((row) => row.querySelector(".name").textContent.toLowerCase() === name.toLowerCase());
    fresh.hidden = !name || taken;
    fresh.textContent = fresh.dataset.words.replace("{}", name);
  }
  at("no-code").textContent = count ? "" : at("no-code").dataset.none;
}

// Shift ticks a code and stays; where there is no keyboard, a box in the codebook does.
function ticking(event) { return event.shiftKey || Boolean(at("stay") && at("stay").checked); }

function openCodebook(chosen) {
  span = chosen || null;
  spanCodes = [];
  showSpanCodes();
  find.value = "";
  filter();
  if (at("quote")) {
    at("quote").hidden = !span;
    at("quote").textContent = span ? span.quote : "";
    codebook.classList.toggle("spanning", Boolean(span));
    pick.setAttribute("action", span ? "span" : "decide");
    for (const name of ["start", "end", "head", "tail"]) pick.elements[name].value = span ? span[name] : "";
  }
  codebook.showModal();
  find.focus();
}

// Several codes for the selected words: those picked with Shift wait beside the list and go along with the last one.
function showSpanCodes() {
  const place = at("span-codes");
  if (!place) return;
  place.hidden = !spanCodes.length;
  place.querySelectorAll(".chip").forEach((chip) => chip.remove());
  for (const button of spanCodes) {
    const chip = document.createElement("span");
    chip.className = `chip ${Array.from(button.querySelector(".dot").classList).filter((name) => name !== "dot").join(" ")}`;
    chip.textContent = button.querySelector(".name").textContent;
    place.append(chip);
  }
}

function addToSpan(button) {
  spanCodes = spanCodes.includes(button) ? spanCodes.filter((each) => each !== button) : [...spanCodes, button];
  showSpanCodes();
  find.value = "";
  filter();
  find.focus();
}

function step(by) {
  const shown = rows().filter((row) => !row.hidden).map((row) => row.querySelector("button"));
  if (!shown.length) return;
  const now = shown.indexOf(document.activeElement);
  const next = now < 0 ? (by > 0 ? 0 : shown.length - 1) : now + by;
  if (next < 0) find.focus(); else shown[Math.min(next, shown.length - 1)].focus();
}

function chosenButton() {
  const active = document.activeElement;
  if (active && active.closest("#codes")) return active;
  const first = document.querySelector("#codes > li.first button");
  return first;
}

// What was ticked since the page opened goes along, as it does with a suggestion's key.
function goAlong() {
  pick.elements.new_code.value = "";
  pick.querySelectorAll("[data-along]").forEach((field) => field.remove());
  const unsaved = span ? [] : lbc.drafts.ticked(decide).filter((code) => !lbc.drafts.stored(decide).includes(code));
  pick.dataset.clears = span ? "" : lbc.drafts.nameOf(decide);
  const along = span ? spanCodes.map((button) => button.value) : unsaved.length ? lbc.drafts.ticked(decide) : [];
  for (const code of along) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "code", value: code });
    field.dataset.along = "";
    pick.append(field);
  }
}

if (codebook) {
  find.addEventListener("input", filter);
  pick.addEventListener("click", (event) => {
    const button = event.target.closest("#codes button");
    if (!button) return;
    if (span && ticking(event)) { event.preventDefault(); addToSpan(button); return; }
    if (codebook.dataset.tick === "only" || ticking(event)) {
      event.preventDefault();
      add(button);
      codebook.close();
      return;
    }
    goAlong();
  });
  if (at("new-code")) at("new-code").addEventListener("click", () => {
    goAlong();
    pick.elements.new_code.value = find.value.trim();
    pick.requestSubmit();
  });
  pick.addEventListener("unsent", () => codebook.close());
  codebook.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); step(1); }
    if (event.key === "ArrowUp") { event.preventDefault(); step(-1); }
    if (event.key === "Enter" && (event.target === find || event.target.closest("#codes"))) {
      event.preventDefault();
      const button = chosenButton();
      if (event.target === find && !find.value.trim()) { if (span && spanCodes.length) { goAlong(); pick.requestSubmit(); } return; }
      if (!button) { if (at("new-code") && !at("new-code").hidden) at("new-code").click(); return; }
      if (span && ticking(event)) addToSpan(button); else if (ticking(event) && codebook.dataset.tick !== "only") { add(button); codebook.close(); } else button.click();
    }
  });
}

// ---- selecting a span

function pointIn(piece, node, offset) {
  const range = document.createRange();
  range.selectNodeContents(piece);
  range.setEnd(node, offset);
  return points(range.toString());
}

// The passage stands a second time beside the interview: what is selected there is a part of it too.
function inPassage(range) {
  const shown = at("passage");
  if (!shown || !shown.contains(range.startContainer) || !shown.contains(range.endContainer)) return null;
  return partFrom(pointIn(shown, range.startContainer, range.startOffset), pointIn(shown, range.endContainer, range.endOffset));
}

// A drag that ends in the panel would take the rest of the interview with it.
function overshoots(range, text) {
  const before = range.cloneRange(), after = range.cloneRange();
  if (!text.contains(range.startContainer)) { before.setEndBefore(text); if (before.toString().trim()) return true; }
  if (!text.contains(range.endContainer)) { after.setStartAfter(text); if (after.toString().trim()) return true; }
  return false;
}

function selection() {
  const chosen = document.getSelection(), text = at("text");
  if (!text || !chosen.rangeCount || chosen.isCollapsed) return null;
  const range = chosen.getRangeAt(0);
  const part = inPassage(range);
  if (part) return part;
  if (overshoots(range, text)) return null;
  const pieces = Array.from(text.querySelectorAll(".piece")).filter((piece) => range.intersectsNode(piece));
  const parts = [];
  for (const piece of pieces) {
    const said = Array.from(piece.textContent);
    const from = piece.contains(range.startContainer) ? pointIn(piece, range.startContainer, range.startOffset) : 0;
    const to = piece.contains(range.endContainer) ? pointIn(piece, range.endContainer, range.endOffset) : said.length;
    if (from < to) parts.push({ start: Number(piece.dataset.at) + from, end: Number(piece.dataset.at) + to, said: said.slice(from, to) });
  }
  if (!parts.length) return null;
  const first = parts[0], last = parts[parts.length - 1];
  return {
    start: first.start, end: last.end, head: first.said.slice(0, 20).join(""), tail: last.said.slice(-20).join(""),
    quote: parts.map((part) => part.said.join("")).join(""),
  };
}

if (at("selected")) {
  document.addEventListener("selectionchange", () => { if (!opened()) at("selected").hidden = !selection(); });
  at("code-selection").addEventListener("pointerdown", (event) => event.preventDefault());
  at("code-selection").addEventListener("click", () => { const chosen = selection(); if (chosen) openCodebook(chosen); });
  at("text").addEventListener("click", (event) => {
    const piece = event.target.closest("[data-go]");
    if (piece && !leaving && !selection()) { leaving = true; location.assign(piece.dataset.go); }
  });
}

// ---- coding a part of the passage by keyboard

function passageParts() {
  return Array.from(document.querySelectorAll(".piece.now")).map((piece) => ({ at: Number(piece.dataset.at), said: Array.from(piece.textContent) }));
}

// The words around a slice, over which it can be made larger or moved.
function partsAround(start, end) {
  const near = 400;
  const all = Array.from(document.querySelectorAll("#text .piece")).map((piece) => ({ at: Number(piece.dataset.at), said: Array.from(piece.textContent) }));
  return all.filter((part) => part.at < end + near && part.at + part.said.length > start - near);
}

let resizing = null;

function partSelection() {
  const box = at("part-text");
  const units = (count) => points(box.value.slice(0, count));
  return partFrom(units(box.selectionStart), units(box.selectionEnd), resizing ? resizing.parts : passageParts());
}

function partFrom(from, to, parts = passageParts()) {
  if (from === to) return null;
  const flat = parts.flatMap((part) => part.said.map((char, place) => ({ char, place: part.at + place })));
  const inside = flat.slice(from, to);
  if (!inside.length) return null;
  const chars = inside.map((each) => each.char);
  // Beside one another in the passage may be apart in the transcript: head and tail stop at the gap.
  const lead = inside.findIndex((each, n) => n > 0 && each.place !== inside[n - 1].place + 1);
  const rest = inside.findLastIndex((each, n) => n > 0 && each.place !== inside[n - 1].place + 1);
  return {
    start: inside[0].place, end: inside[inside.length - 1].place + 1, quote: chars.join(""),
    head: chars.slice(0, lead < 0 ? 20 : Math.min(20, lead)).join(""), tail: chars.slice(rest < 0 ? -20 : Math.max(rest, chars.length - 20)).join(""),
  };
}

function openResize(form) {
  const item = form.closest("li"), start = Number(item.dataset.start), end = Number(item.dataset.end), box = at("part-text");
  const parts = partsAround(start, end), flat = parts.flatMap((part) => part.said.map((char, place) => ({ char, place: part.at + place })));
  resizing = { form, parts };
  box.value = flat.map((each) => (each.char === "\r" ? "\n" : each.char)).join("");
  const units = (until) => flat.filter((each) => each.place < until).map((each) => each.char).join("").length;
  at("part-hint").textContent = at("part-hint").dataset.resize;
  at("part-choose").hidden = false;
  at("part").showModal();
  box.focus();
  box.setSelectionRange(units(start), units(end));
}

function openPart() {
  const box = at("part-text");
  resizing = null;
  box.value = passageParts().map((part) => part.said.join("").replace(/\r/g, "\n")).join("");
  at("part").showModal();
  box.focus();
  box.setSelectionRange(0, 0);
}

if (at("part")) {
  const choose = () => {
    const chosen = partSelection();
    if (!chosen) return;
    at("part").close();
    if (!resizing) { openCodebook(chosen); return; }
    for (const name of ["start", "end", "head", "tail"]) resizing.form.elements[name].value = chosen[name];
    resizing.form.requestSubmit();
  };
  document.querySelectorAll(".resize").forEach((button) => button.addEventListener("click", () => openResize(button.form)));
  const noteSpan = (start, end, quote) => {
    const form = at("span-memo").querySelector("form");
    form.elements.start.value = start;
    form.elements.end.value = end;
    form.querySelector(".quote").textContent = quote;
    at("span-memo").showModal();
    form.elements.text.focus();
  };
  document.querySelectorAll(".note-span").forEach((button) => button.addEventListener("click", () => { const item = button.closest("li"); noteSpan(item.dataset.start, item.dataset.end, item.querySelector("q").textContent); }));
  at("note-selection").addEventListener("pointerdown", (event) => event.preventDefault());
  at("note-selection").addEventListener("click", () => { const chosen = selection(); if (chosen) noteSpan(chosen.start, chosen.end, chosen.quote); });
  at("span-memo").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) at("span-memo").querySelector("form").requestSubmit(); });
  at("part-text").addEventListener("beforeinput", (event) => event.preventDefault());
  at("part-text").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); choose(); } });
  at("part-choose").addEventListener("click", choose);
  at("code-part").addEventListener("click", openPart);
  at("write-memo").addEventListener("click", () => at("memo").showModal());
  at("memo").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) at("memo").querySelector("form").requestSubmit();
  });
  at("memo").querySelector("form").addEventListener("unsent", () => at("memo").close());
  at("ask-help").addEventListener("click", () => at("help").showModal());
}
if (at("open-memo")) at("open-memo").addEventListener("click", () => at("memo").showModal());
if (at("drafts")) at("drafts").addEventListener("click", () => at("draft-dialog").showModal());
if (at("search")) at("search").addEventListener("click", () => openCodebook(null));

// On a phone the pages are one row that scrolls: the one that is open is in view.
const openPage = document.querySelector("header nav a[aria-current]");
if (openPage) openPage.parentElement.scrollLeft = openPage.offsetLeft - openPage.parentElement.offsetLeft - 40;

// ---- keys

function definitions() {
  const all = Array.from(document.querySelectorAll("#decide details"));
  const open = !all.some((each) => each.open);
  all.forEach((each) => { each.open = open; });
}

const single = {
  x: () => press("reject"), 0: () => press("nothing"), "/": () => press("search"), "?": () => press("ask-help"), m: () => press(at("selected") && !at("selected").hidden ? "note-selection" : "write-memo"),
  s: () => press("code-part"), d: definitions, c: () => { if (at("selected") && !at("selected").hidden) press("code-selection"); },
  u: () => { const form = at("undo"); if (form && !leaving) form.requestSubmit(); }, r: () => { const form = at("redo"); if (form && !leaving) form.requestSubmit(); }, b: () => follow("came-from"), g: () => { if (at("goto")) at("goto").focus(); }, n: () => follow("onward"),
  j: () => follow("after"), k: () => follow("before"), ArrowDown: () => follow("after"), ArrowUp: () => follow("before"),
};

const finder = at("filter-codes");
if (finder) finder.addEventListener("input", () => {
  const words = finder.value.toLowerCase().split(/\s+/).filter(Boolean);
  document.querySelectorAll("#code-table tbody tr").forEach((row) => { row.hidden = !words.every((word) => row.dataset.words.includes(word)); });
});

// Pages without a passage to decide on have three keys: undo, redo, and the search field.
document.addEventListener("keydown", (event) => {
  if (document.body.dataset.keys !== "on" || decide || opened() || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const key = lbc.keyOf(event), field = at("q") || finder;
  if (key === "u" && at("undo")) { event.preventDefault(); single.u(); }
  if (key === "r" && at("redo")) { event.preventDefault(); single.r(); }
  if (key === "/" && field) { event.preventDefault(); field.focus(); }
});

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (document.body.dataset.keys !== "on" || !decide || opened() || event.ctrlKey || event.altKey || event.metaKey || event.getModifierState("AltGraph")) return;
  if (target.matches("input:not([type=checkbox]), textarea, select")) return;
  const key = lbc.keyOf(event);
  if (/^[1-9]$/.test(key)) {
    event.preventDefault();
    if (event.repeat) return;
    if (event.shiftKey) tick(at(`tick${key}`)); else press(`take${key}`);
    return;
  }
  if (key === "Enter" && !target.closest("a, button, summary")) { event.preventDefault(); if (!event.repeat) press("store"); return; }
  if (target.id === "text" && key.startsWith("Arrow")) return;
  const known = event.shiftKey && key !== "?" ? null : single[key];
  if (known) { event.preventDefault(); if (!event.repeat || key === "j" || key === "k") known(); }
});

// ---- when a page opens

lbc.drafts.begin();
lbc.send.begin();

const now = document.querySelector(".piece.now"), text = at("text");
if (now && text) text.scrollTop = now.getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 3;
const head = at("passage-head");
if (head && !location.hash) head.focus({ preventScroll: true });

document.querySelectorAll("[data-load]").forEach(async (place) => {
  let shown = "";
  for (let pause = 400; ; pause = Math.min(pause * 1.5, 5000)) {
    const answer = await fetch(place.dataset.load, { credentials: "same-origin" });
    const words = await answer.text();
    const part = new DOMParser().parseFromString(words, "text/html");
    const again = part.querySelector("[data-again]");
    // A screen reader says what changes, so nothing is put anew that is the same.
    if (words !== shown) place.replaceChildren(...Array.from(part.body.childNodes));
    shown = words;
    if (!again || !answer.ok) return;
    await new Promise((done) => { setTimeout(done, pause); });
  }
});
