import { render } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { blocksOf, Markdown, safeLink, tick } from "./markdown";

describe("notes", () => {
  test("are cut into headings, paragraphs, lists and boxes", () => {
    expect(blocksOf("# Trip\nPack light.\nReally.\n\n- [ ] passport\n- [x] ticket\n3. third").map((b) => b.kind)).toEqual([
      "head",
      "p",
      "ul",
      "ol",
    ]);
  });

  test("a box is ticked in the text that it stands in", () => {
    expect(tick("a\n- [ ] b\n- [ ] c", 2)).toBe("a\n- [ ] b\n- [x] c");
    expect(tick("- [x] b", 0)).toBe("- [ ] b");
  });

  test("markup is text", () => {
    const { container } = render(<Markdown source={"<img src=x onerror=alert(1)> **bold** <script>alert(1)</script>"} />);
    expect(container.querySelector("img, script")).toBeNull();
    expect(container.textContent).toBe("<img src=x onerror=alert(1)> bold <script>alert(1)</script>");
  });

  test("a link leads to the web or to mail and nowhere else", () => {
    expect(safeLink("https://example.com/a?b=c")).toBe("https://example.com/a?b=c");
    expect(["javascript:alert(1)", "data:text/html,x", "//evil.example", "http:", " https://x"].map(safeLink)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    const { container } = render(<Markdown source={"[x](javascript:alert(1)) and https://example.com."} />);
    expect([...container.querySelectorAll("a")].map((a) => a.getAttribute("href"))).toEqual(["https://example.com"]);
    expect(container.textContent).toBe("[x](javascript:alert(1)) and https://example.com.");
  });

  test("a long line of stars and open brackets comes out as it went in", () => {
    const line = "*".repeat(5_000) + "a" + "[".repeat(4_000);
    const { container } = render(<Markdown source={line} />);
    expect(container.textContent).toBe(line);
  });
});
