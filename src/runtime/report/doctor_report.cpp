#include "runtime/report/doctor_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "report/common.hpp"

namespace dagfix::runtime {

std::vector<std::pair<Verdict, std::string>> verdict_counts(const DoctorReport& report) {
  std::vector<std::pair<Verdict, std::string>> counts;
  for (const Verdict verdict :
       {Verdict::done, Verdict::todo, Verdict::partial, Verdict::broken, Verdict::danger,
        Verdict::manual, Verdict::not_applicable, Verdict::unknown}) {
    const auto count = std::ranges::count(report.steps, verdict, &StepResult::verdict);
    if (count > 0) counts.emplace_back(verdict, fmt::format("{} {}", count, title_of(verdict)));
  }
  return counts;
}

std::string stop_text(const StepResult& stop) {
  std::string text = sentence(stop.say);
  if (!stop.passed_gate.empty()) {
    text += fmt::format(" {} began before this was done.", fmt::join(stop.passed_gate, ", "));
  }
  return stop.remedy.empty() ? text : fmt::format("{} {}", text, stop.remedy);
}

std::string next_text(const DoctorReport& report) {
  const StepResult* const next = report.next();
  if (!next) {
    const bool has_work = !report.stop() && report.dags && report.dags->is_open();
    return has_work ? "change the platform's own DAGs" : "";
  }
  const std::string step = fmt::format("{} {}", next->step->id, next->step->title);
  if (next->verdict == Verdict::manual) return fmt::format("{}: {}", step, next->say);
  if (next->verdict != Verdict::unknown) return step;
  std::string text = fmt::format("see {}, which could not be seen", step);
  if (next->unseen.empty()) return fmt::format("{}: {}", text, next->say);
  const Unseen& unseen = next->unseen.front();
  return fmt::format("{}: {}: {}: {}", text, unseen.entry, unseen.evidence, access_hint(unseen));
}

std::vector<std::string> next_commands(const DoctorReport& report) {
  const StepResult* const next = report.next();
  if (!next) {
    return next_text(report).empty() ? std::vector<std::string>() : report.dags->commands;
  }
  std::vector<std::string> commands = next->commands;
  const bool is_question = next->verdict == Verdict::manual || next->verdict == Verdict::unknown;
  if (is_question) {
    commands.push_back(fmt::format("{} --attest {}=done", report.command, next->step->id));
  }
  return commands;
}

std::string format_doctor(const DoctorReport& report, std::string_view format, bool color) {
  if (format == "json") return format_doctor_json(report);
  if (format == "junit") return format_doctor_junit(report);
  if (format == "sarif") return format_doctor_sarif(report);
  if (format == "markdown") return format_doctor_markdown(report);
  return format_doctor_text(report, color);
}

}  // namespace dagfix::runtime
