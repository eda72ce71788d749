// Draws every figure of the page, one after the other, in the colours of the reader's scheme. Nothing is fetched.
"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const styles = read("styles");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const print = matchMedia("print");
  const root = document.documentElement;
  let round = 0;

  // Lines of cells; a quoted cell may hold commas, quotes and line ends. (Vega's own reader compiles code, which the policy forbids.)
  const cells = (text) => {
    const rows = [[]];
    for (const [, separator, quoted, plain] of text.matchAll(/(,|\n|^)(?:"((?:[^"]|"")*)"|([^",\n]*))/g)) {
      if (separator === "\n") rows.push([]);
      rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    }
    return rows.filter((row) => row.length > 1 || row[0] !== "");
  };

  // Objects with numbers where the specification says so; an empty cell is no number.
  const records = (text, types) => {
    const [names, ...rows] = cells(text);
    const value = (cell, name) => (types[name] !== "number" ? cell : cell === "" ? null : Number(cell));
    return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, value(row[i], name)])));
  };

  // The tables lie in the page: each reference to a file becomes its rows.
  const filled = (node, tables) => {
    if (Array.isArray(node)) return node.map((item) => filled(item, tables));
    if (node === null || typeof node !== "object") return node;
    if (typeof node.url === "string" && node.url in tables) return { values: records(tables[node.url], node.format.parse) };
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, filled(value, tables)]));
  };

  const draw = async (chart, style) => {
    const { specification, tables } = read(chart.dataset.source);
    const name = chart.dataset.name;
    try {
      const result = await vegaEmbed(chart, filled(specification, tables), {
        mode: "vega-lite",
        renderer: "svg",
        ast: true,
        tooltip: { theme: style === styles.dark ? "dark" : "light" },
        config: style,
        downloadFileName: name,
        actions: { export: { svg: true, png: true }, source: false, compiled: false, editor: false },
        i18n: { CLICK_TO_VIEW_ACTIONS: "Save this figure", SVG_ACTION: "Save as SVG", PNG_ACTION: "Save as PNG" },
        scaleFactor: { svg: 1, png: 3 },
      });
      chart.view?.finalize();
      chart.view = result.view;
      chart.dataset.state = "drawn";
    } catch (failure) {
      chart.dataset.state = "failed";
      chart.textContent = `This figure could not be drawn: ${failure.message}`;
      console.error(failure);
    }
  };

  // A chart in a closed section has no width; it is drawn when the section opens.
  const visible = (chart) => chart.closest("details:not([open])") === null;

  const drawAll = async (redraw) => {
    const mine = ++round;
    const style = dark.matches && !print.matches ? styles.dark : styles.light;
    for (const chart of document.querySelectorAll(".chart")) {
      if (mine !== round) return;
      if (visible(chart) && (redraw || chart.dataset.state === "waiting")) {
        await draw(chart, style);
        await new Promise((resume) => setTimeout(resume));
      }
    }
    root.dataset.state = "drawn";
  };

  dark.addEventListener("change", () => drawAll(true));
  print.addEventListener("change", () => dark.matches && drawAll(true));
  for (const section of document.querySelectorAll("details.setting")) {
    section.addEventListener("toggle", () => section.open && drawAll(false));
  }
  drawAll(false);
})();
