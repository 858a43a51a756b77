"use strict";
(function () {
  var form = document.getElementById("filter"), words = document.getElementById("words"), count = document.getElementById("count");
  var all = Array.prototype.map.call(document.querySelectorAll("article"), function (one) {
    return { one: one, text: (one.textContent + " " + one.parentNode.firstChild.textContent).toLowerCase() };
  });
  var sections = document.querySelectorAll(".provider");
  function show() {
    var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    all.forEach(function (entry) {
      var fits = wanted.every(function (word) { return entry.text.indexOf(word) >= 0; });
      entry.one.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    Array.prototype.forEach.call(sections, function (section) {
      section.hidden = !section.querySelector("article:not([hidden])");
      section.open = wanted.length > 0 && !section.hidden;
    });
    count.textContent = wanted.length ? shown + " of " + all.length + " signals" : "";
  }
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  words.addEventListener("input", show);
  // A link leads to its signal, whatever is filtered or folded.
  function lead() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var section = target && target.closest(".provider");
    if (!section) { return; }
    if (target.closest("[hidden]")) {
      words.value = "";
      show();
    }
    section.open = true;
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", lead);
  // A link to what is the address already is no change of it.
  document.querySelector("nav").addEventListener("click", function () { setTimeout(lead, 0); });
  form.hidden = false;
  show();
  lead();
})();
