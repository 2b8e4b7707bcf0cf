// One answer with everything that was asked, said and found.

const dialog = document.getElementById("item");
const blanks = document.getElementById("blanks");
let opened = 0;

// Blanks, line ends, controls, marks of direction and halves of surrogate pairs, which otherwise nobody sees.
const unseen = /[ \p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u00a0]/gu;
const signs = { " ": "·", "\t": "→\t", "\n": "↵\n" };

function shown(text) {
  return !blanks.checked ? text : text.replace(unseen, letter =>
    signs[letter] ?? `⟨U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

function openItem(place) {
  opened = place;
  showItem();
  if (!dialog.open) {
    dialog.showModal();
  }
  dialog.scrollTop = 0;
}

function showItem() {
  const item = list.shown[opened];
  const [system, isRaw, maxTokens, temperature, stops] = item.settings;
  document.getElementById("item-name").textContent = item.name;
  document.getElementById("item-facts").replaceChildren(
    fact("verdict", item.verdict, `verdict ${item.verdict}`),
    fact("answer found", item.answer === null ? "none" : shown(item.answer)),
    fact("gold", item.gold.length === 0 ? "none: a judge marks it" : shown(item.gold.join(" | "))),
    fact("defect", item.defect === null
      ? "none known" : `${shown(item.defect[0])} (share of it that nobody can get right: ${item.defect[1]})`),
    fact("tokens", `${item.promptTokens} of the prompt, ${item.responseTokens} of the response` + (item.isCut ? ", cut" : "")),
    fact("version", shown(item.version)),
    fact("time", `${item.time}, after ${item.seconds} seconds`),
    fact("asked", `up to ${maxTokens} tokens, temperature ${temperature}` + (temperature > 0 ? `, seed ${item.seed}` : "")
      + (stops.length > 0 ? `, ended by ${JSON.stringify(stops)}` : "")));
  document.getElementById("item-texts").replaceChildren(
    ...text("system message", system),
    ...text(isRaw ? "prompt, all that the student reads" : "prompt, the user's text", item.prompt),
    ...item.continuations.flatMap((continuation, place) => text(`continuation ${place + 1} that was ranked`, continuation)),
    ...text("response", item.response));
  document.getElementById("previous").disabled = opened === 0;
  document.getElementById("next").disabled = opened === list.shown.length - 1;
}

function fact(name, value, style) {
  const both = document.createElement("div");
  both.append(element("dt", name), element("dd", value, style));
  return both;
}

function text(name, value) {
  const body = element("pre", shown(value));
  body.dir = "auto";
  return [element("h3", name), body];
}

blanks.addEventListener("change", showItem);
document.getElementById("previous").addEventListener("click", () => openItem(opened - 1));
document.getElementById("next").addEventListener("click", () => openItem(opened + 1));
document.getElementById("close").addEventListener("click", () => dialog.close());
