// The list of answers: filtered, sorted, and shown a page at a time, however many there are.
// All texts of students and benchmarks go through textContent, never through markup.

const verdicts = ["right", "wrong", "unparsed", "unmarked"];
const itemsAPage = 100;
const snippetLength = 160;
const patienceMs = 150;

const shared = JSON.parse(document.getElementById("shared").textContent);
const records = [...document.querySelectorAll("script.records")].flatMap(part => JSON.parse(part.textContent));

const items = records.map((fields, place) => {
  const [task, row, repeat, verdict, settings, rest, response, answer, gold, defect, promptTokens, responseTokens, isCut, version, seconds,
    time, seed, continuations] = fields;
  return {
    place, task, row, repeat, verdict: verdicts[verdict], settings: shared.settings[settings], prompt: shared.starts[task] + rest, response,
    answer, gold, defect: defect < 0 ? null : shared.defects[defect], promptTokens, responseTokens, isCut: isCut === 1,
    version: shared.versions[version], seconds, time, seed, continuations,
    name: `${shared.tasks[task]}/${row}` + (repeat > 0 ? ` sample ${repeat}` : ""),
  };
});

// What a search looks in, made at the first one: it takes as much memory as all texts.
function foldedOf(item) {
  item.folded ??= `${item.prompt}\n${item.response}\n${item.answer ?? ""}`.toLowerCase();
  return item.folded;
}

const columns = [
  item => item.name,
  item => item.verdict,
  item => item.answer,
  item => item.gold.join(" | "),
  item => item.response,
  item => item.responseTokens,
  item => item.seconds,
  item => item.defect === null ? null : item.defect[0],
];

const list = { shown: items, page: 0, column: null, sign: 1 };
const byName = document.getElementById("by-name");
const byVerdict = document.getElementById("by-verdict");
const byDefect = document.getElementById("by-defect");
const byText = document.getElementById("by-text");
const rows = document.querySelector("#items tbody");

function filterItems() {
  const [task, verdict, defect, text] = [byName.value, byVerdict.value, byDefect.value, byText.value.toLowerCase()];
  list.shown = items.filter(item =>
    (task === "" || item.task === Number(task))
    && (verdict === "" || item.verdict === verdict)
    && (defect === "" || (item.defect !== null) === (defect === "with"))
    && (text === "" || foldedOf(item).includes(text)));
  sortItems();
}

function sortItems() {
  if (list.column !== null) {
    const keyed = list.shown.map(item => ({ item, key: columns[list.column](item) }));
    keyed.sort((first, second) => compareKeys(first.key, second.key, list.sign));
    list.shown = keyed.map(pair => pair.item);
  }
  showPage(0);
}

function showPage(page) {
  const pages = Math.max(1, Math.ceil(list.shown.length / itemsAPage));
  list.page = Math.min(Math.max(page, 0), pages - 1);
  const first = list.page * itemsAPage;
  rows.replaceChildren(...list.shown.slice(first, first + itemsAPage).map((item, place) => rowOf(item, first + place)));
  document.getElementById("count").textContent = list.shown.length === 0
    ? "no answer matches" : `${list.shown.length} of ${items.length} answers`;
  document.getElementById("pages").textContent = `page ${list.page + 1} of ${pages}`;
  document.getElementById("earlier").disabled = list.page === 0;
  document.getElementById("later").disabled = list.page === pages - 1;
}

function rowOf(item, place) {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.append(element("button", item.name));
  head.firstChild.type = "button";
  row.append(head, element("td", item.verdict, `verdict ${item.verdict}`), element("td", oneLine(item.answer ?? "–")),
    element("td", oneLine(item.gold.join(" | "))), element("td", oneLine(item.response)), element("td", item.responseTokens, "number"),
    element("td", item.seconds.toFixed(2), "number"), element("td", item.defect === null ? "" : item.defect[0]));
  // The button in the row answers the keyboard; its click arrives here too.
  row.addEventListener("click", () => openItem(place));
  return row;
}

function element(name, text, style = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = style;
  return made;
}

function oneLine(text) {
  return text.slice(0, snippetLength).replace(/\s+/g, " ");
}

function addOptions(select, options) {
  select.append(...options.map(([value, text]) => {
    const option = element("option", text);
    option.value = value;
    return option;
  }));
}

function countOf(property, value) {
  return items.filter(item => item[property] === value).length;
}

addOptions(byName, [["", `all ${shared.tasks.length}`],
  ...shared.tasks.map((task, place) => [place, `${task} (${countOf("task", place)})`])]);
addOptions(byVerdict, [["", "all"], ...verdicts.map(verdict => [verdict, `${verdict} (${countOf("verdict", verdict)})`])]);

let waiting = 0;
byText.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(filterItems, patienceMs);
});
for (const select of [byName, byVerdict, byDefect]) {
  select.addEventListener("change", filterItems);
}
const filters = document.getElementById("filters");
filters.addEventListener("submit", event => {
  event.preventDefault();
  filterItems();
});
// The fields are empty only after the event.
filters.addEventListener("reset", () => setTimeout(filterItems));
document.getElementById("earlier").addEventListener("click", () => showPage(list.page - 1));
document.getElementById("later").addEventListener("click", () => showPage(list.page + 1));
sortByHeads(document.getElementById("items"), (column, sign) => {
  list.column = column;
  list.sign = sign;
  sortItems();
});
showPage(0);
