/* Gives a name to the admin's controls that have none: editable cells of a list, autocomplete boxes, filter icons. Runs after Django's own scripts. */
(function () {
  "use strict";
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function textOf(el) { return el ? el.textContent.trim().replace(/\s+/g, " ").replace(/:$/, "") : ""; }
  function named(el) { return el.labels && el.labels.length || el.hasAttribute("aria-label") || el.hasAttribute("aria-labelledby"); }

  function nameCells() {
    var heads = all("#result_list thead th");
    all("#result_list tbody :is(input, select, textarea):not([type=hidden])").forEach(function (el) {
      var cell = el.closest("td, th");
      if (!cell || named(el)) return;
      var row = cell.parentNode.querySelector("th");
      el.setAttribute("aria-label", textOf(heads[cell.cellIndex]) + (row ? ": " + textOf(row) : ""));
    });
  }
  function nameSelects() {
    all("select.admin-autocomplete + .select2-container").forEach(function (box) {
      var label = textOf(box.previousElementSibling.labels && box.previousElementSibling.labels[0]);
      var selection = box.querySelector(".select2-selection"), shown = box.querySelector(".select2-selection__rendered");
      if (!label || !selection) return;
      selection.removeAttribute("aria-labelledby");
      selection.setAttribute("aria-label", label + (textOf(shown).replace(/^×/, "") ? ": " + textOf(shown).replace(/^×/, "") : ""));
      if (shown && shown.getAttribute("role") === "textbox") { shown.setAttribute("role", "presentation"); shown.removeAttribute("aria-readonly"); }
    });
    all(".search-label-icon[aria-label]").forEach(function (el) { el.setAttribute("role", "img"); });
  }
  function run() { nameCells(); nameSelects(); }
  window.addEventListener("load", function () { setTimeout(run, 0); });
  document.addEventListener("formset:added", function () { setTimeout(run, 0); });
  document.addEventListener("focusin", nameSelects);
})();
