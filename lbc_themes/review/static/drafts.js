// What is ticked or typed and not stored yet: kept in this browser until it is, through a reload and a stopped server.
"use strict";

lbc.store = (() => {
  const { study, coder } = document.body.dataset;
  const prefix = `lbc:${study}:${coder}:`;
  const memory = new Map();
  const kept = (() => { try { localStorage.setItem("lbc-try", "1"); localStorage.removeItem("lbc-try"); return localStorage; } catch { return null; } })();
  const get = (name) => { const text = kept ? kept.getItem(prefix + name) : memory.get(name); return text ? JSON.parse(text) : null; };
  const set = (name, value) => { const text = JSON.stringify(value); if (kept) kept.setItem(prefix + name, text); else memory.set(name, text); };
  const remove = (name) => { if (kept) kept.removeItem(prefix + name); else memory.delete(name); };
  const names = (start) => (kept ? Object.keys(kept).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)) : [...memory.keys()]).filter((name) => name.startsWith(start));
  if (kept && document.body.dataset.base) kept.setItem("lbc-base", document.body.dataset.base);
  return { get, set, remove, names };
})();

// ---- drafts: "draft:<form>:<passage>" holds what a form says that the study does not

lbc.drafts = (() => {
  const nameOf = (form) => `draft:${form.dataset.draft}:${form.elements.passage.value}`;
  const fields = (form) => Array.from(form.querySelectorAll("textarea, input:not([type=hidden]):not([type=checkbox]):not([type=search])"));
  const ticked = (form) => Array.from(form.querySelectorAll("input[name=code]:checked"), (box) => box.value);
  const stored = (form) => (form.dataset.chosen || "").split("\n").filter(Boolean);
  const same = (one, other) => one.length === other.length && one.every((each) => other.includes(each));
  const said = (form) => ({ codes: ticked(form), texts: Object.fromEntries(fields(form).map((field) => [field.name, field.value])) });
  const differs = (form) => !same(ticked(form), stored(form)) || fields(form).some((field) => field.value.trim());
  const clear = (form) => { lbc.store.remove(nameOf(form)); show(); };
  const keep = (form) => {
    if (differs(form)) lbc.store.set(nameOf(form), { ...said(form), at: Date.now() }); else lbc.store.remove(nameOf(form));
    show();
  };
  const restore = (form) => {
    const draft = lbc.store.get(nameOf(form));
    if (!draft) return;
    if (form.querySelector("input[name=code]") || draft.codes.length) lbc.tickOnly(form, draft.codes);
    for (const field of fields(form)) if (draft.texts[field.name]) field.value = draft.texts[field.name];
    if (form.elements.ticked) form.elements.ticked.value = "1";
  };
  const forms = () => Array.from(document.querySelectorAll("form[data-draft]"));
  // The number in the bar, the notes on this page, and the list behind the number.
  function show() {
    const names = lbc.store.names("draft:");
    const bar = document.getElementById("drafts");
    if (bar) { bar.hidden = !names.length; bar.querySelector("b").textContent = names.length; }
    for (const form of forms()) {
      const note = document.querySelector(`[data-draft-of="${form.dataset.draft}"]`);
      if (note) note.hidden = !names.includes(nameOf(form));
    }
    const list = document.getElementById("draft-list");
    if (!list) return;
    list.replaceChildren(...names.map((name) => {
      const [, kind, ...rest] = name.split(":"), passage = rest.join(":"), draft = lbc.store.get(name);
      const row = document.createElement("li"), link = document.createElement("a"), words = document.createElement("span");
      link.href = `${kind === "adjudicate" ? "adjudicate" : "code"}?p=${encodeURIComponent(passage)}`;
      link.textContent = passage;
      words.className = "hint";
      words.textContent = ` ${[...draft.codes.map(lbc.nameOfCode), ...Object.values(draft.texts).filter(Boolean)].join("、").slice(0, 80)}`;
      row.append(link, words);
      return row;
    }));
  }
  const begin = () => {
    for (const form of forms()) {
      restore(form);
      for (const kind of ["input", "change"]) form.addEventListener(kind, () => keep(form));
    }
    document.querySelectorAll("[data-drop-draft]").forEach((button) => button.addEventListener("click", () => {
      const form = document.querySelector(`form[data-draft="${button.dataset.dropDraft}"]`);
      lbc.tickOnly(form, stored(form));
      for (const field of fields(form)) field.value = "";
      if (form.elements.ticked) form.elements.ticked.value = "";
      clear(form);
    }));
    addEventListener("storage", show);
    show();
  };
  return { begin, clear, keep, differs, ticked, stored, same, nameOf, show };
})();

// ---- sending: what could not be sent waits in this browser, in order

lbc.send = (() => {
  const words = document.body.dataset;
  const banner = () => document.getElementById("waiting");
  const waiting = () => lbc.store.get("waiting") || [];
  const csrf = () => { const field = document.querySelector("input[name=csrf]"); return field ? field.value : ""; };
  let refused = 0;

  function show(text) {
    const count = waiting().length;
    banner().hidden = !count && !text;
    banner().textContent = text || (count ? (refused === 403 ? words.restarted : words.offline).replace("{}", count) : "");
  }

  async function post(item) {
    const body = new URLSearchParams([...item.fields, ["csrf", csrf()], ["submission", item.id]]);
    const answer = await fetch(item.action, { method: "POST", body, credentials: "same-origin", headers: { "X-LBC-Page": "1" }, signal: AbortSignal.timeout(20000) });
    if (answer.ok) return { location: (await answer.json()).location };
    const text = await answer.text();
    const page = new DOMParser().parseFromString(text, "text/html"), line = page.querySelector("[role=alert]");
    return { status: answer.status, refusal: line ? line.textContent : text.trim(), rescue: page.querySelector("form[action=save-copy]") };
  }

  // Returns where to go, or null where it waits or was refused.
  async function submit(form, submitter) {
    const data = new FormData(form, submitter);
    const fields = Array.from(data.entries()).filter(([name]) => name !== "csrf");
    const item = { id: crypto.randomUUID(), action: form.getAttribute("action"), fields, draft: form.dataset.draft ? lbc.drafts.nameOf(form) : form.dataset.clears || "" };
    let answer;
    try { answer = await post(item); } catch { answer = { status: 0 }; }
    if (answer.location) { if (item.draft) lbc.store.remove(item.draft); return answer.location; }
    const later = answer.status === 0 || answer.status === 403;
    if (later && form.dataset.later !== undefined) {
      refused = answer.status;
      // A later decision on the same passage takes the place of one that waits.
      const passage = (fields.find(([name]) => name === "passage") || [])[1];
      const others = waiting().filter((each) => form.dataset.later !== "replace" || each.action !== item.action || !each.fields.some(([name, value]) => name === "passage" && value === passage));
      lbc.store.set("waiting", [...others, item]);
      show();
      poll();
    } else {
      show(answer.status === 0 ? words.unreached : answer.refusal);
      // The study's file was moved or replaced: what is open can be saved elsewhere.
      if (answer.rescue) { answer.rescue.dataset.plain = ""; banner().append(answer.rescue); }
    }
    return null;
  }

  async function flush() {
    let location = null;
    for (let item = waiting()[0]; item; item = waiting()[0]) {
      const answer = await post(item);
      if (answer.status === 403) { refused = 403; throw new Error("403"); }
      lbc.store.set("waiting", waiting().filter((each) => each.id !== item.id));
      if (answer.location) { if (item.draft) lbc.store.remove(item.draft); location = answer.location; } else { show(answer.refusal); return null; }
    }
    lbc.store.remove("waiting");
    return location;
  }

  let polling = false;
  async function poll() {
    if (polling) return;
    polling = true;
    while (waiting().length) {
      try {
        const alone = navigator.locks ? (work) => navigator.locks.request("lbc-waiting", work) : (work) => work();
        const location = await alone(async () => {
          const alive = await fetch("alive", { credentials: "same-origin" });
          if (!alive.ok) { refused = alive.status; throw new Error(String(alive.status)); }
          refused = 0;
          return flush();
        });
        if (location) { window.location.assign(location); return; }
      } catch { show(); await new Promise((done) => { setTimeout(done, 1500); }); }
    }
    polling = false;
    if (banner().textContent === "" || !waiting().length) show(banner().dataset.refusal || "");
  }

  const begin = () => { if (waiting().length) poll(); addEventListener("storage", () => { if (!waiting().length) show(); }); };
  return { submit, begin, show };
})();
