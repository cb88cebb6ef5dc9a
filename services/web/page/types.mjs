// Makes the page's types from every service's openapi.yaml: `npm run types`. What it makes is committed.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

for (const service of ["api", "audit", "chat", "identity", "notification"]) {
  const spec = new URL(`../../${service}/openapi.yaml`, import.meta.url).pathname;
  if (!existsSync(spec)) continue;
  execFileSync("npx", ["openapi-typescript", spec, "-o", `src/lib/gen/${service}.gen.ts`], { stdio: ["ignore", "ignore", "inherit"] });
}
