#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "cli/doctor_dags.hpp"
#include "runtime/judge.hpp"
#include "runtime/step.hpp"
#include "support/bundle_fixture.hpp"
#include "support/catch.hpp"

namespace {

namespace fs = std::filesystem;
using namespace dagfix::runtime;

const fs::path kFixtures = fs::path(DAGFIX_SOURCE_DIR) / "fixtures" / "bundles";

Json read_json(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return Json::parse(std::move(text).str());
}

const GuideBook& book() {
  static const GuideBook kBook = [] {
    auto loaded = GuideBook::load();
    if (!loaded) throw std::runtime_error(loaded.error());
    return *std::move(loaded);
  }();
  return kBook;
}

Profile profile_of(const Json& patch) {
  Profile profile;
  const auto values = patch.find("profile");
  if (values == patch.end()) return profile;
  for (const auto& [name, value] : values->items()) {
    if (!find_profile_key(name)) throw std::runtime_error("profile: unknown key " + name);
    profile.set(name, value.get<std::string>(), "fixture", Profile::Strength::given);
  }
  return profile;
}

Attestations attestations_of(const Json& test) {
  Attestations said;
  const auto answers = test.find("attest");
  if (answers == test.end()) return said;
  for (const auto& [step, answer] : answers->items()) {
    said[step] = {answer.get<std::string>(), "admin", *parse_time("2026-03-01T00:00:00Z"), {}};
  }
  return said;
}

/// What fixtures of one guide reached.
struct Reached {
  std::map<std::string, std::set<std::string>> outcomes;  // by step
  std::map<std::string, std::set<Verdict>> verdicts;
  std::set<std::string> traps;
};

void check_texts(const StepResult& result) {
  // A name in braces that nobody filled in would be shown to people.
  std::string all = result.say + result.remedy;
  for (const std::string& command : result.commands) all += command;
  CHECK(all.find('{') == std::string::npos);
}

void run_case(const Guide& guide, const std::string& id, const Json& bases, Json test,
              Reached& reached) {
  const Json profile = test.value("profile", Json::object());
  std::optional<Phase> phase;
  if (test.contains("phase")) phase = phase_named(test["phase"].get<std::string>());
  const Json expected = test.at("expect");
  const Json description = test.at("bundle");
  const BundleFixture fixture(bases);
  const Bundle bundle = fixture.expand(description);
  std::optional<Bundle> baseline;
  if (test.contains("baseline")) baseline = fixture.expand(test["baseline"]);
  const JudgeRequest request{bundle,
                             baseline ? &*baseline : nullptr,
                             profile_of(test),
                             guide.name,
                             phase,
                             attestations_of(test),
                             {},
                             *parse_time("2026-03-02T00:00:00Z"),
                             dagfix::dag_checker()};
  const auto report = judge(request, book());
  REQUIRE(report);
  const auto result = std::ranges::find_if(
      report->steps, [&](const StepResult& candidate) { return candidate.step->id == id; });
  REQUIRE(result != report->steps.end());
  const std::string got =
      result->outcome.empty() ? std::string(name_of(result->verdict)) : result->outcome;
  INFO("says: " << result->say);
  for (const Unseen& unseen : result->unseen)
    INFO("not seen: " << unseen.entry << " " << unseen.evidence);
  CHECK(got == expected.at("outcome").get<std::string>());
  if (expected.contains("verdict")) {
    CHECK(name_of(result->verdict) == expected["verdict"].get<std::string>());
  }
  for (const Json& text : expected.value("say", Json::array())) {
    CHECK(result->say.find(text.get<std::string>()) != std::string::npos);
  }
  if (expected.contains("commands")) CHECK(Json(result->commands) == expected["commands"]);
  if (expected.contains("passed_gate")) CHECK(Json(result->passed_gate) == expected["passed_gate"]);
  Json traps = Json::array();
  for (const TrapResult& trap : result->traps) {
    if (!trap.is_there) continue;
    traps.push_back(trap.trap->id);
    reached.traps.insert(trap.trap->id);
  }
  CHECK(traps == expected.value("traps", Json::array()));
  check_texts(*result);
  reached.outcomes[id].insert(got);
  reached.verdicts[id].insert(result->verdict);
}

Reached run_fixtures(const Guide& guide) {
  Reached reached;
  const fs::path folder = kFixtures / guide.name;
  const Json bases = read_json(folder / "bases.json");
  for (const StepInfo& step : guide.steps) {
    const fs::path file = folder / (step.id + ".json");
    if (!fs::exists(file)) continue;
    const Json document = read_json(file);
    for (const Json& test : document.at("cases")) {
      INFO(guide.name << "/" << step.id << ".json: " << test.at("name").get<std::string>());
      try {
        run_case(guide, step.id, bases, test, reached);
      } catch (const std::exception& error) {
        FAIL_CHECK(error.what());
      }
    }
  }
  return reached;
}

}  // namespace

TEST_CASE("Steps: fixtures have the verdicts that they say, and every outcome has one") {
  for (const Guide& guide : book().guides()) {
    const Reached reached = run_fixtures(guide);
    for (const StepInfo& step : guide.steps) {
      INFO("fixtures/bundles/" << guide.name << "/" << step.id << ".json");
      const auto outcomes = reached.outcomes.find(step.id);
      if (step.kind == StepInfo::Kind::note && step.outcomes.empty()) continue;
      REQUIRE(outcomes != reached.outcomes.end());
      for (const Outcome& outcome : step.outcomes) {
        INFO("outcome " << outcome.name);
        CHECK(outcomes->second.contains(outcome.name));
      }
      const auto& verdicts = reached.verdicts.at(step.id);
      if (step_function(step.id)) {
        // What nobody could see is unknown for every step that looks at something.
        CHECK(verdicts.contains(Verdict::unknown));
        CHECK(verdicts.contains(Verdict::done));
        CHECK((verdicts.contains(Verdict::todo) || verdicts.contains(Verdict::partial)));
        CHECK((verdicts.contains(Verdict::broken) || verdicts.contains(Verdict::danger)));
      } else {
        CHECK(verdicts.contains(Verdict::manual));
        CHECK(verdicts.contains(Verdict::done));
      }
    }
    for (const TrapInfo& trap : guide.traps) {
      INFO("trap " << trap.id);
      CHECK(reached.traps.contains(trap.id) == trap.is_checked);
    }
  }
}

TEST_CASE("Steps: files, functions and references pair") {
  std::set<std::string_view> known;
  for (const Guide& guide : book().guides()) {
    for (const StepInfo& step : guide.steps) {
      INFO(step.id);
      CHECK(known.insert(step.id).second);
      const bool has_function = step_function(step.id) != nullptr;
      CHECK(has_function == !step.outcomes.empty());
      if (step.kind == StepInfo::Kind::manual) CHECK_FALSE(has_function);
      for (const auto* list : {&step.needs, &step.gate}) {
        for (const std::string& id : *list) {
          INFO("names " << id);
          CHECK(guide.find(id));
        }
      }
    }
    std::set<std::string_view> traps;
    for (const TrapInfo& trap : guide.traps) {
      INFO(trap.id);
      CHECK(traps.insert(trap.id).second);
      CHECK_FALSE(trap.steps.empty());
      for (const std::string& id : trap.steps) {
        const StepInfo* const step = guide.find(id);
        REQUIRE(step);
        // Nobody looks for it: the administrator is asked.
        if (!trap.is_checked) CHECK(step->kind == StepInfo::Kind::manual);
      }
    }
    const fs::path rules = fs::path(DAGFIX_SOURCE_DIR) / "rules" / "runtime" / guide.name;
    for (const auto& entry : fs::directory_iterator(rules)) {
      const std::string stem = entry.path().stem();
      INFO(entry.path());
      CHECK((stem == "guide" || stem == "traps" || guide.find(stem)));
    }
    for (const auto& entry : fs::directory_iterator(kFixtures / guide.name)) {
      const std::string stem = entry.path().stem();
      INFO(entry.path());
      CHECK((stem == "bases" || guide.find(stem)));
    }
  }
  for (const std::string_view id : judged_steps()) {
    INFO(id);
    CHECK(known.contains(id));
  }
}

TEST_CASE("Steps: a bundle that holds nothing gives no verdict but unknown, manual or a note") {
  const Bundle bundle;
  for (const Guide& guide : book().guides()) {
    const JudgeRequest request{bundle, nullptr, {}, guide.name, {}, {}, {}, {}};
    const auto report = judge(request, book());
    REQUIRE(report);
    for (const StepResult& result : report->steps) {
      INFO(result.step->id << " says " << result.say);
      const bool is_note = result.step->kind == StepInfo::Kind::note;
      CHECK((result.verdict == Verdict::unknown || result.verdict == Verdict::manual ||
             (is_note && result.verdict == Verdict::not_applicable)));
    }
  }
}

TEST_CASE("Steps: what is denied everywhere gives no verdict but unknown, manual or a note") {
  Bundle bundle;
  for (const char* const name :
       {"fs/tree.tsv", "k8s/all.json", "k8s/helm-secrets.json", "minio/ls.txt"}) {
    bundle.put_state(name, State::denied, "refused");
  }
  for (const Guide& guide : book().guides()) {
    for (const Phase phase : {Phase::before, Phase::down, Phase::nocluster, Phase::after}) {
      const JudgeRequest request{bundle, nullptr, {}, guide.name, phase, {}, {}, {}};
      const auto report = judge(request, book());
      REQUIRE(report);
      for (const StepResult& result : report->steps) {
        INFO(result.step->id << " in phase " << name_of(phase) << " says " << result.say);
        const bool is_note = result.step->kind == StepInfo::Kind::note;
        // Whoever says the phase says that the time of some steps is still to come, or over.
        const bool is_over = result.outcome == "over";
        CHECK((result.verdict == Verdict::unknown || result.verdict == Verdict::manual ||
               result.is_later || is_over ||
               (is_note && result.verdict == Verdict::not_applicable)));
      }
    }
  }
}
