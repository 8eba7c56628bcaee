#include <algorithm>

#include "rules/api/changes.hpp"
#include "rules/rule_set.hpp"
#include "support/catch.hpp"

namespace {

using namespace dagfix;

constexpr Version k1{0, 1, 0};
constexpr Version k2{0, 2, 0};
constexpr Version k3{0, 3, 0};

// A base that takes what Airflow takes, an operator that hands on what it gets, and a module.
constexpr std::string_view kText =
    "versions\t0.1.0\t0.2.0\t0.3.0\n"
    "class\tairflow.models.BaseOperator\t0.1.0\t0.3.0\n"
    "\tinit\t\n"
    "\tparam\ttask_id=?\n"
    "module\tkaapana.base\t0.1.0\t0.3.0\n"
    "class\tkaapana.base.Base\t0.1.0\t0.3.0\n"
    "\tbase\tairflow.models.BaseOperator\n"
    "\tinit\t\n"
    "\tparam\tdag\n"
    "\tparam\tvolumes=None\t0.1.0\t0.1.0\n"
    "\tparam\tmemory=None\n"
    "\tparam\t**kwargs\n"
    "\tpasses\t\n"
    "\tsuper\ttask_id=?\n"
    "module\tkaapana.get\t0.1.0\t0.3.0\n"
    "\tfunction\tfetch(url, timeout=[1, 2])\t0.1.0\t0.2.0\n"
    "\tfunction\tfetch(path, url)\t0.3.0\t0.3.0\n"
    "\timport\tBase=kaapana.base.Base\t0.1.0\t0.2.0\n"
    "\timport\tos=os\t0.1.0\t0.1.0\n"
    "\tname\tLIMIT=5\t0.1.0\t0.1.0\n"
    "class\tkaapana.get.Get\t0.1.0\t0.3.0\n"
    "\tbase\tkaapana.base.Base\n"
    "\tinit\t\n"
    "\tparam\tdag\n"
    "\tparam\tplace\t0.3.0\t0.3.0\n"
    "\tparam\thost=None\n"
    "\tparam\t**kwargs\n"
    "\tpasses\t\n"
    "\tsuper\tdag=?\n"
    "\tsuper\tmemory=1\t0.2.0\t0.3.0\n"
    "module\tkaapana.old\t0.1.0\t0.2.0\n"
    "class\tkaapana.old.Get\t0.1.0\t0.2.0\n";

ApiHistory history() {
  auto read = ApiHistory::read(kText);
  REQUIRE(read.has_value());
  return *std::move(read);
}

}  // namespace

TEST_CASE("API: members are read with their versions") {
  const ApiHistory api = history();
  CHECK(api.versions() == std::vector{k1, k2, k3});
  const ApiBlock* get = api.find("class", "kaapana.get.Get", k2);
  REQUIRE(get);
  const auto members = get->members(k2);
  REQUIRE(members.size() == 8);
  CHECK(members[3].kind == "param");
  CHECK(members[3].name() == "host");
  CHECK(members[3].first == k1);
  CHECK(members[7].name() == "memory");
  CHECK(members[7].first == k2);
  CHECK(!api.find("class", "kaapana.old.Get", k3));
}

TEST_CASE("API: a path is a module, a package, a class or a name in a module") {
  const ApiHistory api = history();
  for (const auto* path : {"kaapana", "kaapana.get", "kaapana.get.Get", "kaapana.get.fetch"}) {
    INFO(path);
    CHECK(api.has(path, k3));
  }
  CHECK(api.has("kaapana.get.os", k1));
  CHECK(!api.has("kaapana.get.os", k2));
  CHECK(!api.has("kaapana.ge", k1));
  CHECK(!api.has("kaapana.old", k3));
}

TEST_CASE("API: a mistake in the file is an error that names the line") {
  CHECK(ApiHistory::read("module\ta\t0.1.0\t0.1.0\n").error() == "line 1: no versions");
  CHECK(ApiHistory::read("versions\t0.1\n").error() == "line 1: no version");
  CHECK(ApiHistory::read("versions\t0.1.0\nmodule\ta\t0.1.0\n").error() ==
        "line 2: no module and no class");
  CHECK(ApiHistory::read("versions\t0.1.0\nmodule\tb\t0.1.0\t0.1.0\nmodule\ta\t0.1.0\t0.1.0\n")
            .error() == "the blocks are not sorted");
}

TEST_CASE("API: what is gone, since when, and where it is now") {
  const ApiHistory api = history();
  const ApiChanges changes = ApiChanges::between(api, k1, k3);
  const ApiGone* limit = changes.find_gone("kaapana.get.LIMIT");
  REQUIRE(limit);
  CHECK(changes.gone_since(limit->path) == k2);
  CHECK(limit->to.empty());
  const ApiGone* base = changes.find_gone("kaapana.get.Base");
  REQUIRE(base);
  CHECK(changes.gone_since(base->path) == k3);
  CHECK(base->to == "kaapana.base.Base");
  CHECK(base->is_same);
  const ApiGone* old = changes.find_gone("kaapana.old.Get");
  REQUIRE(old);
  CHECK(old->to == "kaapana.get.Get");
  CHECK(!old->is_same);
  CHECK(changes.find_gone("kaapana.old")->is_module);
  // A library that a module used is nobody's business.
  CHECK(!changes.find_gone("kaapana.get.os"));
  CHECK(ApiChanges::between(api, k2, k2).gone().empty());
}

TEST_CASE("API: keywords are lost in three ways, through the bases") {
  const ApiHistory api = history();
  const ApiChanges changes = ApiChanges::between(api, k1, k2);
  using enum ApiLostArgument::Refusal;
  const ApiCallChange* get = changes.find_call("kaapana.get.Get");
  REQUIRE(get);
  REQUIRE(get->find_lost("memory"));
  CHECK(get->find_lost("memory")->refusal == twice);
  CHECK(get->find_lost("memory")->by == "kaapana.get.Get");
  REQUIRE(get->find_lost("volumes"));
  CHECK(get->find_lost("volumes")->refusal == illegal);
  const auto lost_volumes = [](const ApiCallChange& change) {
    return change.find_lost("volumes") != nullptr;
  };
  CHECK(ApiChanges::between(api, k1, k3).changed_since("kaapana.get.Get", lost_volumes) == k2);
  CHECK(!get->find_lost("host"));
  CHECK(!get->find_lost("task_id"));
  REQUIRE(changes.find_call("kaapana.base.Base"));
  CHECK(!changes.find_call("kaapana.base.Base")->find_lost("memory"));
  const ApiChanges later = ApiChanges::between(api, k2, k3);
  REQUIRE(later.find_call("kaapana.get.fetch"));
  CHECK(later.find_call("kaapana.get.fetch")->find_lost("timeout")->refusal == unexpected);
}

TEST_CASE("API: arguments that are required, and positions that changed") {
  const ApiHistory api = history();
  const ApiChanges changes = ApiChanges::between(api, k1, k3);
  const ApiCallChange* get = changes.find_call("kaapana.get.Get");
  REQUIRE(get);
  CHECK(get->required == std::vector<std::string>{"place"});
  const auto is_needed = [](const ApiCallChange& change) { return change.requires_now("place"); };
  CHECK(changes.changed_since("kaapana.get.Get", is_needed) == k3);
  CHECK(get->has_other_order);
  CHECK(get->unchanged_positions() == 1);
  ApiCallChange renamed = *changes.find_call("kaapana.get.fetch");
  CHECK(renamed.unchanged_positions() == 0);
  CHECK(!ApiChanges::between(api, k1, k2).find_call("kaapana.get.fetch"));
}

TEST_CASE("API: what other rules tell is left to them") {
  const auto book = RuleBook::load();
  REQUIRE(book);
  const auto rules = [&](const Selection& selection) {
    return *RuleSet::select(*book, {0, 4, 2}, {0, 5, 3}, selection);
  };
  constexpr std::string_view kThumbnail =
      "kaapana.operators.GenerateThumbnailOperator.GenerateThumbnailOperator";
  // thumbnail-argument renames the parameter: nothing is missing, and its place is the same.
  CHECK(!rules({}).api().find_call(kThumbnail));
  CHECK(!rules({}).api().find_gone("kaapana.operators.HelperMinio.HelperMinio"));
  // Nor are they told instead of a rule that the user ignores.
  CHECK(!rules({{"KAP3"}, {}, false}).api().find_call(kThumbnail));
  CHECK(!rules({{}, {"KAP205"}, false}).api().find_call(kThumbnail));
  const ApiHistory& embedded = ApiHistory::embedded();
  const ApiChanges changes = ApiChanges::between(embedded, {0, 4, 2}, {0, 5, 3});
  REQUIRE(changes.find_call(kThumbnail));
  CHECK(changes.find_call(kThumbnail)->find_lost("orig_image_operator"));
  CHECK(changes.find_gone("kaapana.operators.HelperMinio.HelperMinio"));
}

TEST_CASE("API: the embedded history knows all releases") {
  const auto book = RuleBook::load();
  REQUIRE(book);
  const ApiHistory& api = ApiHistory::embedded();
  CHECK(std::ranges::equal(api.versions(), book->versions()));
  for (const auto& module : book->modules()) {
    INFO(module.module);
    CHECK(api.has(module.module, module.first));
    CHECK(api.has(module.module, module.last));
  }
  // What a migration from a version to itself finds is nothing.
  for (const Version version : api.versions()) {
    CHECK(ApiChanges::between(api, version, version).calls().empty());
  }
}
