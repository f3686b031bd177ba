// Draws charts as SVG files with the library of the console, without a browser: `node draw.mjs ECHARTS FOLDER < charts.json`.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [library, folder] = process.argv.slice(2);
const echarts = createRequire(import.meta.url)(resolve(library));
for (const [name, { width, height, option }] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption({ ...option, animation: false });
  writeFileSync(join(folder, `${name}.svg`), chart.renderToSVGString() + "\n");
  chart.dispose();
}
