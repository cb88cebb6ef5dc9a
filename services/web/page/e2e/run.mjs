// Runs the browser tests: all, or those files whose names are given. Without TICKLER_URL it starts the whole house beside
// whatever else runs, and stops it afterwards; without a Chromium it installs Debian's.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../../..", import.meta.url));
const offset = process.env.PORT_OFFSET ?? "21000"; // below the ports that the system gives away itself
const patience = 300_000; // ms for a first build

function chromium() {
  const found = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    (p) => p && existsSync(p),
  );
  if (found) return found;
  if (process.getuid?.() !== 0 || spawnSync("which", ["apt-get"]).status !== 0)
    throw new Error("no Chromium here: install one (apt-get install chromium) or name it in CHROMIUM");
  console.log("installing Debian's chromium");
  spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
  const { status } = spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("chromium could not be installed");
  return "/usr/bin/chromium";
}

/** Starts the house; answers its address and how to stop it. */
async function house() {
  if (process.env.TICKLER_URL) return { url: process.env.TICKLER_URL, stop: () => undefined };
  const up = spawn("make", ["up", `PORT_OFFSET=${offset}`], { cwd: root, stdio: ["ignore", "pipe", "inherit"], detached: true });
  const ended = new Promise((done) => up.on("exit", done));
  const stop = async () => {
    if (up.exitCode === null) process.kill(-up.pid, "SIGINT");
    await ended;
  };
  for (const sign of ["SIGINT", "SIGTERM"]) process.once(sign, () => void stop().then(() => process.exit(1)));
  const url = await new Promise((ready, failed) => {
    const timer = setTimeout(() => failed(new Error("the house was not ready in time")), patience);
    let log = "";
    up.stdout.on("data", (chunk) => {
      log = (log + chunk).slice(-10_000);
      const found = /ready in .*: (http:\S+)/.exec(log)?.[1];
      if (!found) return;
      clearTimeout(timer);
      ready(found);
    });
    void ended.then(() => failed(new Error("the house ended:\n" + log.slice(-2_000))));
  }).catch(async (err) => {
    await stop();
    throw err;
  });
  return { url, stop };
}

const named = process.argv.slice(2).map((name) => `${here}${name}`);
const all = readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
const files = named.length > 0 ? named : all.sort().map((name) => here + name);
const browser = chromium();
const { url, stop } = await house();
const tests = spawn(process.execPath, ["--test", "--test-concurrency=1", "--test-timeout=900000", ...files], {
  stdio: "inherit",
  env: { ...process.env, TICKLER_URL: url, CHROMIUM: browser },
});
process.exitCode = await new Promise((done) => tests.on("exit", (code) => done(code ?? 1)));
await stop();
