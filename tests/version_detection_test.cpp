#include "cli/version_detection.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"

using namespace dagfix;

namespace {

using Modules = std::set<std::string, std::less<>>;

const RuleBook& book() {
  static const RuleBook loaded = *RuleBook::load();
  return loaded;
}

const Version kNewest{0, 6, 0};

}  // namespace

TEST_CASE("Version detection: modules that import statements name") {
  CHECK(kaapana_modules("from kaapana.operators.X import X as Y\nimport kaapana.a.b, numpy\n"
                        "from kaapanapy.helper import (a,\n  b)\nfrom mine.kaapana import c\n"
                        "import kaapana_tools\n") ==
        Modules{"kaapana.a.b", "kaapana.operators.X", "kaapana.operators.X.X", "kaapanapy.helper",
                "kaapanapy.helper.a", "kaapanapy.helper.b"});
}

TEST_CASE("Version detection: without evidence, the oldest version") {
  const DetectedVersion found = detect_version(book(), {"kaapana.operators.NoSuch"}, kNewest);
  CHECK(found.version == book().versions().front());
  CHECK(found.evidence ==
        "nothing here tells the version, so this is the oldest that dagfix knows");
}

TEST_CASE("Version detection: the oldest version that has a module") {
  for (const RuleBook::ModuleSpan& span : book().modules()) {
    INFO(span.module);
    CHECK(detect_version(book(), {span.module}, kNewest).version == span.first);
  }
}

TEST_CASE("Version detection: modules that never existed together") {
  const auto spans = book().modules();
  const auto old = std::ranges::min_element(spans, {}, &RuleBook::ModuleSpan::last);
  const Version since{0, 5, 0};
  Modules modules{old->module};
  for (const RuleBook::ModuleSpan& span : spans) {
    if (span.first == since && span.last == kNewest) modules.insert(span.module);
  }
  REQUIRE(old->last < since);
  REQUIRE(modules.size() > 2);
  const DetectedVersion found = detect_version(book(), modules, kNewest);
  CHECK(found.version == since);
  CHECK(found.evidence == "no version has all " + std::to_string(modules.size()) +
                              " Kaapana modules imported here; this is the oldest that has " +
                              std::to_string(modules.size() - 1));
}

TEST_CASE("Version detection: nothing newer than the target") {
  for (const RuleBook::ModuleSpan& span : book().modules()) {
    const Version to{0, 4, 2};
    INFO(span.module);
    CHECK(detect_version(book(), {span.module}, to).version <= to);
  }
}
