"use strict";
(() => {
  const form = document.getElementById("filter");
  const words = document.getElementById("words");
  const result = document.getElementById("result");
  const told = document.getElementById("told");
  const items = [...document.querySelectorAll("[data-result]")];
  const rows = items.filter((item) => item.localName === "tr");
  const gate = (item) => item.id.slice(item.id.indexOf("-") + 1);
  let texts = null;
  let timer = 0;
  const apply = () => {
    // A gate is its row and, where it failed, its card: words may stand in either.
    if (!texts) {
      texts = new Map();
      items.forEach((item) => texts.set(gate(item), (texts.get(gate(item)) ?? "") + " " + item.textContent.toLowerCase()));
    }
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kind = result.value;
    items.forEach((item) => {
      const named = !kind || item.dataset.result === kind || (kind === "not-pass" && item.dataset.result !== "pass");
      item.hidden = !(named && wanted.every((word) => texts.get(gate(item)).includes(word)));
    });
    const left = rows.filter((row) => !row.hidden).length;
    told.textContent = `${left} of ${rows.length} gates`;
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  words.addEventListener("input", soon);
  result.addEventListener("change", apply);
  apply();
})();
