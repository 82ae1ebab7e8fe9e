/* The command palette of the staff site: Ctrl+K, or any [data-palette] link (its value is where cases, partners and
   accounts are looked for). It offers the acts of the page with their keys, the pages of the navigation, and what the
   search finds; without this script the link leads to a page that does the same. Needs app.js. */
(function () {
  "use strict";
  var desk = window.desk, all = desk.all, link = document.querySelector("[data-palette]");
  if (!link) return;  // a page without the shell: signing in, for one
  var dialog, field, list, status, note, options = [], at = 0, asked = 0, waiting = 0, found = [], failed = false;
  var MOST_LATELY = 6, MOST_FITTING = 7, WAIT = 150;

  /* What there is to choose from */
  function acts() {
    var seen = [];
    return all("[data-key], .deed > summary, button:disabled[aria-describedby]").filter(function (el) {
      var fresh = el.getClientRects().length > 0 && seen.indexOf(el) < 0 && !el.closest("dialog");
      if (fresh) seen.push(el);
      return fresh;
    }).map(function (el) {
      var key = el.getAttribute("data-key") || textOf(el.querySelector("kbd"));
      return { label: desk.textOf(el).replace(/…$/, ""), key: key ? desk.keyName(key) : "", act: el, why: el.disabled ? whyNot(el) : "" };
    }).filter(function (item) { return item.label; });
  }
  function textOf(el) { return el ? el.textContent.trim().replace(/\s+/g, " ") : ""; }
  function whyNot(el) { return textOf(document.getElementById(el.getAttribute("aria-describedby"))) || el.title || "not possible now"; }
  function ofThePage() {
    var search = all("[data-search]").filter(desk.visible)[0], theme = all("[data-theme-switch]")[0];
    return acts().concat(
      search ? [{ label: "Search on this page", key: "/", act: search }] : [],
      theme ? [{ label: "Colours: system, light, dark", key: "", act: theme, hidden: true }] : [],
      [{ label: "Keys on this page", key: "?", run: desk.showKeys }]
    );
  }
  function pages() {
    return all("#nav > ul a").map(function (a) {
      var title = a.parentNode.parentNode.previousElementSibling;
      return { label: textOf(a.querySelector("span") || a), note: textOf(title), href: a.getAttribute("href") };
    });
  }

  /* Pages of single records that were open in this tab. They end with the tab, and with signing out. */
  function place() { return "lately:" + dialog.getAttribute("data-who"); }
  function lately() {
    try { return JSON.parse(sessionStorage.getItem(place())) || []; } catch (e) { return []; }
  }
  function remember() {
    if (!/[0-9a-f]{8}-[0-9a-f]{4}-/.test(location.pathname) || !document.querySelector("h1")) return;
    var here = { label: document.title.split(" · ").slice(0, -1).join(" · ") || document.title, href: location.pathname };
    var kept = [here].concat(lately().filter(function (item) { return item.href !== here.href; })).slice(0, MOST_LATELY + 1);
    try { sessionStorage.setItem(place(), JSON.stringify(kept)); } catch (e) { /* private mode: nothing is kept */ }
  }

  /* Letters in order; beginnings of words and neighbours count more. 0 = does not fit. */
  function fit(words, text) {
    var wanted = words.toLowerCase().replace(/\s+/g, ""), from = text.toLowerCase(), score = 1, last = -1, i = 0;
    var whole = from.indexOf(words.toLowerCase().trim());
    if (whole >= 0) return 1000 - whole + (whole === 0 || from[whole - 1] === " " ? 500 : 0) - from.length / 100;
    for (var n = 0; n < wanted.length; n++) {
      i = from.indexOf(wanted[n], last + 1);
      if (i < 0) return 0;
      score += i === 0 || /[\s:/·(-]/.test(from[i - 1]) ? 8 : i === last + 1 ? 5 : 0;
      last = i;
    }
    return score < wanted.length * 4 ? 0 : score - from.length / 100;
  }
  function fitting(words, items) {
    return items.map(function (item) { return { item: item, score: fit(words, item.label) }; })
      .filter(function (one) { return one.score > 0; })
      .sort(function (a, b) { return b.score - a.score; })
      .slice(0, MOST_FITTING);
  }
  /* What fits best comes first, acts before pages where both fit alike. */
  function fittingGroups(words) {
    return [["On this page", fitting(words, ofThePage())], ["Pages", fitting(words, pages())]]
      .sort(function (a, b) { return (b[1].length ? b[1][0].score : 0) - (a[1].length ? a[1][0].score : 0); })
      .map(function (group) { return [group[0], group[1].map(function (one) { return one.item; })]; });
  }
  function groups(words) {
    if (!words) {
      var here = location.pathname;
      return [
        ["On this page", ofThePage().filter(function (item) { return !item.hidden; })],
        ["Lately", lately().filter(function (item) { return item.href !== here; }).slice(0, MOST_LATELY)],
        ["Pages", pages()]
      ];
    }
    return fittingGroups(words).concat(found);
  }

  /* Drawing */
  function make(tag, kind, text) {
    var el = document.createElement(tag);
    if (kind) el.className = kind;
    if (text) el.textContent = text;
    return el;
  }
  function option(item, id) {
    var el = make("div", "option");
    el.id = id; el.setAttribute("role", "option"); el.setAttribute("aria-selected", "false");
    el.appendChild(make("span", "", item.label));
    if (item.why) el.setAttribute("aria-disabled", "true");
    if (item.why || item.note) el.appendChild(make("small", "", item.why || item.note));
    if (item.key) el.appendChild(make("kbd", "", item.key));
    return el;
  }
  function draw() {
    var words = field.value.trim();
    list.textContent = ""; options = []; at = 0;
    groups(words).forEach(function (group, number) {
      if (!group[1].length) return;
      var box = make("div", "group"), title = make("div", "title", group[0]);
      title.id = "palette-group-" + number; title.setAttribute("role", "presentation");
      box.setAttribute("role", "group"); box.setAttribute("aria-labelledby", title.id);
      box.appendChild(title);
      group[1].forEach(function (item) {
        var el = option(item, "palette-" + options.length);
        options.push({ item: item, el: el });
        box.appendChild(el);
      });
      list.appendChild(box);
    });
    note.textContent = failed && words ? "The search does not answer; pages and acts still work." :
      options.length ? "" : words.length < 2 ? "Type a little more." : "Nothing found for ‘" + words + "’.";
    note.hidden = !note.textContent;
    list.hidden = !options.length;
    status.textContent = note.textContent || options.length + (options.length === 1 ? " line" : " lines");
    choose(0);
  }
  function choose(number) {
    if (!options.length) { field.removeAttribute("aria-activedescendant"); return; }
    options[at].el.setAttribute("aria-selected", "false");
    at = (number + options.length) % options.length;
    options[at].el.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", options[at].el.id);
    options[at].el.scrollIntoView({ block: "nearest" });
  }
  function take(number) {
    var item = options[number] && options[number].item;
    if (!item || item.why) return;
    dialog.close();
    if (item.href) location.href = item.href;
    else if (item.run) item.run();
    else desk.activate(item.act);
  }

  /* What only the server knows */
  function look() {
    var words = field.value.trim(), number = ++asked;
    clearTimeout(waiting);
    if (words.length < 2) { found = []; failed = false; draw(); return; }
    waiting = setTimeout(function () {
      fetch(dialog.getAttribute("data-hits") + "?q=" + encodeURIComponent(words), { credentials: "same-origin", headers: { Accept: "application/json" } })
        .then(function (answer) { if (!answer.ok || answer.redirected) throw new Error("no answer"); return answer.json(); })
        .then(function (told) { return told.groups.map(function (group) { return [group.title, group.hits]; }); })
        .then(function (told) { failed = false; return told; }, function () { failed = true; return []; })
        .then(function (told) { if (number === asked) { var chosen = at; found = told; draw(); choose(Math.min(chosen, Math.max(options.length - 1, 0))); } });
    }, WAIT);
    draw();
  }

  function build() {
    dialog = make("dialog", "dialog palette");
    dialog.setAttribute("aria-label", "Find or do");
    dialog.setAttribute("data-hits", link.getAttribute("data-palette"));
    dialog.setAttribute("data-who", link.getAttribute("data-who"));
    field = make("input"); list = make("div", "options"); note = make("p", "hint"); status = make("p", "visually-hidden");
    field.type = "text"; field.id = "palette-words"; field.autocomplete = "off"; field.spellcheck = false;
    field.placeholder = "An act, a page, a case, a partner, an account";
    [["role", "combobox"], ["aria-expanded", "true"], ["aria-controls", "palette-list"], ["aria-autocomplete", "list"], ["aria-label", "Find or do"]]
      .forEach(function (pair) { field.setAttribute(pair[0], pair[1]); });
    list.id = "palette-list"; list.setAttribute("role", "listbox"); list.setAttribute("aria-label", "What fits");
    status.setAttribute("role", "status");
    var head = make("div", "search"), close = make("button", "btn ghost small", "Close");
    close.type = "button"; close.setAttribute("data-close", "");
    head.appendChild(field); head.appendChild(close);
    [head, list, note, status].forEach(function (part) { dialog.appendChild(part); });
    field.addEventListener("input", look);
    field.addEventListener("keydown", onKey);
    list.addEventListener("click", function (event) {
      var el = event.target.closest("[role=option]");
      options.forEach(function (one, number) { if (one.el === el) take(number); });
    });
    dialog.addEventListener("click", function (event) { if (event.target === dialog) dialog.close(); });
    document.body.appendChild(dialog);
  }
  function onKey(event) {
    var step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (event.isComposing) return;
    if (step) choose(Math.abs(step) === 1 ? at + step : Math.max(0, Math.min(options.length - 1, at + step)));
    else if (event.key === "Enter") take(at);
    else return;
    event.preventDefault();
  }
  function open() {
    if (dialog.open) { dialog.close(); return; }
    all("dialog[open]").forEach(function (other) { other.close(); });
    field.value = ""; found = []; failed = false;
    dialog.showModal();
    draw();
    field.focus();
  }

  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", function (event) {
    var pressed = event.target.closest && event.target.closest("[data-palette]");
    if (pressed && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); open(); }
  });
  document.addEventListener("submit", function (event) {
    if (event.target.id === "logout-form") try { sessionStorage.removeItem(place()); } catch (e) { /* nothing was kept */ }
  });

  build();
  remember();
  if (/Mac|iPhone|iPad/.test(navigator.platform)) all("[data-palette] kbd").forEach(function (el) { el.textContent = "⌘ K"; });
})();
