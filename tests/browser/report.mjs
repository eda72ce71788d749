// Opens every report.html (or address of `hesse watch`) named on the command line in Chromium, light and dark: each figure is drawn, nothing is said on the console,
// nothing is asked of the network, the page is below 10 MB, and charts can be saved. With --screenshots DIR it keeps pictures;
// with --figures NAMES every figure named there, comma by comma, has to stand on one of the pages.
// Where Chromium is missing it says so and ends with 0, or with 1 when HESSE_NEEDS_BROWSER is set.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const LARGEST_PAGE = 10_000_000;
const SMALLEST_CHART = 60;
const LARGEST_CHART = 2_000;
const PATIENCE = 60_000;

const args = process.argv.slice(2);
const option = (name) => {
  const at = args.indexOf(name);
  return at >= 0 ? args.splice(at, 2)[1] : undefined;
};
const pictures = option("--screenshots");
const expected = option("--figures")?.split(",") ?? [];
const seen = new Set();

const missing = (what) => {
  console.log(`SKIPPED browser tests: ${what}`);
  process.exit(process.env.HESSE_NEEDS_BROWSER ? 1 : 0);
};
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (!executablePath) missing("Chromium is not installed");
const { chromium } = await import("playwright-core").catch(() => missing("playwright-core is not installed; run npm ci here"));

const isServed = (file) => file.startsWith("http://127.0.0.1:");
const addressOf = (file) => (isServed(file) ? file : pathToFileURL(file).href);

let checks = 0;
const holds = (condition, message) => {
  assert.ok(condition, message);
  checks++;
};

// What a page must satisfy whatever it shows.
async function check(browser, file, colorScheme) {
  const name = `${basename(dirname(file))} ${colorScheme}`;
  const said = [];
  const asked = [];
  const context = await browser.newContext({ colorScheme, viewport: { width: 1200, height: 900 }, deviceScaleFactor: 1 });
  const page = await context.newPage();
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("request", (request) => asked.push(request.url()));
  const url = addressOf(file);
  await page.goto(url);
  await page.evaluate(() => document.querySelectorAll("details.setting").forEach((section) => (section.open = true)));
  await page.waitForFunction(() => !document.querySelector(".chart[data-state=waiting]"), null, { timeout: PATIENCE });

  const charts = await page.$$eval(".chart", (all) =>
    all.map((chart) => {
      const svg = chart.querySelector("svg.marks");
      const box = svg?.getBoundingClientRect();
      const marks = [...(svg?.querySelectorAll("path, rect, text") ?? [])];
      return {
        name: chart.dataset.name,
        state: chart.dataset.state,
        width: box?.width ?? 0,
        height: box?.height ?? 0,
        broken: marks.filter((mark) => /NaN|undefined|Infinity/.test(mark.getAttribute("d") ?? mark.getAttribute("transform") ?? "")).length,
        drawn: [...(svg?.querySelectorAll(".mark-line path, .mark-area path, .mark-rect path, .mark-symbol path") ?? [])].filter((mark) => mark.getBBox().width > 1).length,
        words: [...(svg?.querySelectorAll("text") ?? [])].map((text) => text.textContent).join(" "),
        label: chart.querySelector("[role=graphics-document]")?.getAttribute("aria-label") ?? "",
        title: chart.closest("figure").querySelector("h3").textContent,
        caption: chart.closest("figure").querySelector("figcaption").textContent,
        wide: chart.scrollWidth - chart.clientWidth,
      };
    }));
  holds(charts.length > 0, `${name}: no charts`);
  charts.forEach((chart) => seen.add(chart.name));
  holds(said.length === 0, `${name}: ${said.join("\n")}`);
  for (const chart of charts) {
    const which = `${name}: ${chart.name}`;
    holds(chart.state === "drawn", `${which} is ${chart.state}`);
    holds(chart.width > SMALLEST_CHART && chart.height > SMALLEST_CHART, `${which} is ${chart.width} x ${chart.height}`);
    holds(chart.height < LARGEST_CHART, `${which} is ${chart.height} pixels high`);
    holds(chart.drawn > 0, `${which} has no marks`);
    holds(chart.broken === 0, `${which} has ${chart.broken} marks without a place`);
    holds(!/NaN|undefined|null/.test(chart.words), `${which} says ${chart.words}`);
    holds(chart.label.startsWith(chart.title), `${which} has no description for screen readers`);
    holds(/quantiles|Histogram|Medians|medians|replicas/.test(chart.caption), `${which}: ${chart.caption}`);
    holds(chart.wide <= 1, `${which} is ${chart.wide} pixels too wide for its page`);
  }

  const ids = await page.$$eval("[id]", (all) => all.map((element) => element.id));
  holds(new Set(ids).size === ids.length, `${name}: an id stands twice`);
  holds((await page.$$eval("script[src], link[href], img[src^=http], iframe", (all) => all.length)) === 0, `${name}: something is loaded`);
  const blocked = await page.evaluate(() => fetch("https://example.org/").then(() => false, () => true));
  holds(blocked, `${name}: the page may use the network`);
  holds(said.every((line) => line.includes("example.org")), `${name}: ${said.filter((line) => !line.includes("example.org")).join("\n")}`);
  holds(asked.every((one) => one === url || (isServed(file) && one.startsWith(url)) || one.startsWith("data:") || one.startsWith("blob:") || one.includes("example.org")), `${name} asked for ${asked.join(" ")}`);

  await saves(page, name);
  if (pictures) {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${basename(dirname(file))}-${colorScheme}.png`), fullPage: true });
  }

  // On a narrow screen charts become smaller; nothing but tables and code is scrolled sideways.
  await page.setViewportSize({ width: 600, height: 900 });
  const wide = await page.$$eval(".chart", (all) => all.filter((chart) => chart.scrollWidth - chart.clientWidth > 1).map((chart) => chart.dataset.name));
  holds(wide.length === 0, `${name}: too wide for a narrow screen: ${wide.join(" ")}`);
  holds(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), `${name}: the page is wider than a narrow screen`);

  await context.close();
}

// A chart can be saved as SVG and as PNG, and each file is one.
async function saves(page, name) {
  const menu = page.locator(".chart details").first();
  for (const [text, starts] of [["Save as SVG", "<svg"], ["Save as PNG", "\x89PNG"]]) {
    await menu.evaluate((element) => (element.open = true));
    const link = menu.getByText(text);
    await link.dispatchEvent("mousedown");
    await page.waitForFunction((words) => [...document.querySelectorAll(".chart details a")].find((a) => a.textContent === words)?.href.match(/^(blob|data):/), text);
    const [download] = await Promise.all([page.waitForEvent("download"), link.evaluate((element) => element.click())]);
    const bytes = readFileSync(await download.path()).toString("latin1");
    holds(bytes.startsWith(starts), `${name}: ${text} gave ${bytes.slice(0, 20)}`);
    await menu.evaluate((element) => (element.open = false));
  }
}

// Without scripts everything but the charts is there.
async function plain(browser, file) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  const text = await page.locator("main").textContent();
  holds(text.includes("Resolved spec") && text.includes("finished"), `${file}: nothing to read without scripts`);
  await context.close();
}

const files = args.map((file) => (isServed(file) ? file : resolve(file)));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
try {
  for (const file of files) {
    holds(isServed(file) || statSync(file).size < LARGEST_PAGE, `${file} is too large`);
    for (const scheme of ["light", "dark"]) await check(browser, file, scheme);
    if (!isServed(file)) await plain(browser, file);
  }
} finally {
  await browser.close();
}
for (const figure of expected) holds(seen.has(figure), `no page has ${figure}`);
console.log(`${files.length} pages in a browser: ${checks} checks passed`);
