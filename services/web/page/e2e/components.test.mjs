// Every component in every state, from a development build: no fault that axe sees, and a photograph in both themes.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { faults, wcag } from "./faults.mjs";

const pictures = process.env.PICTURES ?? mkdtempSync(join(tmpdir(), "tickler-components-"));
const outDir = mkdtempSync(join(tmpdir(), "tickler-page-"));
let browser;
let server;
before(async () => {
  process.env.NODE_ENV = "development"; // what tells the page that it is no release
  const { build, preview } = await import("vite");
  const root = fileURLToPath(new URL("..", import.meta.url));
  await build({ root, mode: "development", logLevel: "error", build: { outDir, emptyOutDir: true, minify: false } });
  server = await preview({ root, logLevel: "error", build: { outDir }, preview: { port: 0, host: "127.0.0.1" } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
  rmSync(outDir, { recursive: true, force: true });
});

for (const colorScheme of ["light", "dark"])
  for (const width of [390, 1440])
    test(`every component is without fault and photographed, ${colorScheme}, ${width} wide`, async () => {
      const context = await browser.newContext({ colorScheme, reducedMotion: "reduce", viewport: { width, height: 900 }, locale: "en-GB" });
      const page = await context.newPage();
      const errors = [];
      page.on("pageerror", (err) => errors.push(String(err)));
      const { port } = server.httpServer.address();
      await page.goto(`http://127.0.0.1:${port}/__components`);
      await page.getByRole("heading", { name: "Components" }).waitFor();
      await page.getByText("Send the offer").first().waitFor();
      // One page holds many lists here, so names and landmarks repeat; a real page is judged whole elsewhere.
      assert.deepEqual(await faults(page, [], wcag), []);
      assert.ok(await page.evaluate((w) => document.documentElement.scrollWidth <= w, width), "nothing sticks out");
      const path = join(pictures, `components-${colorScheme}-${width}.png`);
      await page.screenshot({ path, fullPage: true });
      assert.ok(statSync(path).size > 50_000);
      assert.deepEqual(errors, []);
      await context.close();
    });
