// Leads a browser that has the page open back to it, where somebody types only the host and port, or an old address.
// The page key stands in this origin's own store, which no other port can read.
"use strict";
(async () => {
  const base = localStorage.getItem("lbc-base");
  if (!base) return;
  const page = location.pathname.split("/").pop();
  if (location.pathname.startsWith(base)) { localStorage.removeItem("lbc-base"); return; }
  const answer = await fetch(`${base}alive`, { credentials: "same-origin" });
  if (answer.ok) location.replace(base + page + location.search);
})();
