"use strict";
// Builds what is opened from the data that travels in this file. Text is set as text, never as markup.
(function () {
  const PAGE = 20;
  const body = document.body;
  const language = () => (body.dataset.language === "zh" ? 0 : 1);

  // --- The data, unpacked when first needed.

  const unpacked = {};
  function unpack(name) {
    if (!unpacked[name]) unpacked[name] = inflate(document.getElementById("data-" + name).textContent);
    return unpacked[name];
  }
  async function inflate(text) {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }
  // A long string travels once: its place stands where it is used.
  function whole(text) {
    const [strings, value] = JSON.parse(text);
    const filled = (part) => {
      if (typeof part === "string") return part[0] === "\u0001" ? strings[Number(part.slice(1))] : part;
      if (Array.isArray(part)) return part.map(filled);
      if (part && typeof part === "object") return Object.fromEntries(Object.entries(part).map(([k, v]) => [k, filled(v)]));
      return part;
    };
    return filled(value);
  }
  let data = null;
  async function load() {
    if (!data) data = whole(await unpack("passages"));
    return data;
  }

  // --- Passages.

  function add(parent, tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  }
  const words = (key, ...values) => values.reduce((text, value) => text.replace("{}", value), data.words[key][language()]);

  function suggestions(parent, passage) {
    if (!passage.codes.length) {
      if (data.reasons[passage.why]) add(parent, "p", "hint", words("no_suggestion") + data.reasons[passage.why][language()]);
      return;
    }
    const list = add(parent, "ol");
    for (const [code, share, zh, en, example] of passage.codes) {
      const item = add(list, "li");
      const tag = add(item, "span", "tag", data.codes[code][language()]);
      tag.style.background = data.codes[code][2];
      add(item, "span", "share", Math.round(100 * share) + "%");
      add(item, "span", "why", (language() ? en : zh).split("{}").join(example));
    }
  }
  function cues(parent, passage) {
    for (const [kind, text] of passage.cues) {
      if (kind === "unclear") add(parent, "p", "unclear", words("unclear") + text);
      else add(parent, "p", "distress", words("look") + data.kinds[kind][language()] + "（" + text + "）");
    }
  }
  function passageNode(place, where) {
    const passage = data.passages[place];
    const node = document.createElement("article");
    node.className = "passage" + (passage.codes.length ? "" : " silent");
    if (where === "interview") node.id = "p" + place;
    if (passage.q) add(node, "p", "question", words("question") + "　" + passage.q);
    const text = add(node, "p", "text");
    if (where === "interview") add(text, "span", "where", passage.from + "–" + passage.to);
    text.appendChild(document.createTextNode(passage.text));
    if (where !== "interview") {
      const cite = add(node, "p", "cite");
      const link = add(cite, "a", "", passage.id);
      link.href = "#p" + place;
      link.title = words("to_interview");
      cite.appendChild(document.createTextNode(" · " + passage.who));
    }
    cues(node, passage);
    suggestions(node, passage);
    return node;
  }

  // --- Lists of passages: an interview, a code, a theme, what was searched for.

  const lists = new Map(); // container -> how many passages it shows
  function placesOf(box) {
    const every = data.passages.map((_, place) => place);
    if (box.dataset.interview) return data.interviews[Number(box.dataset.interview)];
    if (box.dataset.code) {
      const code = Number(box.dataset.code);
      const share = (place) => data.passages[place].codes[0][1];
      const own = every.filter((place) => data.passages[place].codes.length && data.passages[place].codes[0][0] === code);
      return own.sort((one, other) => share(other) - share(one) || one - other);
    }
    if (box.dataset.places) return box.dataset.places.split(",").map(Number);
    if (box.dataset.theme) return every.filter((place) => data.passages[place].theme === Number(box.dataset.theme));
    if (box.dataset.list === "unclear") {
      const kinds = (place) => data.passages[place].cues.map((cue) => cue[0]);
      return every.filter((place) => kinds(place).length && kinds(place).every((kind) => kind === "unclear"));
    }
    const wanted = document.getElementById("search").value.trim().toLowerCase();
    return wanted ? every.filter((place) => data.passages[place].text.toLowerCase().includes(wanted)) : [];
  }
  function draw(box) {
    const places = placesOf(box);
    const whole = box.dataset.interview !== undefined;
    const count = whole ? places.length : Math.min(lists.get(box) || PAGE, places.length);
    lists.set(box, count);
    box.replaceChildren();
    if (box.dataset.code) add(box, "p", "hint", words("first_of"));
    if (box.id === "found" && document.getElementById("search").value.trim()) {
      add(box, "p", "hint", places.length ? words("found", places.length) : words("none"));
    }
    for (const place of places.slice(0, count)) box.appendChild(passageNode(place, whole ? "interview" : "list"));
    if (count < places.length) {
      const rest = places.length - count;
      const more = add(box, "button", "plain", words("more", Math.min(PAGE, rest), rest));
      more.type = "button";
      more.addEventListener("click", function () {
        lists.set(box, count + PAGE);
        draw(box);
      });
    }
  }
  async function open(details) {
    const boxes = [...details.querySelectorAll(".passages")];
    const own = boxes.filter((box) => !lists.has(box) && box.closest("details") === details);
    if (!own.length) return;
    await load();
    own.filter((box) => !lists.has(box)).forEach(draw);
  }
  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.querySelector(".passages")) open(event.target).catch(tooOld);
  }, true);

  // A link to a passage opens its interview, wherever the link stands.
  async function follow() {
    const place = /^#p(\d+)$/.exec(location.hash);
    if (!place) return;
    await load();
    const interview = data.interviews.findIndex((places) => places.includes(Number(place[1])));
    const box = document.querySelector('[data-interview="' + interview + '"]');
    if (!box) return;
    box.closest("details").open = true;
    await open(box.closest("details"));
    const target = document.getElementById("p" + place[1]);
    target.scrollIntoView({ block: "center" });
    document.querySelectorAll(".target").forEach((other) => other.classList.remove("target"));
    target.classList.add("target");
  }
  window.addEventListener("hashchange", () => follow().catch(tooOld));
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#p"]');
    if (link && link.hash === location.hash) follow().catch(tooOld);
  });

  let waiting = 0;
  document.getElementById("search").addEventListener("input", function () {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      await load();
      const box = document.getElementById("found");
      lists.delete(box);
      draw(box);
    }, 200);
  });

  // --- Pictures, each drawn when it comes into view.

  let plotly = null;
  function drawing() {
    if (!plotly) {
      plotly = Promise.all([unpack("plotly"), unpack("pictures")]).then(([script, figures]) => {
        const made = document.createElement("script");
        made.textContent = script;
        document.head.appendChild(made);
        return whole(figures);
      });
    }
    return plotly;
  }
  const drawn = new Set();
  async function drawPicture(figure) {
    const figures = await drawing();
    drawn.add(figure);
    const place = figure.querySelector(".plot");
    const own = figures[figure.id.replace("picture-", "")][body.dataset.language];
    place.style.height = "";
    await Plotly.react(place, own.data, own.layout, {
      displaylogo: false, responsive: !own.layout.width, toImageButtonOptions: { format: "svg", filename: figure.id },
    });
    mark(figure);
  }
  function mark(figure) {
    const box = figure.querySelector(".scroll");
    figure.classList.toggle("wide", box.scrollWidth > box.clientWidth + 4);
  }
  const figures = document.querySelectorAll("figure");
  if (figures.length) {
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        watch.unobserve(entry.target);
        drawPicture(entry.target).catch(tooOld);
      }
    }, { rootMargin: "300px" });
    figures.forEach((figure) => watch.observe(figure));
    window.addEventListener("resize", () => figures.forEach(mark));
  }

  // --- The language, and browsers that cannot unpack.

  document.getElementById("language").addEventListener("click", function () {
    body.dataset.language = body.dataset.language === "zh" ? "en" : "zh";
    document.documentElement.lang = body.dataset.language === "zh" ? "zh-CN" : "en";
    for (const box of lists.keys()) draw(box);
    for (const figure of drawn) drawPicture(figure).catch(tooOld);
  });
  function tooOld(fault) {
    console.error(fault);
    document.getElementById("old").hidden = false;
  }
  if (typeof DecompressionStream === "undefined") tooOld(new Error("no DecompressionStream"));
  document.querySelectorAll("details[open]").forEach((details) => open(details).catch(tooOld));
  follow().catch(tooOld);
})();
