import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["node_modules", "src/lib/gen", "../internal"] },
  js.configs.recommended,
  ...ts.configs.strict,
  hooks.configs.flat.recommended,
  jsxA11y.flatConfigs.strict,
  {
    files: ["**/*.{ts,tsx}"],
    rules: {
      "max-lines": ["error", 300],
      "jsx-a11y/no-autofocus": ["error", { ignoreNonDOM: true }], // a dialog puts the keyboard into its own field
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
    },
  },
  {
    files: ["**/*.mjs", "**/*.js"],
    languageOptions: {
      globals: {
        navigator: "readonly",
        indexedDB: "readonly",
        Event: "readonly",
        localStorage: "readonly",
        process: "readonly",
        getComputedStyle: "readonly",
        console: "readonly",
        fetch: "readonly",
        URL: "readonly",
        window: "readonly",
        document: "readonly",
        setTimeout: "readonly",
        requestAnimationFrame: "readonly",
        MutationObserver: "readonly",
        clearTimeout: "readonly",
        crypto: "readonly",
        performance: "readonly",
        PerformanceObserver: "readonly",
        Navigator: "readonly",
        DOMException: "readonly",
        DataTransfer: "readonly",
        ClipboardEvent: "readonly",
        IDBObjectStore: "readonly",
        Storage: "readonly",
        Buffer: "readonly",
        AbortController: "readonly",
      },
    },
  },
);
