"use strict";
// Tables that are sorted by any column: by a click on its head, or Enter or Space there; once more turns the order round.

const collator = new Intl.Collator("en", { numeric: true });

// Numbers as numbers, texts as texts; what is missing (null) stands last in either direction.
function compareKeys(first, second, sign) {
  if (first === null || second === null) {
    return (first === null) - (second === null);
  }
  return sign * (typeof first === "number" && typeof second === "number" ? first - second : collator.compare(first, second));
}

// Calls sort(column, sign) at each wish for an order and tells the order to whoever cannot see the arrow.
function sortByHeads(table, sort) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const order = head.ariaSort === "ascending" ? "descending" : "ascending";
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
    sort(column, order === "ascending" ? 1 : -1);
  }));
}

function keyOf(cell) {
  const value = cell.dataset.value;
  return value === undefined ? cell.textContent : value === "" ? null : Number(value);
}

for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  sortByHeads(table, (column, sign) => {
    const keyed = [...body.rows].map(row => ({ row, key: keyOf(row.cells[column]) }));
    keyed.sort((first, second) => compareKeys(first.key, second.key, sign));
    body.replaceChildren(...keyed.map(pair => pair.row));
  });
}
