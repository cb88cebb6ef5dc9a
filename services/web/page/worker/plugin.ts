/** Writes the service worker into the build, with the list of what it keeps. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/** Files of `public/` that the page needs without a network. */
const publicFiles = ["/start.js", "/icon.svg", "/manifest.webmanifest"];

const contents = (file: string): string => readFileSync(new URL("../public" + file, import.meta.url), "utf8");

export function serviceWorker(): Plugin {
  return {
    name: "tickler-service-worker",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        // Letters of other alphabets come when they are first seen; the rest is what every visit needs.
        const made = Object.keys(bundle).filter((f) => !/inter-(?!latin-wght)/.test(f) && !f.endsWith(".map"));
        const files = ["/", ...publicFiles, ...made.filter((f) => f !== "index.html").map((f) => "/" + f)];
        const source = readFileSync(new URL("./worker.js", import.meta.url), "utf8");
        const version = createHash("sha256")
          .update(source)
          .update(files.join() + publicFiles.map(contents).join())
          .digest("hex")
          .slice(0, 12);
        this.emitFile({
          type: "asset",
          fileName: "sw.js",
          source: source.replace("/* FILES */ []", JSON.stringify(files)).replace('/* VERSION */ "dev"', JSON.stringify(version)),
        });
      },
    },
  };
}
