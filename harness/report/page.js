"use strict";
const settings = JSON.parse(document.getElementById("settings").textContent);
const root = document.documentElement;
const problems = [];
addEventListener("error", (event) => problems.push(event.message));
addEventListener("unhandledrejection", (event) => problems.push(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => problems.push(`blocked: ${event.blockedURI}`));

const kept = {
  get(name) { try { return localStorage.getItem(`adaptbench-${name}`); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(`adaptbench-${name}`, value); } catch { /* private mode */ } },
};
const language = () => root.dataset.lang;
const say = (key) => settings.words[language()][key] ?? key;

async function unpack(id) {
  const place = document.getElementById(id);
  if (!place) return null;
  const bytes = Uint8Array.from(atob(place.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// Language and theme.
function speak(name) {
  root.lang = root.dataset.lang = name;
  document.title = settings.titles[name] ?? document.title;
  const button = document.getElementById("language");
  if (button) {
    button.textContent = name === "ko" ? "English" : "한국어";
    button.lang = name === "ko" ? "en" : "ko";
  }
  for (const each of document.querySelectorAll("[data-of]")) each.setAttribute(each.dataset.of, each.dataset[name]);
  for (const each of document.querySelectorAll("option[data-en]")) each.textContent = each.dataset[name];
  for (const place of document.querySelectorAll(".scroll")) place.dataset.hint = say("scrolls");
  document.dispatchEvent(new Event("words"));
  redraw();
}
function paint(name) {
  root.dataset.theme = name;
  redraw();
}

// Charts are drawn when they come near, and again when the language or the theme changes.
let charts = {};
const drawn = new Set();
let printing = false;
function ink() {
  const dark = root.dataset.theme === "dark" && !printing;
  return dark ? { ink: "#dfe5ec", box: "#1c232c", line: "#3a434f" } : { ink: "#2a313b", box: "#ffffff", line: "#c9d0d8" };
}
async function draw(place) {
  const chart = charts[place.id.slice("chart-".length)]?.[language()];
  if (!chart || typeof Plotly === "undefined") return;
  drawn.add(place);
  const colours = ink();
  const layout = structuredClone(chart.layout);
  layout.font.color = colours.ink;
  layout.hoverlabel = { ...layout.hoverlabel, bgcolor: colours.box, bordercolor: colours.line, font: { ...layout.hoverlabel.font, color: colours.ink } };
  const narrow = place.clientWidth < 560;
  if (narrow) {
    layout.margin = { ...layout.margin, l: Math.min(layout.margin.l, 44), r: Math.min(layout.margin.r, 56) };
    layout.font.size = 11;
    layout.xaxis = { ...layout.xaxis, tickangle: 0, ...(layout.xaxis.type === "log" ? {} : { nticks: 4 }) };
    const ticks = layout.xaxis.type === "log" ? layout.xaxis.ticktext : null;
    if (ticks?.some((text) => text.length > 6)) layout.xaxis.ticktext = ticks.map((text, place) => (place % 2 ? "" : text));
    const names = [...new Set(chart.data.flatMap((trace) => (typeof trace.y?.[0] === "string" ? trace.y : [])))];
    if (names.length) layout.yaxis = { ...layout.yaxis, tickmode: "array", tickvals: names, ticktext: names.map(narrowed) };
  }
  if (printing) layout.width = place.closest(".panels") ? 205 : 640;
  const data = structuredClone(chart.data);
  for (const trace of data) {
    if (narrow && trace.mode === "markers+text") trace.textfont = { size: 10 };
    for (const bar of [trace.error_x, trace.error_y]) if (bar) bar.color = colours.ink + "88";
  }
  await Plotly.react(place, data, layout, { displaylogo: false, responsive: !printing, showSendToCloud: false, displayModeBar: false });
  place.dataset.drawn = language();
}
function narrowed(name) { // the same name in lines of 20 letters at most, where it may break
  const lines = [""];
  for (const word of name.replace(/<br>/g, " ").match(/&\w+;|[^\s+]+[\s+]?|[\s+]/g) ?? [name]) {
    if (lines[lines.length - 1] && (lines[lines.length - 1] + word).trim().length > 20) lines.push("");
    lines[lines.length - 1] += word;
  }
  return lines.join("<br>");
}
// A table that is wider than its place says that it scrolls, and can be scrolled by keyboard.
const widths = new ResizeObserver((all) => all.forEach(({ target }) => {
  const over = target.scrollWidth > target.clientWidth + 1;
  target.classList.toggle("over", over);
  target.tabIndex = over ? 0 : -1;
}));
function redraw() {
  for (const place of drawn) draw(place);
}
function near(place) {
  const box = place.getBoundingClientRect();
  return place.offsetParent !== null && box.top < innerHeight + 900 && box.bottom > -900;
}
function drawNear() {
  for (const place of document.querySelectorAll(".chart")) if (!drawn.has(place) && near(place)) draw(place);
}
addEventListener("beforeprint", () => {
  printing = true;
  for (const place of document.querySelectorAll(".chart")) draw(place);
});
addEventListener("afterprint", () => {
  printing = false;
  redraw();
});

// Tables: sorted by a click, long ones shown in parts.
const SHOWN = 200; // as the templates hide the rest
function sortable(table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const textual = (column) => [...body.rows].slice(0, 50).every((row) => row.cells[column]?.dataset.v === undefined);
  heads.forEach((head, column) => {
    if (textual(column)) head.classList.add("textual");
    head.querySelector("button")?.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "descending" || (!head.hasAttribute("aria-sort") && textual(column));
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "ascending" : "descending");
      const keyed = [...body.rows].map((row, place) => {
        const cell = row.cells[column];
        const raw = cell?.dataset.v ?? cell?.textContent.trim() ?? "";
        return { row, place, empty: raw === "", number: cell?.dataset.v === undefined ? NaN : Number(raw), raw };
      });
      const compare = new Intl.Collator(language(), { numeric: true }).compare;
      keyed.sort((a, b) => {
        if (a.empty !== b.empty) return a.empty ? 1 : -1;
        const order = Number.isNaN(a.number) || Number.isNaN(b.number) ? compare(a.raw, b.raw) : a.number - b.number;
        return (down ? order : -order) || a.place - b.place;
      });
      body.append(...keyed.map((each) => each.row));
      table.dispatchEvent(new Event("sorted"));
    });
  });
  if (body.rows.length > SHOWN) partly(table, body);
}
function partly(table, body) {
  let shown = SHOWN, wanted = "", waiting = 0;
  const texts = new Map();
  const textOf = (row) => texts.get(row) ?? texts.set(row, row.textContent.toLowerCase()).get(row);
  const bar = document.createElement("div"), find = document.createElement("input");
  const count = document.createElement("span"), more = document.createElement("button");
  bar.className = "more";
  find.type = "search";
  more.type = "button";
  bar.append(find, count, more);
  table.closest(".scroll").before(bar);
  const show = () => {
    let fitting = 0;
    for (const row of body.rows) {
      const fits = !wanted || textOf(row).includes(wanted);
      row.hidden = !fits || ++fitting > shown;
    }
    count.textContent = `${Math.min(shown, fitting).toLocaleString()} / ${fitting.toLocaleString()}`;
    more.hidden = fitting <= shown;
    more.textContent = say("more");
    find.placeholder = say("find");
  };
  find.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { wanted = find.value.trim().toLowerCase(); show(); }, 120);
  });
  more.addEventListener("click", () => { shown += 5 * SHOWN; show(); });
  table.addEventListener("sorted", show);
  document.addEventListener("words", show);
  show();
}

// Tabs of tasks.
function choose(tab) {
  for (const other of document.querySelectorAll('[role="tab"]')) {
    const mine = other === tab;
    other.setAttribute("aria-selected", String(mine));
    other.tabIndex = mine ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !mine;
  }
  drawNear();
}
function tabs() {
  const all = [...document.querySelectorAll('[role="tab"]')];
  all.forEach((tab, place) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = all[(place + step + all.length) % all.length];
      choose(next);
      next.focus();
    });
  });
  if (all.length) choose(all[0]);
}
function follow() {
  const place = /^#(?:task-|ex=|if=)(t\d+)/.exec(location.hash)?.[1];
  const tab = place && document.getElementById(`tab-${place}`);
  if (tab) choose(tab);
  const part = { ex: "examples", if: "whatif" }[location.hash.slice(1, 3)] ?? "task";
  const target = place && document.getElementById(`${part}-${place}`);
  target?.scrollIntoView();
  document.dispatchEvent(new Event("address"));
}

document.getElementById("language")?.addEventListener("click", () => {
  const next = language() === "ko" ? "en" : "ko";
  kept.set("language", next);
  speak(next);
});
document.getElementById("theme")?.addEventListener("click", () => {
  const next = root.dataset.theme === "dark" ? "light" : "dark";
  kept.set("theme", next);
  paint(next);
});
document.getElementById("print")?.addEventListener("click", () => print());
addEventListener("scroll", drawNear, { passive: true });
addEventListener("resize", drawNear);
addEventListener("hashchange", follow);

(async () => {
  root.dataset.theme = kept.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  for (const table of document.querySelectorAll(".three")) {
    const heads = [...table.tHead.rows[0].cells];
    for (const row of table.tBodies[0].rows) [...row.cells].forEach((cell, column) => {
      for (const lang of ["en", "ko"]) cell.dataset[lang] = heads[column].querySelector(`[lang=${lang}]`)?.textContent ?? heads[column].textContent;
    });
  }
  for (const table of document.querySelectorAll(".survey")) {
    const [kinds, heads] = [...table.tHead.rows].map((row) => [...row.cells]);
    const text = (cell, lang) => cell.querySelector(`[lang=${lang}]`)?.textContent ?? cell.textContent;
    for (const row of table.querySelectorAll("tbody tr")) [...row.cells].forEach((cell, column) => {
      const quoted = cell.matches("td[rowspan]"), place = quoted ? column - 1 : heads.length - row.cells.length + column;
      if (cell.tagName === "TD" && cell.colSpan === 1) for (const lang of ["en", "ko"]) {
        const kind = quoted ? kinds[1] : place === heads.length - 1 ? kinds[kinds.length - 1] : null;
        cell.dataset[lang] = cell.matches(".our") ? "" : `${kind ? `${text(kind, lang)}: ` : ""}${text(heads[place], lang)}`;
      }
    });
  }
  document.querySelectorAll("table.data").forEach(sortable);
  document.querySelectorAll(".scroll").forEach((place) => widths.observe(place));
  tabs();
  const examples = await unpack("example-data");
  if (examples) browse(JSON.parse(examples));
  const otherwise = await unpack("whatif-data");
  if (otherwise) whatIf(JSON.parse(otherwise));
  const [drawings, library] = await Promise.all([unpack("charts"), unpack("plotly")]);
  if (library) {
    const script = document.createElement("script");
    script.textContent = library;
    document.head.append(script);
    charts = JSON.parse(drawings);
  }
  speak(kept.get("language") ?? settings.language);
  follow();
  drawNear();
  root.dataset.ready = "yes";
})();
