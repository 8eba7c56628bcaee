#include <algorithm>

#include "fix/edits.hpp"
#include "fix/imports.hpp"
#include "fix/plan.hpp"
#include "support/catch.hpp"
#include "support/model.hpp"
#include "text/source_file.hpp"

using namespace dagfix;

namespace {

Node first_call(const Parsed& code) {
  for (std::uint32_t id = 0; id < code.tree.size(); ++id) {
    if (code.tree.node(id).is(Kind::call)) return code.tree.node(id);
  }
  return {};
}

/// The code after dropping the arguments of the first call whose index is in `dropped`.
std::string without(const std::string& text, const std::vector<std::size_t>& dropped) {
  const Parsed code(text);
  const auto items = first_call(code).child(Field::arguments).named_children();
  std::vector<bool> drop(items.size(), false);
  for (const std::size_t i : dropped) drop[i] = true;
  return apply_edits(text, remove_items(text, items, drop));
}

/// The code after one request for its import number `old`.
std::string planned(const std::string& text, ImportId old, bool drop, std::vector<NewImport> add) {
  const Parsed code(text);
  const ImportRequest request{old, drop, std::move(add)};
  auto edits = plan_statement(code.model, {&request, 1});
  std::ranges::sort(edits);
  return apply_edits(text, edits);
}

const NewImport kNew{"n.m", "New", {}};

DraftFinding draft(std::vector<Edit> edits, Safety safety = Safety::safe) {
  DraftFinding finding;
  finding.range = edits.front().range;
  finding.rule = "KAP999";
  finding.fix = FixDraft{safety, "change it", std::move(edits), {}};
  return finding;
}

}  // namespace

TEST_CASE("Edits: conflict is about order") {
  const Edit replace{{2, 5}, "x"};
  CHECK_FALSE(conflict(replace, replace));
  CHECK_FALSE(conflict(replace, {{5, 7}, "y"}));
  CHECK_FALSE(conflict(replace, {{0, 2}, "y"}));
  CHECK(conflict(replace, {{4, 7}, "y"}));
  CHECK(conflict(replace, {{2, 5}, "y"}));
  CHECK(conflict({{2, 2}, "a"}, {{2, 2}, "b"}));
  CHECK(conflict({{2, 2}, "a"}, replace));
}

TEST_CASE("Edits: dropped arguments take their commas along") {
  CHECK(without("f(a, b, c)", {0}) == "f(b, c)");
  CHECK(without("f(a, b, c)", {1}) == "f(a, c)");
  CHECK(without("f(a, b, c)", {2}) == "f(a, b)");
  CHECK(without("f(a, b, c,)", {2}) == "f(a, b,)");
  CHECK(without("f(a, b, c)", {1, 2}) == "f(a)");
  CHECK(without("f(a, b, c)", {0, 2}) == "f(b)");
  CHECK(without("f(a, b)", {0, 1}) == "f()");
  CHECK(without("f(a,)", {0}) == "f()");
  CHECK(without("f(\n    a=1,\n    b=2,\n    c=3,\n)", {1}) == "f(\n    a=1,\n    c=3,\n)");
  CHECK(without("f(\r\n    a=1,\r\n    b=2\r\n)", {1}) == "f(\r\n    a=1\r\n)");
}

TEST_CASE("Edits: dropped arguments leave comments") {
  CHECK(without("f(\n    a=1,  # one\n    b=2,  # two\n)", {0}) ==
        "f(\n    # one\n    b=2,  # two\n)");
  CHECK(without("f(\n    a=1,  # one\n    b=2,  # two\n)", {1}) == "f(\n    a=1,  # one  # two\n)");
  CHECK(without("f(\n    a=1,  # one\n    b=2)", {1}) == "f(\n    a=1,  # one\n    )");
  CHECK(without("f(\n    a=1  # one\n    , b=2, )", {1}) == "f(\n    a=1  # one\n    ,  )");
}

TEST_CASE("Edits: an appended argument follows the layout") {
  const auto appended = [](const std::string& text) {
    const Parsed code(text);
    const Node list = first_call(code).child(Field::arguments);
    const std::string item = "n=1";
    std::vector<Edit> edits;
    append_arguments(text, list, list.named_children(), {&item, 1}, edits);
    std::ranges::sort(edits);
    return apply_edits(text, edits);
  };
  CHECK(appended("f()") == "f(n=1)");
  CHECK(appended("f(a)") == "f(a, n=1)");
  CHECK(appended("f(\n    a,\n    b=2,\n)") == "f(\n    a,\n    b=2,\n    n=1,\n)");
  CHECK(appended("f(\r\n\ta\r\n)") == "f(\r\n\ta,\r\n\tn=1\r\n)");
  CHECK(appended("f(\r\ta\r)") == "f(\r\ta,\r\tn=1\r)");
  CHECK(appended("f(\n    a,  # one\n)") == "f(\n    a,  # one\n    n=1,\n)");
  CHECK(appended("f(\n    a  # one\n)") == "f(\n    a,  # one\n    n=1\n)");
  CHECK(appended("f(\n    a, # one\n    # two\n)") == "f(\n    a, # one\n    n=1,\n    # two\n)");
  CHECK(appended("f(a,  # one\n)") == "f(a, n=1,  # one\n)");
}

TEST_CASE("Edits: an argument takes the place of those that are dropped") {
  const auto changed = [](const std::string& text) {
    const Parsed code(text);
    const Node list = first_call(code).child(Field::arguments);
    const auto items = list.named_children();
    auto edits = remove_items(text, items, {false, true});
    const std::string item = "n=1";
    append_arguments(text, list, {items.data(), 1}, {&item, 1}, edits);
    std::ranges::sort(edits);
    for (std::size_t i = 1; i < edits.size(); ++i) CHECK(!conflict(edits[i - 1], edits[i]));
    return apply_edits(text, edits);
  };
  CHECK(changed("f(a, b=2)") == "f(a, n=1)");
  CHECK(changed("f(\n    a,\n    b=2,\n)") == "f(\n    a,\n    n=1,\n)");
  CHECK(changed("f(\n    a,  # one\n    b=2,\n)") == "f(\n    a,  # one\n    n=1,\n)");
  CHECK(changed("f(\n    a, b=2  # two\n)") == "f(\n    a,\n    n=1  # two\n)");
}

TEST_CASE("Imports: a single name is changed in place") {
  CHECK(planned("from a.b import Old\n", 0, true, {kNew}) == "from n.m import New\n");
  CHECK(planned("from a.b import Old  # why\n", 0, true, {kNew}) == "from n.m import New  # why\n");
  CHECK(planned("from a.b import (\n    Old,  # why\n)\n", 0, true, {kNew}) ==
        "from n.m import (\n    New,  # why\n)\n");
  CHECK(planned("from a.b import Old as x\n", 0, true, {{"n.m", "New", "x"}}) ==
        "from n.m import New as x\n");
  CHECK(planned("from a.b import Old as x\n", 0, true, {kNew}) == "from n.m import New\n");
}

TEST_CASE("Imports: a name among others leaves the list") {
  CHECK(planned("from a.b import Old, Other\n", 0, true, {kNew}) ==
        "from a.b import Other\nfrom n.m import New\n");
  CHECK(planned("from a.b import Other, Old", 1, true, {kNew}) ==
        "from a.b import Other\nfrom n.m import New");
  CHECK(planned("if x:\n    from a.b import (\n        Old,\n        Other,  # o\n    )\r\n", 0,
                true, {kNew}) ==
        "if x:\n    from a.b import (\n        Other,  # o\n    )\r\n    from n.m import New\r\n");
}

TEST_CASE("Imports: what has no successor disappears") {
  CHECK(planned("import c\nfrom a.b import Old\nimport d\n", 1, true, {}) ==
        "import c\nimport d\n");
  CHECK(planned("try:\n    from a.b import Old\nexcept E:\n    pass\n", 0, true, {}) ==
        "try:\n    pass\nexcept E:\n    pass\n");
  // What stays may be removed by another fix.
  CHECK(planned("if x:\n    from a.b import Old\n    import kaapana.c\n", 0, true, {}) ==
        "if x:\n    pass\n    import kaapana.c\n");
  CHECK(planned("if x:\n    from a.b import Old\n    from c import d\n", 0, true, {}) ==
        "if x:\n    from c import d\n");
  CHECK(planned("import c; from a.b import Old; d()\n", 1, true, {}) == "import c; d()\n");
}

TEST_CASE("Imports: a name that stays gets the new one beside it") {
  CHECK(planned("from a.b import Old\nx\n", 0, false, {kNew}) ==
        "from a.b import Old\nfrom n.m import New\nx\n");
  CHECK(planned("from a.b import Old\rx\r", 0, false, {kNew}) ==
        "from a.b import Old\rfrom n.m import New\rx\r");
  CHECK(planned("import c; from a.b import Old\n", 1, false, {kNew}) ==
        "import c; from n.m import New; from a.b import Old\n");
}

TEST_CASE("Plan: a fix that conflicts is left out whole") {
  const Parsed code("abcdefghij\n");
  const auto analysis = plan(code.model,
                             {draft({{{0, 2}, "x"}, {{6, 7}, "y"}}),
                              draft({{{1, 3}, "z"}, {{8, 9}, ""}}), draft({{{9, 10}, "w"}})},
                             true);
  REQUIRE(analysis.fixes.size() == 2);
  CHECK(analysis.findings[0].fix == 0u);
  CHECK_FALSE(analysis.findings[1].fix.has_value());
  CHECK(analysis.findings[2].fix == 1u);
}

TEST_CASE("Plan: fixes with one edit in common are one fix") {
  const Parsed code("abcdefghij\n");
  const auto analysis =
      plan(code.model, {draft({{{0, 2}, "x"}, {{6, 7}, "y"}}), draft({{{0, 2}, "x"}})}, true);
  REQUIRE(analysis.fixes.size() == 1);
  CHECK(analysis.findings[0].fix == 0u);
  CHECK(analysis.findings[1].fix == 0u);
  CHECK(analysis.fixes[0].edits.size() == 2);
}

TEST_CASE("Plan: an unsafe fix never holds up a safe one") {
  const Parsed code("abcdefghij\n");
  const auto analysis =
      plan(code.model, {draft({{{0, 4}, "x"}}, Safety::unsafe), draft({{{2, 3}, "y"}})}, true);
  REQUIRE(analysis.fixes.size() == 1);
  CHECK(analysis.findings[1].fix == 0u);
  CHECK(analysis.fixes[0].safety == Safety::safe);
}

TEST_CASE("Plan: a file with syntax errors gets no fix") {
  const Parsed code("abc\n");
  const auto analysis = plan(code.model, {draft({{{0, 2}, "x"}})}, false);
  CHECK(analysis.fixes.empty());
  CHECK(analysis.findings.size() == 1);
}
