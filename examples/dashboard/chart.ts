// One bar chart as a self-contained SVG: no script, no font, no colour that carries meaning alone. A screen reader gets the
// title and the whole of the numbers as the description.

export type Bar = { label: string; points: number; max: number };

export const percent = ({ points, max }: Bar): number => (max > 0 ? Math.round((100 * points) / max) : 0);

const [LEFT, WIDTH, STEP, TOP] = [90, 400, 26, 70];

export function chart(title: string, bars: Bar[]): string {
  const bottom = TOP + bars.length * STEP;
  const words = bars.map((bar) => `${bar.label} ${percent(bar)} %`).join(", ");
  const grid = [0, 25, 50, 75, 100].map((n) => {
    const x = LEFT + (WIDTH * n) / 100;
    return `<line x1="${x}" y1="${TOP}" x2="${x}" y2="${bottom}" stroke="#ccc"/>
<text x="${x}" y="${TOP - 8}" text-anchor="middle" fill="#444">${n} %</text>`;
  });
  const rows = bars.map((bar, index) => {
    const y = TOP + index * STEP;
    const width = (WIDTH * percent(bar)) / 100;
    return `<text x="${LEFT - 8}" y="${y + 18}" text-anchor="end">${escaped(bar.label)}</text>
<rect x="${LEFT}" y="${y + 4}" width="${width}" height="${STEP - 8}" fill="#0b5394"/>
<text x="${LEFT + width + 6}" y="${y + 18}">${percent(bar)} % (${rounded(bar.points)} of ${rounded(bar.max)})</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 140} ${bottom + 20}" role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="13">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(`Share of the points that answers got: ${words}.`)}</desc>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LEFT}" y="28" font-size="17" font-weight="bold">${escaped(title)}</text>
${[...grid, ...rows].join("\n")}
</svg>
`;
}

/** Points have three decimals at most; sums of them need not show more than one. */
const rounded = (points: number): number => Math.round(10 * points) / 10;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
