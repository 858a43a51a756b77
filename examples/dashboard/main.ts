// A dashboard: reads what is new in the feed, adds it up, draws one chart and prints two tables.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chart, percent, type Bar } from "./chart.js";
import { follow } from "./feed.js";
import { count, type Tally } from "./tally.js";

const { WAYMARK_URL: url, WAYMARK_TOKEN: token } = process.env;
const folder = process.argv[2];
if (!url || !token || !folder) throw new Error("set WAYMARK_URL and WAYMARK_TOKEN and name a folder; the README says how");

const { state, pages, records } = await follow(url, token, join(folder, "dashboard.json"), count);
console.log(`new records: ${records} (pages: ${pages}); attempts counted so far: ${state.tally.attempts}\n`);

const bars = shares(state.tally);
const drawing = join(folder, "dashboard.svg");
writeFileSync(drawing, chart("Which questions are hard", bars));
console.log(itemTable(bars));
console.log(layerTable(state.tally.layers));
console.log(`chart: ${drawing}`);

function shares(tally: Tally): Bar[] {
  const bars = Object.entries(tally.items).map(([label, sums]) => ({ label, ...sums }));
  return bars.sort((a, b) => a.label.localeCompare(b.label));
}

function itemTable(bars: Bar[]): string {
  const rows = bars.map((bar) => {
    const share = `${percent(bar)} %`;
    return `${bar.label.padEnd(10)} ${share.padStart(6)}  ${"#".repeat(Math.round(percent(bar) / 5))}`;
  });
  return ["item       share of the points that answers got", ...rows, ""].join("\n");
}

/** Rows: what the evidence showed. Columns: what people took it for. */
function layerTable(layers: Tally["layers"]): string {
  const names = [...new Set(Object.entries(layers).flatMap(([expected, row]) => [expected, ...Object.keys(row)]))].sort();
  const wide = Math.max(0, ...names.map((name) => name.length));
  const row = (head: string, cells: string[]) => [head.padEnd(wide), ...cells.map((c, i) => c.padStart(names[i]?.length ?? 0))].join("  ");
  const rows = names
    .filter((expected) => layers[expected])
    .map((expected) => row(expected, names.map((chosen) => String(layers[expected]?.[chosen] ?? 0))));
  return ["layer expected (down) and chosen (across)", row("", names), ...rows, ""].join("\n");
}
