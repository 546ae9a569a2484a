// Draws the page's figures from the numbers that stand in it as JSON. Without this the page has them as tables.
"use strict";
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const drawn = new Map(); // charts by their figures' ids

  const SHAPES = ["circle", "triangle", "rectRot", "rect", "crossRot", "star"];
  const TIMES = [[1e9, "s"], [1e6, "ms"], [1e3, "us"], [1, "ns"]];
  const RATES = [[1e9, "G/s"], [1e6, "M/s"], [1e3, "k/s"], [1, "/s"]];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const hue = (line) => colour(`hue${line.hue % 8}`);
  const isNarrow = () => window.innerWidth < 600;

  // Numbers on an axis, without needless zeros. Those of points stand in the figure, in the words of its table.

  const plainly = (value) => String(Number(value.toPrecision(4)));

  function scaled(value, units) {
    const [size, unit] = units.find(([least]) => Math.abs(value) >= least) ?? units.at(-1);
    return plainly(value / size) + unit;
  }
  const signed = (value) => (value > 0 ? "+" : "") + plainly(value);

  function tickText(quantity, value) {
    switch (quantity) {
      case "time": return scaled(value, TIMES);
      case "rate": return scaled(value, RATES);
      case "share": return `${plainly(value * 100)}%`;
      case "points": return `${signed(value * 100)}pt`;
      case "ratio": return `${plainly(value)}x`;
      case "change": return value < 2 ? `${signed((value - 1) * 100)}%` : `${plainly(value)}x`;
      default: return plainly(value);
    }
  }
  const percentile = (nines) => (nines <= 1 ? "min" : `p${Number((100 - 100 / nines).toPrecision(7))}`);

  const placeText = ({ labels, places }, x) => (labels ? labels[Math.round(x)] : places.find(([place]) => place === x)[1]);

  // Long names on a small screen take several lines.
  function folded(label, width) {
    const lines = [""];
    for (const word of label.split(" ")) {
      const line = lines.at(-1);
      if (line && line.length + word.length >= width) {
        lines.push(word);
      } else {
        lines[lines.length - 1] = line ? `${line} ${word}` : word;
      }
    }
    return lines;
  }

  // Axes.

  function logarithmicTicks(min, max) {
    const steps = Math.log10(max / min) > 2.5 ? [1] : [1, 2, 5];
    const ticks = [];
    for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power += 1) {
      for (const step of steps) {
        const value = step * 10 ** power;
        if (value >= min * 0.999 && value <= max * 1.001) {
          ticks.push({ value });
        }
      }
    }
    return ticks;
  }

  // About 1, to both sides.
  function ratioTicks(min, max) {
    const fine = [0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3];
    const coarse = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10];
    if (max / min > 40) {
      return logarithmicTicks(min, max);
    }
    return (max / min < 1.7 ? fine : coarse).filter((value) => value >= min && value <= max).map((value) => ({ value }));
  }

  const axis = (more) => ({
    ...more,
    grid: { color: colour("rule"), borderColor: colour("rule") },
    ticks: { color: colour("faint"), font: { size: 11 }, maxRotation: 0, ...more.ticks },
  });

  function valueRange(figure) {
    const isRatio = figure.quantity === "ratio" || figure.quantity === "change";
    const points = figure.lines.flatMap((line) => line.points).filter(([, value]) => value !== null);
    const bands = figure.bands ?? [];
    const values = [...points.map(([, value]) => value), ...bands, ...bands.map((band) => (isRatio ? 1 / band : -band))];
    const ends = points.flatMap(([, , , low, high]) => [low, high]).filter(Number.isFinite);
    if (!isRatio) {
      const least = figure.quantity === "points" ? 0.001 : 0;
      const reach = Math.max(least, ...[...values, ...ends].map(Math.abs)) * 1.1;
      return { min: -reach, max: reach };
    }
    // An interval may reach out of the picture, for what it is about to stay visible.
    const reach = (all) => Math.max(...all.filter((value) => value > 0).map((value) => Math.abs(Math.log(value))), 0.05);
    const far = Math.exp(Math.min(reach([...values, ...ends]), reach(values) + Math.log(4)) * 1.1);
    return { min: 1 / far, max: far };
  }

  function valueAxis(figure) {
    const { quantity } = figure;
    const ticks = { callback: (value) => tickText(quantity, value) };
    if (quantity === "share") {
      return axis({ type: "linear", max: 1, ticks });
    }
    if (quantity === "points") {
      return axis({ type: "linear", ...valueRange(figure), ticks });
    }
    if (quantity === "ratio" || quantity === "change") {
      const afterBuildTicks = (scale) => { scale.ticks = ratioTicks(scale.min, scale.max); };
      return axis({ type: "logarithmic", ...valueRange(figure), afterBuildTicks, ticks });
    }
    const values = figure.lines.flatMap((line) => line.points.map(([, value]) => value)).filter((value) => value > 0);
    const [least, most] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [1, 10];
    const room = Math.max((most / least) ** 0.05, 1.25); // for the marks at both ends to be seen
    const afterBuildTicks = (scale) => { scale.ticks = logarithmicTicks(scale.min, scale.max); };
    return axis({ type: "logarithmic", min: least / room, max: most * room, afterBuildTicks, ticks });
  }

  function percentileAxis(figure) {
    const last = Math.max(...figure.lines.flatMap((line) => line.points.map(([x]) => x)));
    return axis({
      type: "logarithmic", min: 1, max: last,
      afterBuildTicks: (scale) => { scale.ticks = [1, 2, 10, 100, 1e3, 1e4, 1e5].filter((x) => x <= last).map((value) => ({ value })); },
      ticks: { callback: percentile, autoSkip: false },
    });
  }

  const timeAxis = (end) => axis({ type: "linear", min: 0, max: end, ticks: { callback: (x) => scaled(x, TIMES) } });

  const labelTicks = (figure) => ({ autoSkip: false, callback: (at) => folded(figure.labels[at] ?? "", isNarrow() ? 16 : 44) });

  function labelAxis(figure, more) {
    return axis({
      type: "linear", min: -0.5, max: figure.labels.length - 0.5,
      afterBuildTicks: (scale) => { scale.ticks = figure.labels.map((_, value) => ({ value })); },
      ticks: labelTicks(figure),
      ...more,
    });
  }

  // Of labels side by side as many as there is room for.
  function stepAxis(figure) {
    const longest = Math.min(Math.max(...figure.labels.map((label) => label.length)), isNarrow() ? 16 : 44);
    const afterBuildTicks = (scale) => {
      const room = Math.max(1, Math.floor(scale.width / (7 * longest + 10)));
      const every = Math.ceil(figure.labels.length / room);
      scale.ticks = figure.labels.map((_, value) => ({ value })).filter(({ value }) => value % every === 0);
    };
    return labelAxis(figure, { afterBuildTicks });
  }

  // What Chart.js has no charts for.

  function drawBands({ ctx, chartArea, scales }, figure) {
    const isRatio = figure.quantity === "change";
    ctx.fillStyle = colour("band");
    (figure.bands ?? []).forEach((band, at) => {
      const left = Math.max(scales.x.getPixelForValue(isRatio ? 1 / band : -band), chartArea.left);
      const right = Math.min(scales.x.getPixelForValue(band), chartArea.right);
      const top = scales.y.getPixelForValue(at - 0.4);
      ctx.fillRect(left, top, right - left, scales.y.getPixelForValue(at + 0.4) - top);
    });
    const middle = scales.x.getPixelForValue(figure.quantity === "points" ? 0 : 1);
    if (figure.quantity !== "time") {
      ctx.fillStyle = colour("faint");
      ctx.fillRect(middle, chartArea.top, 1, chartArea.bottom - chartArea.top);
    }
  }

  function drawIntervals(chart, figure) {
    const { ctx, chartArea, scales } = chart;
    const inside = (x) => Math.min(Math.max(x, chartArea.left), chartArea.right);
    const pixel = (value, open) => (value === null || (value <= 0 && figure.quantity !== "points") ? open : inside(scales.x.getPixelForValue(value)));
    chart.data.datasets.forEach((dataset, index) => {
      if (!chart.isDatasetVisible(index)) {
        return;
      }
      ctx.strokeStyle = dataset.borderColor;
      ctx.lineWidth = 2;
      dataset.data.forEach((point) => {
        if (point.low !== undefined && point.x !== null) {
          const y = scales.y.getPixelForValue(point.y);
          ctx.beginPath();
          ctx.moveTo(pixel(point.low, chartArea.left), y);
          ctx.lineTo(pixel(point.high, chartArea.right), y);
          ctx.stroke();
        }
      });
    });
  }

  const whose = ({ side }) => (side ? `${side}: ` : "");

  function drawMarks({ ctx, chartArea, scales }, figure) {
    const marks = figure.marks ?? [];
    const most = Math.max(1, ...marks.filter((mark) => !mark.fault).map((mark) => mark.count));
    for (const mark of marks) {
      const left = scales.x.getPixelForValue(mark.begin);
      const width = Math.max(scales.x.getPixelForValue(mark.end) - left, 2);
      if (mark.fault) {
        ctx.fillStyle = colour("fault");
        ctx.fillRect(left, chartArea.top, width, chartArea.bottom - chartArea.top);
        ctx.fillStyle = colour("hue1");
        ctx.fillRect(left, chartArea.top, 1.5, chartArea.bottom - chartArea.top);
        ctx.font = "11px system-ui, sans-serif";
        ctx.fillText(whose(mark) + mark.what.split(",")[0].replace(/^[^:]*:/, ""), left + 5, chartArea.top + 11 + 13 * mark.row);
      } else {
        ctx.globalAlpha = 0.25 + 0.75 * (mark.count / most);
        ctx.fillStyle = colour("hue4");
        ctx.fillRect(left + 0.5, chartArea.bottom - 8 - 9 * mark.row, Math.max(width - 1, 1), 8);
        ctx.globalAlpha = 1;
      }
    }
  }

  // The marks of a time line at x, for its tooltip.
  const happenedAt = (figure, x) => (figure.marks ?? []).filter((mark) => mark.begin <= x && x <= mark.end).map((mark) => whose(mark) + mark.what);

  // Charts.

  // Lines that share their rows stand a little below each other.
  const isSpread = ({ kind, quantity, lines }) => kind === "rows" && (quantity === "ratio" || (quantity === "time" && lines.length > 3));

  function dataset(figure, line, index) {
    const isUpright = figure.kind === "rows" || figure.kind === "bars";
    // A closed loop is no further rate: no line leads there.
    const isLoop = ({ p1 }) => figure.kind === "steps" && figure.labels[p1.parsed.x] === "closed loop";
    const offset = isSpread(figure) ? ((index + 0.5) / figure.lines.length - 0.5) * 0.7 : 0;
    return {
      label: line.name,
      texts: line.points.map(([, , text]) => text),
      data: line.points.map(([x, value, , low, high]) => (isUpright ? { x: value, y: x + offset, low, high } : { x, y: value })),
      borderColor: hue(line),
      backgroundColor: figure.kind === "bars" && !line.dashed ? hue(line) : colour("card"),
      borderWidth: 2,
      borderDash: line.dashed ? [6, 4] : [],
      pointStyle: SHAPES[line.shape % SHAPES.length],
      pointRadius: figure.kind === "timeline" && line.points.length > 40 ? 0 : 4,
      pointHoverRadius: 6,
      pointBackgroundColor: line.dashed ? colour("card") : hue(line),
      pointBorderWidth: 1.5,
      showLine: !isUpright,
      segment: { borderColor: (segment) => (isLoop(segment) ? "transparent" : undefined) },
      spanGaps: false,
      barPercentage: 0.9,
      categoryPercentage: 0.75,
    };
  }

  function scalesOf(figure) {
    switch (figure.kind) {
      case "percentiles": return { x: percentileAxis(figure), y: valueAxis(figure) };
      case "timeline": {
        const ends = [...figure.lines.flatMap((line) => line.points.map(([x]) => x)), ...(figure.marks ?? []).map((mark) => mark.end)];
        return { x: timeAxis(Math.max(...ends)), y: valueAxis(figure) };
      }
      case "steps": return { x: stepAxis(figure), y: valueAxis(figure) };
      case "bars": return { x: valueAxis(figure), y: axis({ type: "category", ticks: labelTicks(figure) }) };
      default: return { x: valueAxis(figure), y: labelAxis(figure, { reverse: true }) };
    }
  }

  function tooltipOf(figure) {
    const isUpright = figure.kind === "rows" || figure.kind === "bars";
    return {
      callbacks: {
        title: ([item]) => (item ? placeText(figure, isUpright ? item.parsed.y : item.parsed.x) : ""),
        label: ({ dataset: { label, texts }, dataIndex }) => `${label}: ${texts[dataIndex]}`,
        afterBody: ([item]) => (figure.kind === "timeline" && item ? happenedAt(figure, item.parsed.x) : []),
      },
    };
  }

  function heightOf(figure) {
    const legend = 24 * Math.ceil(figure.lines.length / (isNarrow() ? 2 : 4));
    switch (figure.kind) {
      case "bars": return 50 + legend + figure.labels.length * (10 + 11 * figure.lines.length);
      case "rows": return 60 + legend + figure.labels.length * Math.max(isNarrow() ? 44 : 22, isSpread(figure) ? 8 * figure.lines.length : 0);
      default: return 270 + legend;
    }
  }

  function configurationOf(figure) {
    const isBars = figure.kind === "bars";
    const data = { datasets: figure.lines.map((line, index) => dataset(figure, line, index)).filter(({ data: points }) => points.length > 0) };
    if (isBars) {
      data.labels = figure.labels;
      for (const one of data.datasets) {
        one.data = one.data.map(({ x }) => x);
      }
    }
    return {
      type: isBars ? "bar" : "scatter",
      data,
      options: {
        indexAxis: isBars ? "y" : "x",
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: figure.kind === "rows" ? "nearest" : isBars ? "y" : "x", intersect: false },
        scales: scalesOf(figure),
        plugins: {
          legend: {
            display: data.datasets.length > 1,
            align: "start",
            labels: { color: colour("ink"), usePointStyle: !isBars, boxWidth: 10, boxHeight: 8, font: { size: 12 } },
          },
          tooltip: tooltipOf(figure),
        },
      },
      plugins: [{
        id: "spate",
        beforeDatasetsDraw: (chart) => {
          if (figure.kind === "rows") {
            drawBands(chart, figure);
            drawIntervals(chart, figure);
          } else if (figure.kind === "timeline") {
            drawMarks(chart, figure);
          }
        },
      }],
    };
  }

  function draw(id) {
    const box = document.querySelector(`#${id} .chart`);
    const figure = figures[id];
    drawn.get(id)?.destroy();
    box.replaceChildren(document.createElement("canvas"));
    const canvas = box.firstChild;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${figure.title}; the numbers are in the table below`);
    box.classList.add("drawn");
    box.style.height = `${heightOf(figure)}px`;
    drawn.set(id, new Chart(canvas, configurationOf(figure)));
  }

  function redraw() {
    for (const id of drawn.keys()) {
      draw(id);
    }
  }

  // Each when it comes near: a page may have hundreds.
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && !drawn.has(target.id)) {
        draw(target.id);
      }
    }
  }, { rootMargin: "300px" });
  for (const id of Object.keys(figures)) {
    const element = document.getElementById(id);
    element.querySelector("details").open = false;
    element.querySelector(".chart").style.height = `${heightOf(figures[id])}px`;
    observer.observe(element);
  }

  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  window.matchMedia("(max-width: 599px)").addEventListener("change", redraw);
  // Paper is white, shows what nobody has scrolled to, and has nothing to unfold with.
  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    document.documentElement.classList.add("paper");
    unfolded = [...document.querySelectorAll("figure details, .fold")].filter((one) => !one.open);
    for (const one of unfolded) {
      one.open = true;
    }
    for (const id of Object.keys(figures)) {
      if (document.getElementById(id).checkVisibility()) {
        draw(id);
      }
    }
  });
  window.addEventListener("afterprint", () => {
    document.documentElement.classList.remove("paper");
    redraw();
    for (const one of unfolded) {
      one.open = false;
    }
  });
})();
