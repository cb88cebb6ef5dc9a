import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { preload } from "./preload";
import { serviceWorker } from "./worker/plugin";

// The page is built into the Go service's embed folder. `make up` serves it from there; `npm run dev` proxies to a running stack.
const stack = process.env["TICKLER_URL"] ?? "http://127.0.0.1:3000";

export default defineConfig({
  plugins: [react(), tailwind(), preload(), serviceWorker()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../internal/page/dist",
    emptyOutDir: true, // public/.gitkeep is copied back, so that go:embed always finds a file
    // Small pictures stay files: a data: URL would ask for a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What the first script imports comes in one piece: each more would be one more to ask for and to wait for.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] } } },
  },
  server: {
    proxy: {
      "/api": { target: stack, changeOrigin: false },
      "/ws": { target: stack, ws: true },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/setup.test-env.ts"],
  },
});
