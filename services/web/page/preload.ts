/** Lets the browser fetch at once what every signed-in visit needs: the list's own code and the letters it is set in. */
import type { HtmlTagDescriptor, Plugin } from "vite";

export function preload(): Plugin {
  return {
    name: "tickler-preload",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle = {} }) {
        const link = (rel: string, file: string, more = {}): HtmlTagDescriptor => ({
          tag: "link",
          attrs: { rel, href: "/" + file, crossorigin: true, ...more },
          injectTo: "head",
        });
        return Object.values(bundle).flatMap((part) => {
          if (part.type === "chunk" && part.facadeModuleId?.endsWith("/routes/tasks.tsx")) return link("modulepreload", part.fileName);
          if (/inter-latin-wght.*\.woff2$/.test(part.fileName)) return link("preload", part.fileName, { as: "font", type: "font/woff2" });
          return [];
        });
      },
    },
  };
}
