// What axe finds wrong on a page as it stands.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** WCAG 2.2 AA. */
export const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** The faults, but for those of the rules in `except`. Evaluated, not injected: the policy allows no inline script. */
export async function faults(page, except = [], tags = [...wcag, "best-practice"]) {
  // What fades in is not read as faint.
  await page.evaluate(() =>
    Promise.race([Promise.allSettled(document.getAnimations().map((a) => a.finished)), new Promise((enough) => setTimeout(enough, 2_000))]),
  );
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), tags);
  return violations
    .filter((v) => !except.includes(v.id))
    .map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join(" | ")}`);
}
