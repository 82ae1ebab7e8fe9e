/* A rule's condition: choosing another fact or comparison shows at once what fits it. Without this script the button beside it does. */
(function () {
  "use strict";
  var form = document.querySelector("[data-policy-rule]");
  if (!form) return;
  var focus = sessionStorage.getItem("policy-focus");
  sessionStorage.removeItem("policy-focus");
  if (focus && document.getElementById(focus)) document.getElementById(focus).focus();
  form.addEventListener("change", function (event) {
    var chosen = event.target.closest("[data-refresh]");
    if (!chosen) return;
    var button = chosen.closest("[data-condition]").querySelector("[data-show]");
    sessionStorage.setItem("policy-focus", chosen.id);
    form.requestSubmit(button);
  });
})();
