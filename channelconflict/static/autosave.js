/* A form that keeps itself: form[data-autosave="address"] is sent there a moment after typing stops, and when the page is hidden.
   The answer (JSON) names the draft, and brings parts of the page: each [data-part="name"] is drawn anew.
   [data-autosave-said] says what became of it; [data-fill="value"] puts a value into the field it stands at.
   One save at a time: what is typed meanwhile goes with the next, and submitting waits for the one under way. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-autosave]");
  if (!form) return;
  var said = form.querySelector("[data-autosave-said]"), WAIT = 900, RETRY = [5, 10, 20, 40, 60];
  var timer = 0, busy = false, failures = 0, over = false, leaving = null, kept = typed();

  function typed() {
    var data = new FormData(form);
    ["csrfmiddlewaretoken", "seen"].forEach(function (name) { data.delete(name); });
    return new URLSearchParams(data).toString();
  }
  function say(text, bad, link, url) {
    said.classList.toggle("bad", Boolean(bad));
    if (said.textContent === text && !url) return;
    said.textContent = text;
    if (!url) return;
    var a = document.createElement("a");
    a.href = url; a.textContent = link;
    said.append(" ", a);
  }
  function word(name, english) { return said.getAttribute("data-word-" + name) || english; }
  function later(ms) { clearTimeout(timer); timer = setTimeout(save, ms); }
  function changed() { if (!over && typed() !== kept) later(WAIT); }

  function draw(parts) {
    Object.keys(parts || {}).forEach(function (name) {
      var el = document.querySelector('[data-part="' + name + '"]');
      if (el && el.innerHTML !== parts[name] && !el.contains(document.activeElement)) el.innerHTML = parts[name];
    });
  }
  function take(answer, sent) {
    failures = 0;
    draw(answer.parts);
    kept = sent;
    if (!answer.kept) return;
    form.elements.seen.value = answer.seen;
    form.setAttribute("data-autosave", answer.autosave);
    form.setAttribute("action", answer.edit);  // from here on it is this draft, also when the page is loaded again
    if (location.pathname !== answer.edit) history.replaceState(null, "", answer.edit);
    say(answer.said);
  }
  function failed(problem) {
    if (problem && problem.answer) {
      over = true;
      say(word("refused", "Not saved.") + " " + problem.answer.sentence, true, word("open", "Open it"), problem.answer.url);
    } else if (problem && problem.signedOut) {
      say(word("signed-out", "Not saved: you are signed out. What you typed stays here. Sign in on another page; we try again."), true,
        word("sign-in", "Sign in"), location.href);
      later(RETRY[RETRY.length - 1] * 1000);
    } else {
      var seconds = RETRY[Math.min(failures, RETRY.length - 1)];
      failures += 1;
      say(word("no-answer", "Not saved: no answer from the server. What you typed stays here, and we try again."), true);
      later(seconds * 1000);
    }
  }
  function save(last) {
    clearTimeout(timer);
    if (over || busy) return;
    var sent = typed();
    if (sent === kept || !form.elements.account_name.value.trim()) return;
    busy = true;
    fetch(form.getAttribute("data-autosave"), {
      method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual", keepalive: last === true
    }).then(function (response) {
      if (response.type === "opaqueredirect" || response.status === 403) throw { signedOut: true };
      if (response.status === 409) return response.json().then(function (answer) { throw { answer: answer }; });
      if (!response.ok) throw null;
      return response.json();
    }).then(function (answer) { take(answer, sent); }).catch(failed).then(function () {
      busy = false;
      if (leaving) { var button = leaving; leaving = null; form.requestSubmit(button.form ? button : undefined); }
      else if (!failures) changed();
    });
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", function (event) {
    clearTimeout(timer);
    if (busy) { event.preventDefault(); event.stopPropagation(); leaving = leaving || event.submitter || form; }
    else over = true;
  });
  form.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-fill]"), field = button && button.closest(".field");
    var input = field && field.querySelector("input, textarea, select");
    if (!input) return;
    input.value = button.getAttribute("data-fill");
    input.focus();
    changed();
  });
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") save(true); });
  window.addEventListener("pagehide", function () { save(true); });
  window.addEventListener("pageshow", function (event) { if (event.persisted) { over = false; changed(); } });
})();
