// Lists: which rows are ticked survives a live update, and a bar says how many there are and acts on them.
"use strict";

(() => {
  const leave = Idiomorph.defaults.callbacks.beforeAttributeUpdated;
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node, kind) =>
    !(name === "checked" && node.matches("[data-picks], [data-picks-all]")) && leave(name, node, kind);

  const all = () => [...document.querySelectorAll("[data-picks]")];
  function count() {
    const bar = document.querySelector("#picks");
    if (!bar) return;
    const ticked = all().filter((box) => box.checked);
    bar.hidden = ticked.length === 0;
    document.querySelector("#picked").textContent = String(ticked.length);
    for (const box of all()) box.closest("tr").classList.toggle("is-ticked", box.checked);
    const whole = document.querySelector("[data-picks-all]");
    if (whole) {
      whole.checked = ticked.length > 0 && ticked.length === all().length;
      whole.indeterminate = ticked.length > 0 && !whole.checked;
    }
  }
  function tick(boxes, is) {
    for (const box of boxes) box.checked = is;
    count();
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-picks-all]")) tick(all(), event.target.checked);
    else if (event.target.matches("[data-picks]")) count();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-picks-none]")) tick(all(), false);
  });
  document.addEventListener("htmx:afterSettle", count);
  window.addEventListener("pageshow", count);

  // x ticks the row on which j and k have come to rest.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
    const box = document.activeElement.closest("tr")?.querySelector("[data-picks]");
    if (box) tick([box], !box.checked);
  });
})();
