/* While somebody types a territory rule, what it would do is fetched again; without this script the button does it. */
(function () {
  "use strict";
  var place = document.querySelector("[data-live-preview]");
  var form = place && place.closest("form");
  if (!form) return;
  var waiting = 0, asked = 0;
  function refresh() {
    var number = ++asked, data = new FormData(form);
    data.set("_preview", "part");
    place.setAttribute("aria-busy", "true");
    fetch(form.action || location.href, { method: "POST", body: data, credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (text) { if (number === asked && text) place.innerHTML = text; })
      .catch(function () { /* offline: the button says so */ })
      .then(function () { if (number === asked) place.removeAttribute("aria-busy"); });
  }
  form.addEventListener("input", function () {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 700);
  });
})();
