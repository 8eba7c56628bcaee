#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/answer.hpp"
#include "runtime/dags.hpp"
#include "runtime/guide.hpp"
#include "runtime/platform.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

/// What a function that judges a step gets: what was seen, and where it says what it concludes.
///
/// A function asks conditions in order, the worst first; the first one that is certainly so is the
/// verdict. If none is, the step is unknown, with why the undecided ones are undecided.
class Step {
 public:
  struct Situation {
    const Platform& now;
    const Platform* baseline = nullptr;  ///< The platform before; null if not given.
    DetectedPhase phase;
    Time time;
    const DagPlan* dags = nullptr;  ///< What a check of the DAGs says; null if there was none.
  };

  Step(const StepInfo& info, const Situation& situation) : info_(info), situation_(situation) {}

  const StepInfo& info() const { return info_; }
  const Platform& now() const { return situation_.now; }
  const Platform* baseline() const { return situation_.baseline; }
  /// Whether the platform's own code needs nothing; unknown if it was not checked.
  Truth has_clean_dags() const;
  const DagPlan* dags() const { return situation_.dags; }
  /// Whether the new platform runs already: what comes before the deployment is over.
  Truth is_after() const;
  /// Whether the phases of this step are over: what it changes cannot be looked at any more.
  Truth is_past() const;
  Time time() const { return situation_.time; }
  const FileTree& files() const { return now().files(); }
  const Kubernetes& cluster() const { return now().cluster(); }
  const Profile& profile() const { return now().profile(); }

  /// `outcome` of the step's file is the verdict if `condition` is so and none was before.
  void decide(std::string_view outcome, const Truth& condition);
  /// Whether there is a verdict already.
  bool is_decided() const { return outcome_ != nullptr; }
  /// A name for the texts: {name}.
  void set(std::string name, std::string value) { names_[std::move(name)] = std::move(value); }
  /// A name for the texts that stands for a whole command: the item "{name}" of a list of commands
  /// becomes these.
  void set_commands(std::string name, std::vector<std::string> commands) {
    commands_[std::move(name)] = std::move(commands);
  }
  /// A line that tells what was seen.
  void evidence(std::string line) { evidence_.push_back(std::move(line)); }
  /// Whether the verdict so far leaves something to do or to see.
  bool is_open() const;
  /// The trap is there if the condition is so; one that cannot be seen is told as advice.
  void trap(std::string_view id, const Truth& condition);
  /// The unknown of a condition that needs the baseline.
  static Truth without_baseline();

  /// What came out; for the judge.
  const Outcome* outcome() const { return outcome_; }
  const std::vector<std::string>& evidence() const { return evidence_; }
  const std::vector<std::string>& traps() const { return traps_; }
  const std::vector<std::string>& unseen_traps() const { return unseen_traps_; }
  const std::vector<Unseen>& unseen() const { return unseen_; }
  const std::map<std::string, std::string, std::less<>>& names() const { return names_; }
  const std::map<std::string, std::vector<std::string>, std::less<>>& commands() const {
    return commands_;
  }

 private:
  const StepInfo& info_;
  Situation situation_;
  const Outcome* outcome_ = nullptr;
  std::vector<Unseen> unseen_;
  std::vector<std::string> evidence_;
  std::vector<std::string> traps_;
  std::vector<std::string> unseen_traps_;
  std::map<std::string, std::string, std::less<>> names_;
  std::map<std::string, std::vector<std::string>, std::less<>> commands_;
};

using StepFunction = void (*)(Step&);
/// The function that judges a step; null for steps that only ask or tell.
StepFunction step_function(std::string_view id);
/// All ids that have a function, sorted.
std::vector<std::string_view> judged_steps();

/// `text` with {name} replaced by names of the step, then of the profile ({fast} is
/// platform.fast, {services} namespaces.services, {sql.aii.host} itself). Values are quoted for the
/// shell if `for_shell`. A name that nobody has stays as it is.
std::string fill(std::string_view text, const Step& step, bool for_shell);

}  // namespace dagfix::runtime
