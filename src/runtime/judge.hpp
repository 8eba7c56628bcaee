#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/dags.hpp"
#include "runtime/guide.hpp"
#include "runtime/platform.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

/// What an administrator may say of a step.
inline constexpr std::string_view kAnswers[] = {"done", "not-done", "skip"};
bool is_answer(std::string_view text);

/// What an administrator said of a step.
struct Attestation {
  std::string answer;  ///< One of kAnswers.
  std::string who;
  Time when;
  std::string note;
};
/// By step id.
using Attestations = std::map<std::string, Attestation, std::less<>>;

/// A step that is not to count.
struct Waiver {
  std::string reason;
  std::optional<Time> expires;
};
using Waivers = std::map<std::string, Waiver, std::less<>>;

struct TrapResult {
  const TrapInfo* trap = nullptr;
  bool is_there = false;  ///< It was observed; otherwise nobody could see whether it is.
};

/// What came out for one step. Texts are filled in and have no secrets.
struct StepResult {
  const StepInfo* step = nullptr;
  Verdict verdict = Verdict::unknown;
  std::string outcome;  ///< Name in the step's file; empty if none fits.
  std::string say;
  std::string remedy;
  std::vector<std::string> commands;
  std::vector<std::string> evidence;
  std::vector<Unseen> unseen;
  std::vector<TrapResult> traps;
  /// It is not its turn: steps that it needs are not done. Ids.
  std::vector<std::string> waits_for;
  /// Steps that have begun although this one, their gate, is not done. Ids: stop.
  std::vector<std::string> passed_gate;
  bool is_later = false;  ///< Its phase has not come.
  const Attestation* attestation = nullptr;
  const Waiver* waiver = nullptr;  ///< Not an expired one.

  bool is_open() const;  ///< Something is to be done, or to be seen.
};

/// Everything about one run.
struct DoctorReport {
  const Guide* guide = nullptr;
  DetectedPhase phase;
  std::optional<PlatformVersion> version;
  std::string guide_evidence;
  std::vector<std::string> warnings;  ///< Of the bundle, contradictions, expired waivers.
  std::map<std::string, Profile::Value> profile;
  BundleInfo bundle;
  Time time;
  std::vector<StepResult> steps;
  /// What to do next; where nothing can be done, what has to be seen or asked first. Null if all is
  /// done, or if it says stop.
  const StepResult* next() const;
  /// The step that says stop; null if none does.
  const StepResult* stop() const;
  /// What the platform's own code needs; nothing if it was not looked at.
  std::optional<DagPlan> dags;
  std::string command;  ///< What makes this report again, quoted for the shell.
};

struct JudgeRequest {
  const Bundle& bundle;
  const Bundle* baseline = nullptr;
  Profile profile;
  std::string guide;           ///< Empty: detected.
  std::optional<Phase> phase;  ///< Nothing: detected.
  Attestations attestations;
  Waivers waivers;
  Time time;
  DagChecker check_dags = {};  ///< Empty: DAGs are not looked at.
  std::string command = "dagfix doctor";
};

/// Judges a bundle. Pure: the same request gives the same report. `book` and the request must
/// outlive the report. Error, one line: no such guide, or none can be detected.
std::expected<DoctorReport, std::string> judge(const JudgeRequest& request, const GuideBook& book);

/// 0 all done, 1 something to do, 3 broken or dangerous, 4 nothing wrong, but something not seen.
int exit_code_of(const DoctorReport& report);

}  // namespace dagfix::runtime
