"use strict";
// What a reader asks otherwise: fields, the answer of decide.js in words, the address, the command.

// Fields: what each has to be, and the option of `harness recommend` that says the same.
const FIGURE = /^(\d+(\.\d*)?|\.\d+|\d{1,3}(,\d{3})+(\.\d*)?)(e[+-]?\d+)?$/i;
const number = (fits, empty) => (text) => {
  if (text === "") return empty;
  const value = FIGURE.test(text) ? Number(text.replaceAll(",", "")) : NaN;
  return Number.isFinite(value) && fits(value) ? value : undefined;
};
const positive = (value) => value > 0, notNegative = (value) => value >= 0;
const FIELDS = {
  requests: ["--requests-per-month", number(notNegative)],
  months: ["--months", number(positive)],
  updates: ["--updates-per-month", number(notNegative)],
  relabel: ["--update-labels", number((value) => value >= 0 && value <= 1, null)],
  label: ["--label-usd", number(notNegative, null)],
  error: ["--cost-per-error", (text, data) => number((value) => value >= 0 && !(value && data.declared), 0)(text)],
  handover: ["--cost-per-handover", number(notNegative, null)],
  margin: ["--margin", (text) => {
    const share = text.endsWith("%"), value = number(positive, null)(share ? text.slice(0, -1) : text);
    if (!share || !(value >= 100)) return value && { share: share ? value / 100 : null, value };
  }],
  latency: ["--max-latency", number(positive, null)],
  machine: ["--machine", (text) => text],
  stays: ["--data-stays", (text) => text],
};
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);
function commandOf(data, texts) {
  const said = Object.entries(FIELDS).filter(([name]) => texts[name] !== "" && !(name === "stays" && texts.stays === "any"));
  return [data.command, ...said.map(([name, [flag]]) => `${flag} ${quoted(texts[name].replaceAll(",", ""))}`)].join(" ");
}

// Words and figures, as the rest of the page writes them.
const filled = (key, values) => say(key).replace(/\{(\w+)[^}]*\}/g, (_, name) => values[name] ?? "");
const figure = (value) => Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 12 });
const dollars = (value) => { const places = Math.abs(value) < 100 ? 2 : 0; return value.toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places }); };
const amount = (data, value) => (data.share ? filled("points", { value: (100 * value).toFixed(1) }) : `${Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : figure(value)} ${data.unit?.[language()] ?? ""}`.trim());
function cash(data, usd, least) {
  if (usd === null) return say("unpriced");
  const [sign, rate, whole] = data.money, value = usd * rate, size = Math.abs(value);
  if (size > 0 && size < 1e-4) return least ? `≥ ${sign}0` : `< ${sign}0.0001`; // as `cash` of harness/text.py
  const digits = size >= 1000 || (whole && size >= 100) || size === 0 ? 0 : size < 0.01 ? 1 - Math.floor(Math.log10(size)) : 2;
  return `${least ? "≥ " : ""}${sign}${value.toLocaleString("en", { minimumFractionDigits: Math.min(digits, 20), maximumFractionDigits: Math.min(digits, 20) })}`;
}
const reasons = (found) => found.map(([code, values]) => filled(`reason.${code}`, values)).join("; ");
function sentenceOf(data, asked, answer) {
  const refused = [...new Set(answer.all.map((line) => reasons(line.refused)).filter(Boolean))].join("; ");
  const why = reasons(answer.reasons.map(([code, values]) => [code, { ...values, why: refused }]));
  const line = answer.chosen;
  if (!answer.group) return say(answer.handovers ? "whatif.handovers" : "whatif.program");
  if (!line) return filled("sentence.nothing", { why: [why, answer.nearest && filled("sentence.nearest", { name: answer.nearest.name, level: 100 * data.near })].filter(Boolean).join("; ") });
  const told = { name: line.name, months: asked.months, requests: asked.requests.toLocaleString("en"), why };
  if (answer.total) {
    const kind = answer.verdict === "decided" ? (line.regret ? "decided.near" : "decided.lowest") : "leaning";
    return filled(`sentence.total.${kind}`, { ...told, usd: inAll(data, line), lost: cash(data, line.lost), regret: cash(data, line.regret) });
  }
  const rank = line.far === 0 ? "highest" : line === answer.best ? "best" : "near";
  return filled(`sentence.${answer.verdict}.${rank}`, {
    ...told, usd: cash(data, line.usd, line.least.usd), metric: data.metric, quality: data.share ? figure(line.quality) : amount(data, line.quality),
    behind: amount(data, line.far), top: say(data.higher ? "top.high" : "top.low"), best: answer.best.name,
  });
}
const inAll = (data, line) => cash(data, line.usd, line.least.usd) + (line.least.usd || line.low === undefined ? "" : ` [${cash(data, line.low)}, ${cash(data, line.high)}]`);

function whatIf(everything) {
  for (const [place, data] of Object.entries(everything)) fieldsOf(document.getElementById(`whatif-${place}`), place, data);
}
function fieldsOf(section, place, data) {
  const inputs = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, section.querySelector(`[name="${name}"]`)]));
  const part = (name) => section.querySelector(`.${name}`);
  for (const each of data.machines) if (each.id) inputs.machine.append(new Option(each.text, each.id));
  const texts = () => Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value.trim()]));
  const fill = (given) => { for (const [name, input] of Object.entries(inputs)) {
    input.value = given[name] ?? data.start[name];
    if (input.selectedIndex === -1) input.selectedIndex = 0;
  } };

  function show() {
    const said = texts(), asked = {};
    let wrong = false;
    for (const [name, [, read]] of Object.entries(FIELDS)) {
      asked[name] = read(said[name], data);
      inputs[name].setAttribute("aria-invalid", String(asked[name] === undefined));
      wrong ||= asked[name] === undefined;
    }
    const answer = wrong ? null : answerTo(data, asked), chosen = answer?.chosen;
    if (answer?.best && data.share && answer.margin >= 1) wrong = inputs.margin.ariaInvalid = "true";
    section.classList.toggle("wrong", Boolean(wrong));
    part("note").textContent = wrong ? say("whatif.wrong") : "";
    if (wrong) return;
    section.classList.toggle("total", Boolean(answer.total));
    inputs.margin.placeholder = answer.total || data.margin.share ? `${100 * (answer.total ? data.total : data.margin.share)}%` : data.margin.value;
    part("verdict").textContent = say(`verdict.${answer.verdict}`);
    part("verdict").className = `verdict ${answer.verdict.replaceAll(" ", "-")}`;
    part("sentence").textContent = sentenceOf(data, asked, answer);
    part("command").textContent = commandOf(data, said);
    const made = (name, text) => Object.assign(document.createElement(name), { textContent: text });
    const cost = (line) => line.usd ?? Infinity;
    const taking = answer.all.filter((line) => !line.refused.length), out = answer.all.filter((line) => line.refused.length);
    taking.sort((a, b) => (b === chosen) - (a === chosen) || (cost(a) === cost(b) ? a.k - b.k : cost(a) - cost(b)));
    part("lines").replaceChildren(...taking.map((line) => {
      const row = made("tr", ""), sums = ["once", "monthly"].map((name) => cash(data, line[name], line.least[name]));
      const far = line.far === undefined ? "–" : amount(data, line.far), p95 = line.p95 === null ? "–" : `${figure(line.p95)} s`;
      const last = answer.total ? [cash(data, line.lost / asked.months), inAll(data, line), cash(data, line.regret ?? null)] : [cash(data, line.usd, line.least.usd), far, p95];
      row.className = line === chosen ? answer.verdict : "";
      row.append(Object.assign(made("th", line.name), { scope: "row" }), ...[...sums, ...last].map((text) => made("td", text)));
      return row;
    }));
    part("refused").replaceChildren(...out.map((line) => made("li", `${line.name}: ${reasons(line.refused)}`)));
    section.answer = answer;
  }
  function moved() {
    const said = texts(), given = Object.entries(said).filter(([name, text]) => text !== data.start[name]);
    const address = given.length ? `#${new URLSearchParams([["if", place], ...given])}` : location.pathname + location.search;
    history.replaceState(null, "", address);
    show();
  }
  function follow() {
    const given = new URLSearchParams(location.hash.slice(1));
    if (given.get("if") !== place) return;
    fill(Object.fromEntries(given));
    show();
  }
  section.addEventListener("input", moved);
  part("again").addEventListener("click", () => { fill({}); moved(); });
  part("copy").addEventListener("click", async () => {
    const range = document.createRange();
    range.selectNodeContents(part("command"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    let copied = false;
    try { await navigator.clipboard.writeText(part("command").textContent); copied = true; } catch { copied = document.execCommand("copy"); }
    part("note").textContent = say(copied ? "whatif.copied" : "whatif.select");
  });
  document.addEventListener("words", show);
  document.addEventListener("address", follow);
  section.hidden = false;
  inputs.error.closest("label").hidden = data.declared;
  fill({});
  show();
}
