"use strict";
// Single answers side by side. All text is put in as text: nothing that a model wrote is markup.
function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function marked(text, words) {
  const node = document.createDocumentFragment();
  const terms = words.filter((word) => word.length > 1).sort((a, b) => b.length - a.length);
  let left = text;
  while (left) {
    let at = -1, hit = "";
    for (const word of terms) {
      const place = left.indexOf(word);
      if (place >= 0 && (at < 0 || place < at)) [at, hit] = [place, word];
    }
    if (at < 0) break;
    node.append(left.slice(0, at), element("mark", "", hit));
    left = left.slice(at + hit.length);
  }
  node.append(left);
  return node;
}

const money = (usd) => (usd === null ? say("unpriced") : usd >= 0.01 ? `$${usd.toFixed(2)}` : usd > 0 && usd < 1e-4 ? "< $0.0001" : `$${usd.toLocaleString("en", { maximumSignificantDigits: 2, maximumFractionDigits: 20 })}`);
const TEXT = 0, READ = 1, OUTCOME = 2, RIGHT = 3, INPUT = 4, OUTPUT = 5, USD = 6, FOUND = 7, ERROR = 8;
const state = (answer) => (answer[OUTCOME] === "error" ? "error" : answer[RIGHT] ? "right" : "wrong");

const KINDS = {
  all: () => true,
  differ: (answers) => new Set(answers.map((each) => each[RIGHT])).size > 1,
  wrong: (answers) => answers.every((each) => !each[RIGHT]),
  right: (answers) => answers.every((each) => each[RIGHT]),
  errors: (answers) => answers.some((each) => each[OUTCOME] === "error"),
};
function fits(item, kind, who, wanted) {
  const answers = Object.values(item.answers);
  if (kind === "only") {
    const right = Object.entries(item.answers).filter(([, answer]) => answer[RIGHT]);
    if (right.length !== 1 || (who !== "" && right[0][0] !== who)) return false;
  } else if (!KINDS[kind](answers)) return false;
  else if (who !== "" && !(who in item.answers)) return false;
  if (!wanted) return true;
  const text = [item.id, item.row, item.question ?? "", item.target, ...answers.map((each) => each[TEXT])].join("\n");
  return text.toLowerCase().includes(wanted);
}

function prompt(data, item, configuration) {
  const node = element("details");
  node.append(element("summary", "", say("prompt")));
  if (data.instructions) node.append(element("blockquote", "", data.instructions));
  for (const [question, answer] of configuration.examples) node.append(element("blockquote", "", `${question}\n→ ${answer}`));
  node.append(element("blockquote", "", [item.question ?? item.row, ...(item.choices ?? [])].join("\n")));
  return node;
}
function passage(data, item, number, gold) {
  const [place, text] = data.passages[number];
  const node = element("blockquote", gold ? "gold" : "");
  node.append(element("b", "", place || "–"), gold ? ` · ${say("gold")}` : "", text ? "\n" : "");
  node.append(marked(text, item.accepted));
  return node;
}
function isGold(data, item, number) {
  const squash = (text) => text.replace(/\s+/g, "");
  const text = squash(data.passages[number][1]);
  return (item.gold ?? []).some((other) => {
    const gold = squash(data.passages[other][1]);
    return gold && text && (text.includes(gold) || gold.includes(text));
  });
}

function answered(data, item, number, answer) {
  const configuration = data.settings[number];
  const node = element("div", "answer");
  const who = element("div", "who");
  const mark = element("i", "mark");
  mark.style.background = settings.colours[configuration.group];
  who.append(mark, configuration.name, " ");
  const outcome = answer[OUTCOME] === "ok" ? "" : ` · ${say(`outcome.${answer[OUTCOME]}`)}`;
  who.append(element("span", `state ${state(answer)}`, say(state(answer)) + outcome));
  node.append(who, element("div", "what", answer[TEXT] || "–"));
  if (answer[READ]) node.append(element("div", "spent", `${say("read")} ${answer[READ]}`));
  if (answer[ERROR]) node.append(element("div", "spent", answer[ERROR]));
  const tokens = configuration.model ? `${answer[INPUT].toLocaleString()} → ${answer[OUTPUT].toLocaleString()} ${say("tokens")} · ` : "";
  node.append(element("div", "spent", `${tokens}${money(answer[USD])}`));
  if (answer[FOUND].length) {
    const passages = element("details");
    passages.append(element("summary", "", `${say("passages")} (${answer[FOUND].length})`));
    for (const each of answer[FOUND]) passages.append(passage(data, item, each, isGold(data, item, each)));
    node.append(passages);
  }
  if (configuration.model) node.append(prompt(data, item, configuration));
  return node;
}

function show(place, data, item) {
  const one = place.querySelector(".one");
  one.replaceChildren();
  if (!item) return;
  one.append(element("div", "question", item.question ?? item.row));
  const facts = element("p", "facts");
  const columns = Object.entries(item.columns).map(([name, value]) => `${name}=${value}`);
  facts.append(`${say("target")} `, element("b", "", item.target || "–"), ` · ${[item.row, ...columns].join(" · ")} `);
  const link = element("a", "link", say("link"));
  link.href = address(place, item);
  facts.append(link);
  one.append(facts);
  if (item.gold?.length) {
    const gold = element("details");
    gold.append(element("summary", "", `${say("gold")} (${item.gold.length})`));
    for (const each of item.gold) gold.append(passage(data, item, each, true));
    one.append(gold);
  }
  for (const [number, answer] of Object.entries(item.answers)) one.append(answered(data, item, number, answer));
  one.scrollTop = 0;
}
const address = (place, item) => `#ex=${place.dataset.place}/${encodeURIComponent(item.id)}`;

function browser(place, data) {
  const list = place.querySelector(".list"), kind = place.querySelector(".kind");
  const who = place.querySelector(".who"), find = place.querySelector(".find");
  const byId = new Map(data.items.map((item) => [item.id, item]));
  let current = null, visible = [];
  data.settings.forEach((configuration, number) => {
    const option = element("option", "", configuration.name);
    option.value = String(number);
    who.append(option);
  });
  const row = (item) => {
    const node = element("li", "", item.question ?? item.row);
    const dots = element("span", "dots");
    for (const answer of Object.values(item.answers)) dots.append(element("i", state(answer)));
    node.append(dots);
    node.dataset.id = item.id;
    node.setAttribute("aria-current", String(item === current));
    return node;
  };
  const fill = () => {
    const wanted = find.value.trim().toLowerCase();
    visible = data.items.filter((item) => fits(item, kind.value, who.value, wanted));
    if (!visible.includes(current)) current = visible[0] ?? null;
    list.replaceChildren(...visible.map(row));
    place.querySelector(".found").textContent = `${visible.length.toLocaleString()} / ${data.items.length.toLocaleString()}`;
    show(place, data, current);
  };
  const go = (item) => {
    current = item;
    for (const each of list.children) each.setAttribute("aria-current", String(each.dataset.id === item.id));
    list.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
    show(place, data, item);
    history.replaceState(null, "", address(place, item));
  };
  list.addEventListener("click", (event) => {
    const row_ = event.target.closest("li");
    if (row_) go(byId.get(row_.dataset.id));
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step && visible[visible.indexOf(current) + step];
    if (!next) return;
    event.preventDefault();
    go(next);
  });
  for (const [control, name] of [[kind, "change"], [who, "change"], [find, "input"]]) control.addEventListener(name, fill);
  document.addEventListener("words", fill);
  document.addEventListener("address", () => {
    const [, task, id] = /^#ex=(t\d+)\/(.+)$/.exec(location.hash) ?? [];
    let name;
    try { name = id && decodeURIComponent(id); } catch { return; }
    if (task !== place.dataset.place || !byId.has(name)) return;
    kind.value = "all";
    who.value = find.value = "";
    current = byId.get(name);
    fill();
    go(current);
  });
  fill();
}

function browse(all) {
  for (const place of document.querySelectorAll(".examples")) if (all[place.dataset.place]) browser(place, all[place.dataset.place]);
}
