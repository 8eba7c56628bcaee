#include "runtime/guide.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "embedded.hpp"
#include "rules/json_reader.hpp"

namespace dagfix::runtime {

namespace {

using nlohmann::json;

template <typename Enum, std::size_t count>
using Names = std::array<std::pair<Enum, std::string_view>, count>;

constexpr Names<Phase, 4> kPhaseNames{{{Phase::before, "before"},
                                       {Phase::down, "down"},
                                       {Phase::nocluster, "nocluster"},
                                       {Phase::after, "after"}}};

constexpr Names<Verdict, 8> kVerdicts{{{Verdict::done, "done"},
                                       {Verdict::todo, "todo"},
                                       {Verdict::partial, "partial"},
                                       {Verdict::broken, "broken"},
                                       {Verdict::danger, "danger"},
                                       {Verdict::manual, "manual"},
                                       {Verdict::not_applicable, "not-applicable"},
                                       {Verdict::unknown, "unknown"}}};

constexpr Names<StepInfo::Kind, 4> kKinds{{{StepInfo::Kind::action, "action"},
                                           {StepInfo::Kind::verify, "verify"},
                                           {StepInfo::Kind::manual, "manual"},
                                           {StepInfo::Kind::note, "note"}}};

constexpr Names<TrapInfo::Severity, 3> kSeverities{{{TrapInfo::Severity::confusing, "confusing"},
                                                    {TrapInfo::Severity::fails, "fails"},
                                                    {TrapInfo::Severity::data_loss, "data-loss"}}};

template <typename Enum, std::size_t count>
std::string_view name_in(const Names<Enum, count>& names, Enum value) {
  return std::ranges::find(names, value, &std::pair<Enum, std::string_view>::first)->second;
}

template <typename Enum, std::size_t count>
std::optional<Enum> value_in(const Names<Enum, count>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name, &std::pair<Enum, std::string_view>::second);
  if (found == names.end()) return std::nullopt;
  return found->first;
}

template <typename Enum, std::size_t count>
Enum required(JsonReader& reader, const char* key, const Names<Enum, count>& names) {
  const std::string text = reader.string(key, true);
  const auto value = value_in(names, text);
  if (!value) reader.fail(fmt::format("'{}' has an unknown value: {}", key, text));
  return *value;
}

/// A text of one or more lines, as one line: reports wrap it themselves.
std::string line_of(JsonReader& reader, const char* key, bool is_required = false) {
  std::string text = reader.text(key, is_required);
  std::ranges::replace(text, '\n', ' ');
  return text;
}

StepInfo read_step(std::string_view text) {
  const json document = json::parse(text);
  JsonReader reader(document, "");
  reader.string("$schema");
  StepInfo step;
  step.id = reader.string("id", true);
  step.number = reader.string("number", true);
  step.title = reader.string("title", true);
  step.kind = required(reader, "kind", kKinds);
  for (const std::string& name : reader.strings("phases")) {
    const auto phase = phase_named(name);
    if (!phase) reader.fail(fmt::format("'phases' has an unknown value: {}", name));
    step.phases.push_back(*phase);
  }
  step.needs = reader.strings("needs");
  step.gate = reader.strings("gate");
  step.reads = reader.strings("reads");
  step.needs_baseline = reader.boolean("baseline");
  step.what = reader.text("what", true);
  step.question = reader.string("question", step.kind == StepInfo::Kind::manual);
  step.docs = reader.strings("docs");
  reader.each("outcomes", [&](JsonReader& entry) {
    Outcome outcome;
    outcome.name = entry.string("name", true);
    outcome.verdict = required(entry, "verdict", kVerdicts);
    outcome.say = entry.string("say", true);
    outcome.remedy = line_of(entry, "remedy");
    outcome.commands = entry.strings("commands");
    if (step.find(outcome.name)) entry.fail(fmt::format("'{}' is there twice", outcome.name));
    step.outcomes.push_back(std::move(outcome));
  });
  reader.finish();
  return step;
}

std::vector<TrapInfo> read_traps(std::string_view text) {
  const json document = json::parse(text);
  JsonReader reader(document, "");
  reader.string("$schema");
  std::vector<TrapInfo> traps;
  reader.each("traps", [&](JsonReader& entry) {
    TrapInfo trap;
    trap.id = entry.string("id", true);
    trap.severity = required(entry, "severity", kSeverities);
    trap.steps = entry.strings("steps");
    trap.is_checked = entry.boolean("checked");
    trap.problem = line_of(entry, "problem", true);
    trap.advice = line_of(entry, "advice", true);
    traps.push_back(std::move(trap));
  });
  reader.finish();
  return traps;
}

using Files = std::map<std::string, std::string_view, std::less<>>;

Guide read_guide(const std::string& folder, const Files& files) {
  const json document = json::parse(files.at(folder + "guide.json"));
  JsonReader reader(document, "");
  reader.string("$schema");
  Guide guide;
  guide.name = reader.string("name", true);
  guide.title = reader.string("title", true);
  guide.platform = reader.string("platform", true);
  guide.from = reader.version("from").value_or(Version());
  guide.to = reader.version("to").value_or(Version());
  guide.intro = reader.text("intro", true);
  guide.is_outlook = reader.boolean("outlook");
  const auto order = reader.strings("steps");
  reader.finish();
  for (const std::string& id : order) {
    const auto file = files.find(fmt::format("{}{}.json", folder, id));
    if (file == files.end()) reader.fail(fmt::format("there is no {}.json", id));
    StepInfo step = [&] {
      try {
        return read_step(file->second);
      } catch (const std::exception& error) {
        throw std::runtime_error(fmt::format("{}: {}", id, error.what()));
      }
    }();
    if (step.id != id) reader.fail(fmt::format("{}.json has the id '{}'", id, step.id));
    guide.steps.push_back(std::move(step));
  }
  if (const auto traps = files.find(folder + "traps.json"); traps != files.end()) {
    guide.traps = read_traps(traps->second);
  }
  return guide;
}

}  // namespace

std::string_view name_of(Phase phase) { return name_in(kPhaseNames, phase); }
std::optional<Phase> phase_named(std::string_view name) { return value_in(kPhaseNames, name); }
std::string_view name_of(Verdict verdict) { return name_in(kVerdicts, verdict); }
std::optional<Verdict> verdict_named(std::string_view name) { return value_in(kVerdicts, name); }
std::string_view name_of(StepInfo::Kind kind) { return name_in(kKinds, kind); }
std::string_view name_of(TrapInfo::Severity severity) { return name_in(kSeverities, severity); }

std::string_view title_of(Verdict verdict) {
  if (verdict == Verdict::todo) return "to do";
  if (verdict == Verdict::not_applicable) return "not applicable";
  return name_of(verdict);
}

const Outcome* StepInfo::find(std::string_view name) const {
  const auto found = std::ranges::find(outcomes, name, &Outcome::name);
  return found == outcomes.end() ? nullptr : &*found;
}

const StepInfo* Guide::find(std::string_view id) const {
  const auto found = std::ranges::find(steps, id, &StepInfo::id);
  return found == steps.end() ? nullptr : &*found;
}

std::expected<GuideBook, std::string> GuideBook::load() {
  constexpr std::string_view kFolder = "runtime/";
  Files files;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path.starts_with(kFolder)) files.emplace(file.path, file.text);
  }
  GuideBook book;
  for (const auto& [path, _] : files) {
    if (!path.ends_with("/guide.json")) continue;
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    try {
      book.guides_.push_back(read_guide(folder, files));
    } catch (const std::exception& error) {
      return std::unexpected(fmt::format("{}: {}", folder, error.what()));
    }
  }
  return book;
}

const Guide* GuideBook::find(std::string_view name) const {
  const auto found = std::ranges::find(guides_, name, &Guide::name);
  return found == guides_.end() ? nullptr : &*found;
}

}  // namespace dagfix::runtime
