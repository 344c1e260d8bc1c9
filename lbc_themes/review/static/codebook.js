// Pages of the codebook by key: ticking codes to merge, sending quotations to the parts of a split, answering proposals.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const keysOn = document.body.dataset.keys === "on";
  const typing = (target) => target.matches("input:not([type=checkbox]), textarea, select");
  const plain = (event) => !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;

  // ---- ticking codes: the bar for merging shows once something is ticked

  const bar = byId("merge-bar");
  if (bar) {
    const count = byId("merge-count"), boxes = () => document.querySelectorAll("#code-table input[name=code]:checked");
    const show = () => { bar.hidden = !boxes().length; count.textContent = count.dataset.words.replace("{}", boxes().length); };
    byId("code-table").addEventListener("change", show);
    show();
  }

  // ---- lists in which one item is at hand

  function list(id, onKey) {
    const held = byId(id);
    if (!held) return null;
    const items = () => Array.from(held.querySelectorAll("li.sortable:not(.done)"));
    const go = (item, by) => {
      const all = items(), next = all[Math.min(Math.max(all.indexOf(item) + by, 0), all.length - 1)];
      if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
    };
    held.addEventListener("keydown", (event) => {
      const item = event.target.closest("li.sortable");
      if (!keysOn || !item || !plain(event) || event.target.matches("input, textarea")) return;
      const key = lbc.keyOf(event);
      if (event.target.matches("select") && !/^[0-9]$/.test(key)) return;
      if (key === "j" || (key === "ArrowDown" && event.target === item)) { event.preventDefault(); go(item, 1); } else if (key === "k" || (key === "ArrowUp" && event.target === item)) { event.preventDefault(); go(item, -1); } else if (onKey(key, item, () => go(item, 1))) event.preventDefault();
    });
    // From anywhere on the page, j goes into the list.
    document.addEventListener("keydown", (event) => {
      if (!keysOn || !plain(event) || typing(event.target) || event.target.closest(`#${id}`) || document.querySelector("dialog[open]")) return;
      if (lbc.keyOf(event) === "j" && items().length) { event.preventDefault(); items()[0].focus(); }
    });
    return { items, go };
  }

  // ---- a split: a digit sends the quotation at hand where it belongs

  const split = list("split-list", (key, item, next) => {
    const to = item.querySelector("select[name=to]");
    if (!/^[0-9]$/.test(key) || Number(key) >= to.options.length) return false;
    to.selectedIndex = Number(key);
    to.dispatchEvent(new Event("input", { bubbles: true }));
    seen(item);
    next();
    return true;
  });
  function seen(item) {
    item.classList.add("seen");
    item.dataset.to = item.querySelector("select[name=to]").selectedIndex;
    left();
  }
  function left() {
    const words = byId("split-left"), open = split.items().filter((item) => !item.classList.contains("seen")).length;
    words.textContent = words.dataset.words.replace("{}", open);
  }
  if (split) {
    byId("split-list").addEventListener("change", (event) => { const item = event.target.closest("li.sortable"); if (item) seen(item); });
    left();
    if (split.items().length) split.items()[0].focus();
  }

  // ---- proposals: y gives the code, x refuses it

  list("alike", (key, item) => {
    const value = { y: "yes", x: "no" }[key], button = value && item.querySelector(`button[value=${value}]`);
    if (button) button.click();
    return Boolean(button);
  });
  document.addEventListener("stored", (event) => {
    const item = event.target.closest("li.sortable"), button = event.detail;
    if (!item) return;
    const next = item.nextElementSibling || item.previousElementSibling;
    item.classList.add("done");
    const said = document.createElement("b");
    said.textContent = button.dataset.done;
    event.target.replaceChildren(said);
    byId("remark").textContent = button.dataset.done;
    if (next) next.focus();
  });

  // ---- a memo on a participant or an interview: which one

  const about = byId("memo-about"), which = byId("memo-which");
  if (about) about.addEventListener("change", () => {
    which.hidden = about.value === "study";
    const options = Array.from(which.querySelectorAll("option"));
    for (const option of options) { option.hidden = option.dataset.about !== about.value; option.disabled = option.hidden; }
    const first = options.find((option) => !option.hidden);
    if (first) first.selected = true;
  });

  // ---- a whole interview: the parts that are not drawn yet are fetched, those nearest to what is read first

  const reading = byId("reading");
  if (reading) {
    const fill = async (place) => {
      const address = place.dataset.part;
      delete place.dataset.part;
      const answer = await fetch(address, { credentials: "same-origin" });
      if (!answer.ok) { place.dataset.part = address; return; }
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      // What is read stays where it is, whatever arrives above it; most browsers see to that themselves.
      const anchored = CSS.supports("overflow-anchor", "auto"), turns = Array.from(reading.querySelectorAll(".turn"));
      const held = anchored ? null : turns.find((turn) => turn.getBoundingClientRect().bottom > 0), top = held ? held.getBoundingClientRect().top : 0;
      place.replaceChildren(...Array.from(part.body.childNodes));
      if (held) window.scrollBy(0, held.getBoundingClientRect().top - top);
    };
    const wanted = () => (location.hash && byId(decodeURIComponent(location.hash.slice(1)))) || reading.querySelector(".piece.now");
    const show = () => { const place = wanted(); if (place) place.scrollIntoView({ block: "center" }); };
    let moved = false;
    for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(kind, () => { moved = true; }, { passive: true });
    (async () => {
      for (;;) {
        const open = Array.from(reading.querySelectorAll("[data-part]"));
        if (!open.length) break;
        const middle = innerHeight / 2, far = (place) => { const box = place.getBoundingClientRect(); return Math.max(box.top - middle, middle - box.bottom, 0); };
        await fill(open.sort((one, other) => far(one) - far(other))[0]);
        if (!moved) show();
        await new Promise((done) => { (window.requestIdleCallback || setTimeout)(done); });
      }
    })();
    show();
  }
})();
