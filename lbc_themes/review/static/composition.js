// Whether a key belongs to an input method: no shortcut may fire, and no Enter may store, while one composes.
"use strict";
const lbc = {};

lbc.composition = (() => {
  let composing = false, justEnded = false, timer = 0;
  addEventListener("compositionstart", () => { composing = true; justEnded = false; }, true);
  // Safari ends the composition before it reports the key that ended it; other browsers report the key first. So the
  // key that comes after the end still belongs to the input method, until a key is let go.
  addEventListener("compositionend", () => {
    composing = false;
    justEnded = true;
    clearTimeout(timer);
    timer = setTimeout(() => { justEnded = false; }, 200);
  }, true);
  addEventListener("keyup", () => { justEnded = false; }, true);
  addEventListener("blur", () => { composing = false; }, true);
  const has = (event) => composing || justEnded || event.isComposing || event.keyCode === 229 || event.key === "Process";
  // Before every other listener: what belongs to the input method reaches no shortcut and submits no form.
  addEventListener("keydown", (event) => {
    if (!has(event)) return;
    event.stopImmediatePropagation();
    if (event.key === "Enter" && !event.target.matches("textarea")) event.preventDefault();
  }, true);
  return { has };
})();

// The key as a person means it: digits by what they type or where they lie, full-width signs as the plain ones.
lbc.keyOf = (event) => {
  const key = event.key.length === 1 ? event.key.normalize("NFKC") : event.key;
  if (key.length !== 1) return key;
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
  if (digit && (event.shiftKey || !/[0-9]/.test(key))) return digit[1];
  return key === "、" ? "/" : key;
};
