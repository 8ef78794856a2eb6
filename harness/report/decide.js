"use strict";
// Decides again as harness.costs.ownership.total_cost, Demand.machines and
// harness.analysis.recommend (constraints, decide, total, advise) do, from the quantities and bounds
// of harness/report/whatif; a test draws settings and compares the two.

const times = (amount, price) => (amount === 0 ? 0 : amount === null || price === null ? null : amount * price);
const sum = (parts) => (parts.includes(null) ? null : parts.reduce((total, part) => total + part, 0));

function machinesFor(capacity, data, requests) {
  if (capacity === null) return null;
  if (capacity === "inf") return 1;
  const needed = requests / ((capacity * 3600 * data.hours) / data.peak);
  return Math.max(1, Math.ceil(needed * (1 - 1e-12)));
}
function costOf(data, machine, asked, k, label = asked.label) {
  const [compute, update, fixed, request, base, plain, steps] = machine.offers[k];
  const labels = data.labels[k] * (label ?? 0);
  const once = compute === null ? null : compute + labels;
  const updated = update === null ? null : update + labels * (asked.relabel ?? 0);
  let capacity = plain;
  if (asked.latency !== null && plain !== "inf") {
    capacity = null;
    for (const [most, rate] of steps) if (most <= asked.latency) capacity = rate;
  }
  const count = machinesFor(capacity, data, asked.requests);
  const parts = [
    once, times(asked.months * asked.updates, updated), times(asked.months, times(fixed, count)),
    times(asked.months, base), times(asked.months * asked.requests, request),
  ];
  const usd = sum(parts), floor = sum(parts.filter((part) => part !== null));
  const priced = !data.labels[k] || label !== null;
  const renewed = !data.labels[k] || !asked.updates || asked.relabel === 0 || (label !== null && asked.relabel !== null);
  const monthly = usd === null || once === null ? null : (usd - once) / asked.months;
  return { once, monthly, usd, floor, least: { once: !priced, monthly: !renewed, usd: !(priced && renewed) } };
}
function refusalsOf(data, machine, asked, k) {
  const found = [];
  if (asked.latency !== null) {
    if (!machine.timed[k]) found.push(["latency_unknown", {}]);
    else if (machine.p95[k] === null) found.push(["latency_few", { count: machine.timed[k] }]);
    else if (machine.p95[k] > asked.latency) found.push(["latency", { seconds: figure(machine.p95[k]) }]);
  }
  if (data.leaves[asked.stays][k]) found.push([asked.stays === "on-prem" ? "vendor" : "country", {}]);
  return found;
}
function cheapest(lines, fits) {
  const left = lines.filter((line) => line.usd !== null && fits(line));
  const least = Math.min(...left.map((line) => line.usd));
  return left.filter((line) => line.usd <= least).reduce((a, b) => (a && a.value >= b.value ? a : b), null);
}
// Doubts that do not hang on what decides: those in `few` have too few seeds.
function doubts(data, group, lines, few) {
  const found = [];
  if (few.length) found.push(["runs", { names: few.map((line) => line.name).join(", ") }]);
  if (group.clusters < data.clusters) found.push(["clusters", { clusters: group.clusters, least: data.clusters }]);
  if (lines.length === 1) found.push(["alone", {}]);
  return found;
}
// The cheapest that is shown not to be behind the best by more than the margin.
function byQuality(data, asked, machine, group, lines) {
  const best = lines.reduce((a, b) => (b.value > a.value ? b : a));
  const { share, value } = asked.margin ?? data.margin;
  if (share && !best.value) return {}; // a share of 0 is no margin
  const margin = share === null ? value : share * Math.abs(best.value);
  const chosen = cheapest(lines, (line) => line.far <= margin), answer = { group, best, margin, chosen };
  if (!chosen) {
    const unpriced = lines.some((line) => line.far <= margin) && lines.some((line) => line.usd === null);
    const nothing = data.share ? ["nothing", { points: figure(100 * margin) }] : ["nothing_amount", { margin: amount(data, margin) }];
    return { ...answer, nearest: cheapest(lines, (line) => line.near <= margin), reasons: [unpriced ? ["no_price", {}] : nothing] };
  }
  const reach = chosen.value + margin - group.luck;
  answer.reasons = doubts(data, group, lines, lines.filter((line) => data.lack[line.k] && (line === chosen || line.value > reach)));
  if (asked.label === null) {
    const lead = (line, label) => costOf(data, machine, asked, line.k, label).usd - costOf(data, machine, asked, chosen.k, label).usd;
    const turns = lines.filter((line) => line !== chosen && line.usd !== null && line.far <= margin).map((line) => {
      const here = lead(line, 0), slope = lead(line, 1) - here;
      return { at: Math.abs(slope) < 1e-15 ? -1 : -here / slope, line };
    }).filter((turn) => turn.at > 0).sort((a, b) => a.at - b.at);
    if (turns.length) answer.reasons.push(["labels", { usd: figure(turns[0].at), to: turns[0].line.name }]);
  }
  return answer;
}
// The lowest total cost, where wrong answers or hand-overs have a price; slack is what each may lose
// more against each other than was seen.
function byTotal(data, asked, group, parts, lines) {
  const cases = asked.months * asked.requests;
  const all = (one) => cases * parts.reduce((total, part) => total + part.usd * one(part), 0);
  const slack = (a, b) => all((part) => part.slack[a.place][b.place]);
  for (const line of lines) {
    line.lost = all((part) => Math.max(0, part.mean[line.place]));
    line.floor += line.lost;
    if (line.usd === null) continue;
    line.usd += line.lost;
    [line.low, line.high] = ["low", "high"].map((end) => line.usd + all((part) => part[end][line.place] - part.mean[line.place]));
  }
  const order = lines.filter((line) => line.usd !== null).sort((a, b) => a.usd - b.usd || a.k - b.k), chosen = order[0] ?? null;
  const { share, value } = asked.margin ?? { share: data.total };
  const margin = share === null ? value : share * (chosen?.usd ?? 0);
  for (const line of order) {
    line.regret = 0;
    for (const other of lines) {
      const more = other === line ? 0 : line.usd - other.floor + slack(line, other);
      if (more > 0 && more >= line.regret) Object.assign(line, { regret: more, rival: other });
    }
  }
  const answer = { group, margin, chosen, total: true };
  if (!chosen) return { ...answer, reasons: [["no_price", {}]] };
  const stray = all((part) => part.luck);
  answer.reasons = doubts(data, group, lines, lines.filter((line) => data.lack[line.k] && (line === chosen || line.floor - stray < chosen.floor - margin)));
  if (chosen.regret > margin) answer.reasons.unshift([chosen.rival.usd === null ? "regret_unpriced" : "regret", { to: chosen.rival.name, usd: dollars(chosen.regret), margin: dollars(margin) }]);
  if (asked.label === null) {
    const turns = order.filter((line) => data.labels[chosen.k] > data.labels[line.k]).map((line) => {
      const left = margin - (chosen.usd - line.usd + slack(chosen, line));
      return { at: Math.max(0, left / (data.labels[chosen.k] - data.labels[line.k])), line };
    }).sort((a, b) => a.at - b.at);
    if (turns.length) answer.reasons.push(["labels_total", { usd: figure(turns[0].at), to: turns[0].line.name }]);
  }
  return answer;
}
// What is lost by answers, at the prices that are asked for; null: nobody says, and quality decides.
function partsOf(data, group, asked) {
  const found = group.losses[`${asked.error ? "e" : ""}${asked.handover === null ? "" : asked.handover ? "h" : "0"}`];
  return found?.map((place) => ({ ...group.parts[place], usd: group.parts[place].usd ?? asked[{ errors: "error", handovers: "handover" }[group.parts[place].name]] })) ?? null;
}
// The answer: who is taken, how sure that is, and what each candidate costs. Without `group` the page
// can't decide: nobody computed the bounds of those who are left.
function answerTo(data, asked) {
  const machine = data.machines.find((each) => each.id === asked.machine);
  const all = data.names.map((name, k) => ({ k, name, p95: machine.p95[k], refused: refusalsOf(data, machine, asked, k), ...costOf(data, machine, asked, k) }));
  const lines = all.filter((line) => !line.refused.length);
  const answer = { all, verdict: "not enough evidence", chosen: null, nearest: null, reasons: [] };
  if (!lines.length) return { ...answer, reasons: [["refused", {}]], group: {} };
  const group = data.groups[lines.map((line) => line.k).join("-")];
  if (!group) return answer;
  lines.forEach((line, place) => Object.assign(line, { place, value: group.values[place], quality: group.quality[place], far: group.far[place], near: group.near[place] }));
  const parts = partsOf(data, group, asked);
  if (parts && !parts.length) return { ...answer, handovers: true }; // some are handed over, at no price
  Object.assign(answer, parts ? byTotal(data, asked, group, parts, lines) : byQuality(data, asked, machine, group, lines));
  if (answer.chosen) answer.verdict = answer.reasons.length ? "leaning" : "decided";
  return answer;
}
