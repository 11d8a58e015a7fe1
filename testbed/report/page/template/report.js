"use strict";
(function () {
  function key(row, column) {
    var cell = row.cells[column];
    var number = cell.getAttribute("data-sort");
    return number === null ? cell.textContent.trim() : Number(number);
  }
  function compare(a, b) {
    var numbers = (typeof a === "number") + (typeof b === "number");
    if (numbers === 2) { return a - b; }
    if (numbers === 1) { return typeof a === "number" ? -1 : 1; }
    return a.localeCompare(b, "en", { numeric: true });
  }
  function sortBy(table, column, head) {
    var down = head.getAttribute("aria-sort") === "ascending";
    var body = table.tBodies[0];
    var rows = Array.prototype.map.call(body.rows, function (row) { return { row: row, key: key(row, column) }; });
    rows.sort(function (one, other) { return (down ? -1 : 1) * compare(one.key, other.key); });
    rows.forEach(function (each) { body.appendChild(each.row); });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell) { cell.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }
  document.querySelectorAll("table").forEach(function (table) {
    if (table.tBodies[0].rows.length < 2) { return; }
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.title = "Sort by this column";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      button.addEventListener("click", function () { sortBy(table, column, head); });
      head.appendChild(button);
    });
  });
  var folds = document.querySelectorAll("main details");
  function all(open) { folds.forEach(function (each) { each.open = open; }); }
  var tools = document.createElement("p");
  tools.className = "tools";
  [["Unfold all", true], ["Fold all", false]].forEach(function (each) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = each[0];
    button.addEventListener("click", function () { all(each[1]); });
    tools.appendChild(button);
    tools.appendChild(document.createTextNode(" "));
  });
  document.querySelector("main").insertBefore(tools, document.querySelector(".part"));
  function reveal() {
    var named = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (named && named.tagName === "DETAILS") { named.open = true; }
  }
  window.addEventListener("hashchange", reveal);
  reveal();
  var before = [];
  window.addEventListener("beforeprint", function () {
    before = Array.prototype.map.call(folds, function (each) { return each.open; });
    all(true);
  });
  window.addEventListener("afterprint", function () {
    folds.forEach(function (each, at) { each.open = before[at]; });
  });
})();
