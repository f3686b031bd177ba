// Draws the charts of a page from the options beside them (console/charts.py). Colours are the style sheet's.
"use strict";

(() => {
  // Colours may be mixed or derived in the style sheet: what a browser paints is what a chart is told.
  const probe = document.createElement("span");
  const dot = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  function value(name) {
    probe.style.color = `var(${name})`;
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = getComputedStyle(probe).color;
    dot.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = dot.getImageData(0, 0, 1, 1).data;
    return `rgba(${red},${green},${blue},${(alpha / 255).toFixed(3)})`;
  }
  probe.hidden = true;
  document.body.append(probe);
  const text = value("--tblr-body-color"), line = value("--tblr-border-color"), ground = value("--tblr-bg-surface");
  const font = getComputedStyle(document.body).fontFamily;
  const axis = {
    axisLabel: { color: text, fontFamily: font, hideOverlap: true },
    axisLine: { lineStyle: { color: line } },
    splitLine: { lineStyle: { color: line } },
  };
  echarts.registerTheme("console", {
    textStyle: { color: text, fontFamily: font },
    legend: { textStyle: { color: text } },
    categoryAxis: { ...axis, splitLine: { show: false, lineStyle: { color: line } } },
    valueAxis: axis,
    timeAxis: { ...axis, axisLabel: { ...axis.axisLabel, formatter: { month: "{yyyy}-{MM}", day: "{MM}-{dd}", hour: "{HH}:{mm}", minute: "{HH}:{mm}" } } },
  });

  // No element is made for it, so no style that the security policy would refuse.
  const tip = { renderMode: "richText", confine: true, backgroundColor: ground, borderColor: line, textStyle: { color: text, fontFamily: font, fontSize: 13 } };
  const ROW = 30, FRAME = 64;
  const drawn = new WeakMap();

  // `var(--…)` is what the style sheet has under that name.
  function painted(part) {
    if (typeof part === "string") return part.startsWith("var(") ? value(part.slice(4, -1)) : part;
    if (Array.isArray(part)) return part.map(painted);
    if (part && typeof part === "object") return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, painted(one)]));
    return part;
  }

  function draw(figure) {
    const area = figure.querySelector(".chart-area");
    const known = drawn.get(area);
    if (known?.from === figure.dataset.chart) return;
    const { unit, rows, ...options } = painted(JSON.parse(figure.dataset.chart));
    if (rows) area.style.height = `${FRAME + ROW * rows}px`;
    const chart = known?.chart ?? begin(area);
    const said = (number) => (number === null || number === undefined ? "—" : `${number}${unit}`);
    options.tooltip = { ...tip, valueFormatter: said, ...options.tooltip };
    chart.setOption(options, { notMerge: true });
    chart.resize();
    drawn.set(area, { chart, from: figure.dataset.chart });
  }

  function begin(area) {
    const chart = echarts.init(area, "console");
    chart.on("click", (mark) => {
      if (mark.data?.link) location.assign(mark.data.link);
    });
    new ResizeObserver(() => chart.resize()).observe(area);
    return chart;
  }

  // A live part of a page brings new figures; what is drawn of them stays until it is drawn anew.
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old) => !old.classList?.contains("chart-area");
  const every = () => document.querySelectorAll("figure[data-chart]").forEach(draw);
  document.addEventListener("htmx:afterSettle", every);
  every();
})();
