// The half of outputs.py that needs Node: node outputs.mjs PACKAGES PLACE CHROMIUM SHOTS NAME...
// Writes one line of JSON for each answer: who, what, whether it was right, and what was said.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [packages, place, chromium, shots, ...names] = process.argv.slice(2);
const need = createRequire(join(packages, "package.json"));
const version = (name) => JSON.parse(readFileSync(join(packages, "node_modules", name, "package.json"), "utf8")).version;
const text = (name, file) => readFileSync(join(place, name, file), "utf8");
const tell = (who, what, good, told = "") => console.log(JSON.stringify([who, what, Boolean(good), String(told).slice(0, 2000)]));
const verdict = (name) => JSON.parse(text(name, "verdict"));

const { validate } = need("ctrf");
const { HtmlValidate } = need("html-validate");
const { makeBadge } = need("badge-maker");
const { commandFromString } = need("azure-pipelines-task-lib/taskcommand");
const MarkdownIt = need("markdown-it");

const lint = new HtmlValidate({
  extends: ["html-validate:recommended", "html-validate:a11y"],
  rules: {
    // Words of evidence are as long as they are; roles stay where the style sheet takes a table apart; blanks are harmless.
    "long-title": "off", "no-redundant-role": "off", "prefer-native-element": "off", "no-trailing-whitespace": "off",
    // Of what a form may only do where there is a server: this one only filters.
    "wcag/h32": "off",
    "no-inline-style": "error",
  },
});

async function formats(name) {
  const known = verdict(name);
  const failed = known.verdict === "fail";
  const ctrf = validate(JSON.parse(text(name, "ctrf")));
  tell(`ctrf ${version("ctrf")}`, "ctrf is valid", ctrf === true || ctrf?.valid, JSON.stringify(ctrf));
  const badge = JSON.parse(text(name, "badge"));
  const drawn = makeBadge({ label: badge.label, message: badge.message, color: badge.color });
  tell(`badge-maker ${version("badge-maker")}`, "badge can be drawn", drawn.includes("<svg") && badge.message.startsWith(known.verdict), drawn);
  const commands = text(name, "azure").trimEnd().split("\n").filter((line) => line.startsWith("##vso["));
  const parsed = commands.map((line) => commandFromString(line));
  const sound = parsed.every((one) => one.command === "task.logissue" && ["error", "warning"].includes(one.properties.type) && one.message);
  tell(`azure-pipelines-task-lib ${version("azure-pipelines-task-lib")}`, "azure is parsed, each line an issue", sound && parsed.some((one) => one.properties.type === "error") === failed, JSON.stringify(parsed.slice(0, 3)));
  const report = await lint.validateString(text(name, "html"));
  const wrong = report.results.flatMap((one) => one.messages).map((one) => `${one.line}:${one.column} ${one.ruleId}: ${one.message}`);
  tell(`html-validate ${version("html-validate")}`, "html is valid", report.valid, [...new Set(wrong)].slice(0, 9).join("\n"));
  // What a host makes of the Markdown: no link, no picture and no element that is not ours.
  const markdown = new MarkdownIt({ html: true, linkify: true });
  const ours = new Set(["h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "ul", "ol", "li", "strong", "details", "summary", "sub"]);
  for (const format of ["comment", "buildkite"]) {
    const made = markdown.render(text(name, format)).replace(/<!--.*?-->/g, "");
    const strange = [...made.matchAll(/<([a-zA-Z][a-zA-Z0-9]*)/g)].map((one) => one[1]).filter((tag) => !ours.has(tag));
    tell(`markdown-it ${version("markdown-it")}`, `${format} holds only our elements`, strange.length === 0 && made.includes("gatekeeper: " + known.verdict.toUpperCase()), strange.slice(0, 5).join(" "));
  }
}

const axe = readFileSync(join(packages, "node_modules/axe-core/axe.min.js"), "utf8");

async function page(browser, name) {
  const who = `Chromium ${await browser.version()}`;
  const file = `file://${join(place, name, "page.html")}`;
  const known = verdict(name);
  const tab = await browser.newPage();
  const said = [];
  tab.on("console", (one) => said.push(`${one.type()}: ${one.text()}`));
  tab.on("pageerror", (one) => said.push(`error: ${one}`));
  tab.on("dialog", (one) => { said.push("a dialog"); one.dismiss(); });
  tab.on("request", (one) => { if (one.url() !== file) said.push(`asks for ${one.url().slice(0, 100)}`); });
  const begun = Date.now();
  await tab.goto(file);
  tell(who, "the page loads within 20 s, asks for nothing and says nothing", said.length === 0 && Date.now() - begun < 20000, `${Date.now() - begun} ms ${said.join("; ")}`);
  const told = await tab.evaluate(() => ({ title: document.querySelector("h1").textContent, scripts: document.scripts.length, rows: document.querySelectorAll("#gates tbody tr").length }));
  tell(who, "it says the ruling and has every gate, and no script but ours", told.title.endsWith(known.verdict.toUpperCase()) && told.rows === known.gates.length && told.scripts === 1, JSON.stringify(told));
  const last = known.gates.at(-1);
  const left = await tab.evaluate(async (id) => {
    const words = document.getElementById("words");
    const shown = () => document.getElementById("told").textContent;
    const begun = performance.now();
    words.value = id;
    document.getElementById("result").dispatchEvent(new Event("change"));
    const some = [shown(), document.getElementById(`row-${id}`).hidden, Math.round(performance.now() - begun)];
    words.value = "";
    document.getElementById("result").dispatchEvent(new Event("change"));
    return [...some, shown()];
  }, last.id);
  tell(who, "the filter finds a gate within a second and gives all of them back", /^\d+ of /.test(left[0]) && !left[1] && left[2] < 1000 && left[3] === `${told.rows} of ${told.rows} gates`, JSON.stringify(left));
  // Each change of the window lays 2,000 gates out anew, so the large page is looked at once.
  const few = known.gates.length < 200;
  for (const scheme of few ? ["light", "dark"] : ["light"]) {
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    for (const width of few ? [360, 800, 1280] : [360]) {
      await tab.setViewport({ width, height: 900 });
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
      tell(who, "nothing runs out of the page at 360, 800 and 1280 pixels", wide <= width, `${width}: ${wide}`);
      if (shots !== "-") await tab.screenshot({ path: join(shots, `${name}-${scheme}-${width}.png`) });
    }
  }
  if (few) await audit(browser, file);
  const quiet = await browser.newPage();
  await quiet.setJavaScriptEnabled(false);
  await quiet.goto(file);
  const read = await quiet.$eval("body", (body) => body.innerText);
  const missing = known.gates.filter((gate) => !read.includes(gate.id));
  tell(who, "without script every gate can be read, and no filter is in the way", missing.length === 0 && !read.includes("Show gates with these words"), missing.length);
  if (few) {
    const printed = await quiet.pdf({ format: "A4" });
    tell(who, "it prints", printed.length > 10000, printed.length);
  }
  await quiet.close();
  await tab.close();
}

async function audit(browser, file) {
  const tab = await browser.newPage();
  await tab.setBypassCSP(true);
  await tab.goto(file);
  await tab.evaluate(axe);
  for (const scheme of ["light", "dark"]) {
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    for (const width of [360, 1280]) {
      await tab.setViewport({ width, height: 900 });
      // Cards outside the window are not drawn, and what is not drawn has no contrast.
      await tab.evaluate(() => document.querySelectorAll(".card").forEach((card) => { card.style.contentVisibility = "visible"; }));
      const found = await tab.evaluate(() => axe.run({ resultTypes: ["violations"] }));
      const wrong = found.violations.map((one) => `${one.id} (${one.impact}): ${one.nodes[0].html.slice(0, 200)}`);
      tell(`axe-core ${version("axe-core")}`, "no violation, light and dark, narrow and wide", wrong.length === 0, wrong.join("\n"));
    }
  }
  await tab.close();
}

for (const name of names) await formats(name);
if (chromium !== "-") {
  const puppeteer = need("puppeteer-core");
  const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox"], headless: true });
  for (const name of names) await page(browser, name);
  await browser.close();
}
