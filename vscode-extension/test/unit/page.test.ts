import assert from "node:assert/strict";
import { test } from "node:test";
import { graphPage, textPage } from "../../src/page";

test("only the first style sheet of a picture counts", () => {
  const page = graphPage("<svg><style>.a{}</style><text><style>.b{}</style></text></svg>", "n0nce");
  assert.ok(page.includes('<style nonce="n0nce">.a{}'));
  assert.ok(page.includes("<style>.b{}"));
});

test("a page runs no script and loads nothing", () => {
  assert.ok(graphPage("<svg></svg>", "n0nce").includes("content=\"default-src 'none'; style-src 'nonce-n0nce'\""));
});

test("a picture becomes as narrow as can be read, and no wider than it is", () => {
  const page = graphPage('<svg role="img" width="1000" height="9"></svg>', "n0nce");
  assert.ok(page.includes('<style nonce="n0nce">svg { width: max(750px, min(100%, 1000px)); }</style>'));
});

test("text stays text", () => {
  assert.ok(textPage('<b a="1">&', "n").includes("<pre>&#60;b a=&#34;1&#34;&#62;&#38;</pre>"));
});
