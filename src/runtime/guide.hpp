#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/version.hpp"

namespace dagfix::runtime {

/// When in an upgrade something is.
enum class Phase : std::uint8_t {
  before,     ///< The old platform runs.
  down,       ///< It is undeployed, the cluster is there.
  nocluster,  ///< MicroK8s is removed, too.
  after,      ///< The new platform runs.
};
/// In their order.
inline constexpr Phase kPhases[] = {Phase::before, Phase::down, Phase::nocluster, Phase::after};
std::string_view name_of(Phase phase);
std::optional<Phase> phase_named(std::string_view name);

/// What is said of a step.
enum class Verdict : std::uint8_t {
  done,
  todo,
  partial,         ///< Begun and not finished.
  broken,          ///< It went wrong, or cannot work.
  danger,          ///< Going on loses data.
  manual,          ///< Nothing can be observed, and nobody has attested it.
  not_applicable,  ///< This platform does not need it.
  unknown,         ///< It could not be seen.
};
/// "done", "todo", ..., "not-applicable", "unknown": as in rule files and reports.
std::string_view name_of(Verdict verdict);
std::optional<Verdict> verdict_named(std::string_view name);
/// Done, or not to be done.
constexpr bool is_settled(Verdict verdict) {
  return verdict == Verdict::done || verdict == Verdict::not_applicable;
}
/// As people read it: "to do".
std::string_view title_of(Verdict verdict);

/// One of the things that can be said of a step. Texts have names in braces, see fill().
struct Outcome {
  std::string name;
  Verdict verdict = Verdict::todo;
  std::string say;
  std::string remedy;  ///< What to do, in words; may be empty.
  std::vector<std::string> commands;
};

/// One step of a guide: rules/runtime/<guide>/<id>.json.
struct StepInfo {
  enum class Kind : std::uint8_t {
    action,  ///< Somebody does something.
    verify,  ///< Somebody looks whether it worked.
    manual,  ///< Nothing can be observed; `question` is asked.
    note,    ///< Something to know.
  };
  std::string id;      ///< "K05-5".
  std::string number;  ///< In the guide: "5"; "-" for what the guide does not have.
  std::string title;
  Kind kind = Kind::action;
  std::vector<Phase> phases;       ///< When it is done.
  std::vector<std::string> needs;  ///< Steps that must be done before.
  std::vector<std::string> gate;   ///< Steps that must not begin before this one is done.
  std::vector<std::string> reads;  ///< Entries of a bundle that are looked at; with '*'.
  bool needs_baseline = false;     ///< It compares with a bundle taken before.
  std::string what;                ///< What it changes, and why; Markdown.
  std::string question;            ///< Of a manual step.
  std::vector<std::string> docs;   ///< Where the facts are from.
  std::vector<Outcome> outcomes;

  /// Null if there is none.
  const Outcome* find(std::string_view name) const;
};
std::string_view name_of(StepInfo::Kind kind);

/// A trap or error of a guide: rules/runtime/<guide>/traps.json.
struct TrapInfo {
  enum class Severity : std::uint8_t { confusing, fails, data_loss };
  std::string id;  ///< "T21".
  Severity severity = Severity::confusing;
  std::vector<std::string> steps;  ///< Where it is.
  /// A step looks for it; otherwise its steps only ask, and their answer is kept.
  bool is_checked = false;
  std::string problem;  ///< What the guide says, and why that is wrong.
  std::string advice;   ///< What to do instead.
};
std::string_view name_of(TrapInfo::Severity severity);

/// A guide: rules/runtime/<name>/guide.json and what lies beside it.
struct Guide {
  std::string name;  ///< "kaapana-0.4-to-0.5".
  std::string title;
  std::string platform;         ///< "kaapana" or "openrem".
  Version from;                 ///< Oldest version that it leads from.
  Version to;                   ///< Oldest version that it leads to.
  std::string intro;            ///< Markdown.
  bool is_outlook = false;      ///< There is no official guide; it only warns.
  std::vector<StepInfo> steps;  ///< In the order in which they are done.
  std::vector<TrapInfo> traps;

  const StepInfo* find(std::string_view id) const;
};

/// All guides. Immutable.
class GuideBook {
 public:
  /// Reads the embedded files. The error names file and place.
  static std::expected<GuideBook, std::string> load();

  std::span<const Guide> guides() const { return guides_; }
  const Guide* find(std::string_view name) const;

 private:
  std::vector<Guide> guides_;
};

}  // namespace dagfix::runtime
