#include "runtime/judge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "runtime/step.hpp"

namespace dagfix::runtime {

namespace {

bool is_wrong(Verdict verdict) { return verdict == Verdict::broken || verdict == Verdict::danger; }

/// Something of it has happened.
bool has_begun(Verdict verdict) {
  return verdict == Verdict::done || verdict == Verdict::partial || is_wrong(verdict);
}

class Judge {
 public:
  Judge(const JudgeRequest& request, const Guide& guide, DoctorReport& report)
      : request_(request), guide_(guide), report_(report) {}

  void run(const Step::Situation& situation) {
    for (const StepInfo& info : guide_.steps) {
      Step step(info, situation);
      if (const StepFunction function = step_function(info.id)) function(step);
      report_.steps.push_back(result_of(step));
    }
    for (StepResult& result : report_.steps) relate(result);
  }

 private:
  StepResult result_of(const Step& step) {
    StepResult result;
    result.step = &step.info();
    result.evidence = step.evidence();
    if (const Outcome* const outcome = step.outcome()) {
      result.verdict = outcome->verdict;
      result.outcome = outcome->name;
      result.say = fill(outcome->say, step, false);
      result.remedy = fill(outcome->remedy, step, false);
      add_commands(outcome->commands, step, result.commands);
      // What the verdict did not need is only told where it may matter.
      result.unseen = step.unseen();
    } else if (step_function(step.info().id)) {
      result.say = "could not be seen";
      result.unseen = step.unseen();
      if (result.unseen.empty()) result.say = "what was seen fits none of the known states";
    } else {
      result.verdict = Verdict::manual;
      result.say = step.info().question.empty() ? step.info().title : step.info().question;
      if (step.info().kind == StepInfo::Kind::note) result.verdict = Verdict::not_applicable;
    }
    if (is_over(result)) {
      result.verdict = Verdict::not_applicable;
      result.outcome = "over";
      result.say = "its time is over, nobody asks";
    }
    if (is_too_early(step.info())) put_off(result);
    add_traps(step, result);
    attest(result);
    waive(result);
    return result;
  }

  /// Whether the time of a step is certainly still to come.
  bool is_too_early(const StepInfo& info) const {
    const DetectedPhase& now = report_.phase;
    return now.is_certain && !info.phases.empty() &&
           std::ranges::all_of(info.phases, [&](Phase phase) { return phase > now.phase; });
  }

  /// Whether the time to ask a question has certainly passed.
  bool is_over(const StepResult& result) const {
    const DetectedPhase& now = report_.phase;
    const auto& phases = result.step->phases;
    return result.verdict == Verdict::manual && now.is_certain && !phases.empty() &&
           std::ranges::all_of(phases, [&](Phase phase) { return phase < now.phase; });
  }

  /// Before its time nobody can see a step, or be asked: it is simply to be done later.
  static void put_off(StepResult& result) {
    const bool is_blind = result.verdict == Verdict::unknown || result.verdict == Verdict::manual;
    if (!is_blind) return;
    result.verdict = Verdict::todo;
    result.outcome = "not-yet";
    result.say = fmt::format("its time comes in phase {}", name_of(result.step->phases.front()));
    result.unseen.clear();
    result.is_later = true;
  }

  static void add_commands(const std::vector<std::string>& templates, const Step& step,
                           std::vector<std::string>& commands) {
    for (const std::string& text : templates) {
      const bool is_name = text.starts_with('{') && text.find('}') == text.size() - 1;
      const auto list =
          is_name ? step.commands().find(std::string_view(text).substr(1, text.size() - 2))
                  : step.commands().end();
      if (list != step.commands().end()) {
        commands.insert(commands.end(), list->second.begin(), list->second.end());
      } else {
        commands.push_back(fill(text, step, true));
      }
    }
  }

  void add_traps(const Step& step, StepResult& result) {
    const auto has = [](const std::vector<std::string>& list, const std::string& id) {
      return std::ranges::find(list, id) != list.end();
    };
    for (const TrapInfo& trap : guide_.traps) {
      const bool is_there = has(step.traps(), trap.id);
      const bool is_unseen =
          trap.is_checked ? has(step.unseen_traps(), trap.id) : has(trap.steps, step.info().id);
      const bool is_advice = is_unseen && !is_settled(result.verdict);
      if (is_there || is_advice) result.traps.push_back({&trap, is_there});
    }
  }

  /// What a person says counts where dagfix sees nothing: it never hides what was seen to be wrong.
  void attest(StepResult& result) {
    const auto found = request_.attestations.find(result.step->id);
    if (found == request_.attestations.end()) return;
    result.attestation = &found->second;
    const bool is_blind = result.verdict == Verdict::manual || result.verdict == Verdict::unknown;
    if (found->second.answer == "skip" && (is_blind || result.verdict == Verdict::todo)) {
      result.verdict = Verdict::not_applicable;
    } else if (is_blind) {
      result.verdict = found->second.answer == "done" ? Verdict::done : Verdict::todo;
    }
  }

  void waive(StepResult& result) {
    const auto found = request_.waivers.find(result.step->id);
    if (found == request_.waivers.end()) return;
    if (found->second.expires && *found->second.expires < request_.time) {
      report_.warnings.push_back(fmt::format("{}: its waiver expired on {}", result.step->id,
                                             to_string(*found->second.expires)));
      return;
    }
    result.waiver = &found->second;
  }

  const StepResult* find(std::string_view id) const {
    const auto found = std::ranges::find(report_.steps, id,
                                         [](const StepResult& result) { return result.step->id; });
    return found == report_.steps.end() ? nullptr : &*found;
  }

  void relate(StepResult& result) {
    for (const std::string& id : result.step->needs) {
      const StepResult* const other = find(id);
      if (other && !is_settled(other->verdict) && !other->waiver) result.waits_for.push_back(id);
    }
    if (is_settled(result.verdict) || result.waiver) return;
    // What could not be seen, or is asked, is no proof that a gate was passed.
    if (result.verdict == Verdict::unknown || result.verdict == Verdict::manual) return;
    for (const std::string& id : result.step->gate) {
      const StepResult* const other = find(id);
      if (other && has_begun(other->verdict)) result.passed_gate.push_back(id);
    }
  }

  const JudgeRequest& request_;
  const Guide& guide_;
  DoctorReport& report_;
};

}  // namespace

bool is_answer(std::string_view text) {
  return std::ranges::find(kAnswers, text) != std::end(kAnswers);
}

bool StepResult::is_open() const { return !waiver && !is_settled(verdict); }

const StepResult* DoctorReport::stop() const {
  const auto found = std::ranges::find_if(steps, [](const StepResult& result) {
    return result.is_open() && (is_wrong(result.verdict) || !result.passed_gate.empty());
  });
  return found == steps.end() ? nullptr : &*found;
}

const StepResult* DoctorReport::next() const {
  if (stop()) return nullptr;
  const auto first = [&](auto holds) {
    const auto found = std::ranges::find_if(steps, [&](const StepResult& result) {
      return result.is_open() && !result.is_later && holds(result);
    });
    return found == steps.end() ? nullptr : &*found;
  };
  // What is half done comes first, unless it waits for what surely is not done.
  const auto is_undone = [&](const std::string& id) {
    return std::ranges::any_of(steps, [&](const StepResult& other) {
      return other.step->id == id && other.verdict != Verdict::unknown &&
             other.verdict != Verdict::manual;
    });
  };
  const auto* const half = first([&](const StepResult& result) {
    return result.verdict == Verdict::partial && std::ranges::none_of(result.waits_for, is_undone);
  });
  if (half) return half;
  const auto* const work = first([](const StepResult& result) {
    return result.verdict != Verdict::unknown && result.waits_for.empty();
  });
  if (work) return work;
  // What waits, waits for what could not be seen.
  return first([](const StepResult& result) { return result.verdict == Verdict::unknown; });
}

std::expected<DoctorReport, std::string> judge(const JudgeRequest& request, const GuideBook& book) {
  const Platform platform(request.bundle, request.profile);
  std::unique_ptr<Platform> baseline;
  if (request.baseline) baseline = std::make_unique<Platform>(*request.baseline, request.profile);
  DoctorReport report;
  report.time = request.time;
  report.bundle = request.bundle.info;
  report.warnings = request.bundle.warnings;
  report.version = platform.version();
  if (!request.guide.empty()) {
    report.guide = book.find(request.guide);
    report.guide_evidence = "as asked for";
    if (!report.guide) {
      return std::unexpected(fmt::format("there is no guide '{}'", request.guide));
    }
  } else {
    const Platform& start = baseline && baseline->version() ? *baseline : platform;
    report.guide = detect_guide(book, start, report.guide_evidence);
    if (!report.guide) return std::unexpected(report.guide_evidence);
  }
  report.phase = detect_phase(platform, *report.guide);
  std::ranges::copy(find_contradictions(platform, *report.guide, report.phase),
                    std::back_inserter(report.warnings));
  if (request.phase) report.phase = {*request.phase, "as asked for", true};
  for (const auto& [name, value] : platform.profile().values()) report.profile[name] = value;
  report.command = request.command;
  report.dags =
      plan_dags(platform, baseline.get(), *report.guide, report.phase.phase, request.check_dags);
  Judge(request, *report.guide, report)
      .run({platform, baseline.get(), report.phase, request.time,
            report.dags ? &*report.dags : nullptr});
  return report;
}

int exit_code_of(const DoctorReport& report) {
  if (report.stop()) return 3;
  const auto any = [&](auto... verdicts) {
    return std::ranges::any_of(report.steps, [&](const StepResult& result) {
      return result.is_open() && ((result.verdict == verdicts) || ...);
    });
  };
  const bool has_work = report.dags && report.dags->is_open();
  if (has_work || any(Verdict::todo, Verdict::partial, Verdict::manual)) return 1;
  const bool is_unseen = report.dags && !report.dags->unseen.empty();
  return is_unseen || any(Verdict::unknown) ? 4 : 0;
}

}  // namespace dagfix::runtime
