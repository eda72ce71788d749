// One figure of a report as a picture: node tests/browser/picture.mjs REPORT.html FIGURE OUT.png [light|dark]
// The pictures in docs/images/ are made with it, from reports of the runs that README names.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, figure, out, colorScheme = "light"] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
try {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1200, height: 900 } });
  const page = await context.newPage();
  await page.goto(pathToFileURL(resolve(file)).href);
  await page.evaluate(() => document.querySelectorAll("details.setting").forEach((section) => (section.open = true)));
  const chart = page.locator(`[id="${figure}"]`);
  await page.waitForFunction((id) => document.getElementById(id)?.querySelector(".chart[data-state=drawn]"), figure, { timeout: 120_000 });
  await chart.screenshot({ path: out });
} finally {
  await browser.close();
}
