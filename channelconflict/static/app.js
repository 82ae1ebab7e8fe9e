/* One small script for every page; all pages work without it. It reads only data attributes:
   [data-theme-switch]   cycles system -> light -> dark (stored in this browser)
   [data-key="a"]        that key activates the button or link, or focuses the field; title or text names it in the ? list
   [data-nav-list]       J / K (or arrows) move over its [data-row] elements, Enter opens the row's a[data-open], X ticks its checkbox
   [data-search]         / puts the cursor there
   [data-dialog="id"]    opens the <dialog id>; inside it [data-close] closes
   form[data-disable-once]  cannot be sent twice; usable again when the page is shown again
   time[data-until]      counts down to an ISO time; at the end it shows data-done and disables [data-until-target] elements
   form[data-autosubmit] is sent when one of its selects or checkboxes changes
   meta[name=comes-again]   work is under way: every so many seconds the page is asked for, and each [data-live="name"] that differs
                            is replaced; when the work is over, the page is loaded again
   [data-print]          prints the page
   [data-check-all="name"]  ticks all checkboxes of that name; [data-count-of="name"] says how many are ticked
   What palette.js shares of it stands in window.desk. */
(function () {
  "use strict";
  var root = document.documentElement;
  var themes = ["auto", "light", "dark"];

  function stored() {
    try { return themes.indexOf(localStorage.getItem("theme")) > 0 ? localStorage.getItem("theme") : "auto"; } catch (e) { return "auto"; }
  }
  function setTheme(theme) {
    if (theme === "auto") root.removeAttribute("data-theme"); else root.setAttribute("data-theme", theme);
  }
  setTheme(stored());  // before the first paint: this script stands in the head without defer

  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function visible(el) { return !el.disabled && el.getClientRects().length > 0; }
  function typing(el) { return el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && !/^(checkbox|radio|button|submit)$/.test(el.type)); }

  /* What stands here in English, the page may say in its own language: <body data-word-NAME="…">. */
  function word(name, english) { return document.body.getAttribute("data-word-" + name) || english; }

  /* Theme switch */
  function nameTheme(button) {
    var names = { auto: word("system", "System"), light: word("light", "Light"), dark: word("dark", "Dark") };
    var theme = stored();
    button.hidden = false;
    all("[data-theme-name]", button).forEach(function (el) { el.textContent = names[theme]; });
    all("[data-theme-icon]", button).forEach(function (el) { el.hidden = el.getAttribute("data-theme-icon") !== theme; });
  }
  function cycleTheme() {
    var next = themes[(themes.indexOf(stored()) + 1) % themes.length];
    try { localStorage.setItem("theme", next); } catch (e) { /* private mode: for this page only */ }
    setTheme(next);
    all("[data-theme-switch]").forEach(nameTheme);
  }

  /* Rows */
  var chosen = null;
  function rows() { return all("[data-nav-list] [data-row], [data-nav-list] tbody > tr").filter(visible); }
  function choose(row) {
    if (chosen) chosen.classList.remove("on");
    chosen = row;
    row.classList.add("on");
    var link = row.querySelector("[data-open]") || row.querySelector("a");
    if (link) link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  function move(step) {
    var list = rows();
    if (!list.length) return false;
    var at = list.indexOf(chosen);
    choose(list[Math.max(0, Math.min(list.length - 1, at < 0 ? (step > 0 ? 0 : list.length - 1) : at + step))]);
    return true;
  }
  function inRow(action) {
    if (!chosen) return false;
    var target = action === "open" ? chosen.querySelector("[data-open], a") : chosen.querySelector("input[type=checkbox]");
    if (target) target.click();
    return Boolean(target);
  }

  /* Keys */
  function activate(el) {
    if (typing(el)) el.focus(); else { el.focus(); el.click(); }
    return true;
  }
  function keyed(key) {
    return all("[data-key]").filter(function (el) {
      return el.getAttribute("data-key").toLowerCase() === key.toLowerCase() && visible(el);
    })[0];
  }
  function keyName(key) { return key === "Enter" ? "↵" : key.length === 1 ? key.toUpperCase() : key; }
  function textOf(el) {
    var copy = el.cloneNode(true);
    all("kbd, svg, .visually-hidden", copy).forEach(function (part) { part.remove(); });
    return el.getAttribute("title") || el.getAttribute("aria-label") || copy.textContent.trim().replace(/\s+/g, " ");
  }
  function line(list, key, text) {
    var dt = document.createElement("dt"), dd = document.createElement("dd"), kbd = document.createElement("kbd");
    kbd.textContent = key; dt.appendChild(kbd); dd.textContent = text; list.appendChild(dt); list.appendChild(dd);
  }
  function showKeys() {
    var dialog = document.getElementById("keys-dialog");
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.id = "keys-dialog"; dialog.className = "dialog"; dialog.setAttribute("aria-labelledby", "keys-title");
      var title = document.createElement("h2"), list = document.createElement("dl"), form = document.createElement("form"), close = document.createElement("button");
      title.id = "keys-title"; title.textContent = word("keys", "Keys on this page"); list.className = "kv";
      form.method = "dialog"; form.className = "actions"; close.className = "btn"; close.textContent = word("close", "Close"); form.appendChild(close);
      dialog.appendChild(title); dialog.appendChild(list); dialog.appendChild(form); document.body.appendChild(dialog);
    }
    var shown = dialog.querySelector("dl");
    shown.textContent = "";
    all("[data-key]").filter(visible).forEach(function (el) { line(shown, keyName(el.getAttribute("data-key")), textOf(el)); });
    if (rows().length) { line(shown, "J K", word("rows", "next, previous row")); line(shown, "↵", word("open", "open the row")); }
    if (all("[data-nav-list] input[type=checkbox]").length) line(shown, "X", "select the row");
    if (all("[data-search]").length) line(shown, "/", word("search", "search"));
    if (all("[data-palette]").length) line(shown, "Ctrl K", "find or do: acts, pages, cases, partners, accounts");
    line(shown, "?", word("list", "this list")); line(shown, "Esc", word("esc", "close"));
    dialog.showModal();
    return true;
  }
  function onKey(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
    if (document.querySelector("dialog[open]")) return;
    var key = event.key, done = false, target = keyed(key);
    var onControl = event.target.closest && event.target.closest("a, button, summary");
    if (key === "Enter" && onControl) return;
    if (target) done = activate(target);
    else if (key === "?") done = showKeys();
    else if (key === "/") { target = all("[data-search]").filter(visible)[0]; if (target) { target.focus(); target.select(); done = true; } }
    else if (key === "j" || key === "ArrowDown" && chosen) done = move(1);
    else if (key === "k" || key === "ArrowUp" && chosen) done = move(-1);
    else if (key === "x") done = inRow("tick");
    else if (key === "Enter") done = inRow("open");
    if (done) event.preventDefault();
  }

  /* Clicks, dialogs, forms */
  function onClick(event) {
    var el = event.target.closest && event.target.closest("[data-theme-switch], [data-dialog], [data-close], [data-keys], [data-print]");
    if (!el) return;
    if (el.hasAttribute("data-theme-switch")) cycleTheme();
    else if (el.hasAttribute("data-keys")) showKeys();
    else if (el.hasAttribute("data-print")) window.print();
    else if (el.hasAttribute("data-close")) { var open = el.closest("dialog"); if (open) { event.preventDefault(); open.close(); } }
    else {
      var dialog = document.getElementById(el.getAttribute("data-dialog"));
      if (dialog && dialog.showModal) { event.preventDefault(); dialog.showModal(); }
    }
  }
  function onSubmit(event) {
    var form = event.target;
    if (!form.hasAttribute("data-disable-once")) return;
    if (form.getAttribute("data-sent")) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "1");
    all("button:not([type=button]), input[type=submit]", form).forEach(function (el) { el.setAttribute("aria-disabled", "true"); });
  }
  function again() {
    all("form[data-sent]").forEach(function (form) {
      form.removeAttribute("data-sent");
      all("[aria-disabled=true]", form).forEach(function (el) { el.removeAttribute("aria-disabled"); });
    });
  }

  /* Countdown of the undo bar */
  function tick() {
    var running = false;
    all("time[data-until]").forEach(function (el) {
      var left = Math.max(0, Math.floor((Date.parse(el.getAttribute("data-until")) - Date.now()) / 1000));
      var minutes = Math.floor(left / 60), seconds = left % 60;
      running = running || left > 0;
      el.textContent = left ? minutes + ":" + (seconds < 10 ? "0" : "") + seconds : el.getAttribute("data-done") || "0:00";
      if (!left && el.hasAttribute("data-until-target")) {
        all(el.getAttribute("data-until-target")).forEach(function (button) { button.disabled = true; });
      }
    });
    if (running) setTimeout(tick, 1000);
  }

  /* Work under way */
  function comeAgain(seconds) {
    setTimeout(function () {
      fetch(location.href, { credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok) throw answer;
        return answer.text();
      }).then(function (text) {
        var now = new DOMParser().parseFromString(text, "text/html");
        if (!now.querySelector("meta[name=comes-again]")) { location.reload(); return; }
        all("[data-live]").forEach(function (el) {
          var other = now.querySelector('[data-live="' + el.getAttribute("data-live") + '"]');
          if (other && other.innerHTML !== el.innerHTML && !el.contains(document.activeElement)) el.innerHTML = other.innerHTML;
        });
        comeAgain(seconds);
      }).catch(function () { comeAgain(seconds); });  // the server is asked again: what is on show stays
    }, seconds * 1000);
  }

  /* Many at once */
  function boxes(name) { return all('input[type=checkbox][name="' + name + '"]'); }
  function countTicked() {
    all("[data-count-of]").forEach(function (el) {
      var ticked = boxes(el.getAttribute("data-count-of")).filter(function (box) { return box.checked; }).length;
      el.textContent = ticked ? "(" + ticked + ")" : "";
    });
    all("[data-check-all]").forEach(function (el) {
      var found = boxes(el.getAttribute("data-check-all")), ticked = found.filter(function (box) { return box.checked; }).length;
      el.checked = found.length > 0 && ticked === found.length;
      el.indeterminate = ticked > 0 && ticked < found.length;
    });
  }
  function tickAll(el) { boxes(el.getAttribute("data-check-all")).forEach(function (box) { box.checked = el.checked; }); }

  window.desk = { all: all, visible: visible, textOf: textOf, keyName: keyName, activate: activate, showKeys: showKeys };
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (event.target.hasAttribute("data-check-all")) tickAll(event.target);
    if (event.target.type === "checkbox") countTicked();
    if (form && form.hasAttribute("data-autosubmit") && (event.target.tagName === "SELECT" || !typing(event.target))) form.requestSubmit();
  });
  window.addEventListener("pageshow", again);
  document.addEventListener("DOMContentLoaded", function () {
    all("[data-theme-switch]").forEach(nameTheme);
    all("[data-needs-script]").forEach(function (el) { el.hidden = false; });
    chosen = document.querySelector("[data-nav-list] [data-row].on, [data-nav-list] tbody > tr.on");
    tick();
    var again = document.querySelector("meta[name=comes-again]");
    if (again) comeAgain(Number(again.content));
  });
  window.addEventListener("pageshow", countTicked);
})();
