#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "report/paint.hpp"
#include "report/unicode.hpp"
#include "runtime/report/doctor_report.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::size_t kWidth = 100;

std::string painted(const Paint& paint, Verdict verdict, std::string_view text) {
  switch (verdict) {
    case Verdict::done:
      return paint.green(text);
    case Verdict::todo:
    case Verdict::partial:
      return paint.by(Severity::warning, text);
    case Verdict::broken:
    case Verdict::danger:
      return paint.by(Severity::error, text);
    case Verdict::manual:
    case Verdict::unknown:
      return paint.cyan(text);
    case Verdict::not_applicable:
      return paint.dim(text);
  }
  return std::string(text);
}

class TextWriter {
 public:
  TextWriter(const DoctorReport& report, bool color) : report_(report), paint_(color) {}

  std::string write() {
    head();
    list();
    for (const StepResult& result : report_.steps) {
      // What is only later has nothing to tell yet.
      if (result.is_open() && !result.is_later) details(result);
    }
    dags();
    foot();
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  void paragraph(std::string_view label, std::string_view text) {
    const std::string indent(label.size() + 4, ' ');
    bool is_first = true;
    for (const std::string& line : wrap(printable(text), kWidth - indent.size())) {
      put("{}{}\n",
          is_first ? fmt::format("  {}{}", paint_.bold(label), label.empty() ? "  " : ": ")
                   : indent,
          line);
      is_first = false;
    }
  }

  void bullet(std::string_view text) {
    std::string_view begin = "  - ";
    for (const std::string& line : wrap(printable(text), kWidth - begin.size())) {
      put("{}{}\n", begin, line);
      begin = "    ";
    }
  }

  void head() {
    put("{}\n", paint_.bold(report_.guide->title));
    put("  guide    {}: {}\n", report_.guide->name, printable(report_.guide_evidence));
    put("  phase    {}: {}{}\n", name_of(report_.phase.phase), printable(report_.phase.evidence),
        report_.phase.is_certain ? "" : " (not certain)");
    for (const char* const key : {"platform.fast", "platform.slow"}) {
      const auto value = report_.profile.find(key);
      if (value == report_.profile.end()) continue;
      put("  {:8} {} ({})\n", key + 9, printable(value->second.text),
          printable(value->second.origin));
    }
    for (const std::string& warning : report_.warnings) {
      put("  {} {}\n", paint_.by(Severity::warning, "warning"), printable(warning));
    }
    put("\n");
  }

  void list() {
    std::size_t width = 0;
    for (const StepResult& result : report_.steps) width = std::max(width, result.step->id.size());
    for (const StepResult& result : report_.steps) {
      const std::string verdict = fmt::format("{:14}", title_of(result.verdict));
      put("{:{}}  {}  {}{}\n", result.step->id, width, painted(paint_, result.verdict, verdict),
          result.step->title, marks(result));
    }
    put("\n");
  }

  std::string marks(const StepResult& result) const {
    std::string text;
    if (!result.passed_gate.empty()) text += paint_.by(Severity::error, "  STOP");
    if (result.is_later && !result.waiver) {
      text += paint_.dim(fmt::format("  [in phase {}]", name_of(result.step->phases.front())));
    }
    if (result.attestation)
      text += paint_.dim(fmt::format("  [said by {}]", printable(result.attestation->who)));
    if (result.waiver) text += paint_.dim("  [waived]");
    return text;
  }

  void details(const StepResult& result) {
    put("{} {}: {}\n", paint_.bold(result.step->id), result.step->title,
        painted(paint_, result.verdict, title_of(result.verdict)));
    paragraph("", result.say);
    for (const std::string& line : result.evidence) paragraph("seen", line);
    for (const Unseen& unseen : result.unseen) {
      if (result.verdict != Verdict::unknown) break;
      paragraph("not seen",
                fmt::format("{}, {}: {}", unseen.entry, name_of(unseen.state), unseen.evidence));
      paragraph("help", access_hint(unseen));
    }
    if (!result.passed_gate.empty()) {
      paragraph("stop",
                fmt::format("{} began before this was done", fmt::join(result.passed_gate, ", ")));
    }
    if (!result.waits_for.empty()) {
      paragraph("after", fmt::format("{}", fmt::join(result.waits_for, ", ")));
    }
    if (!result.remedy.empty()) paragraph("help", result.remedy);
    for (const std::string& command : result.commands) put("    $ {}\n", printable(command));
    for (const TrapResult& trap : result.traps) {
      paragraph(trap.is_there ? "trap" : "note",
                fmt::format("{}: {} {}", trap.trap->id, trap.trap->problem, trap.trap->advice));
    }
    put("\n");
  }

  void dags() {
    if (!report_.dags) return;
    put("{} {}\n", paint_.bold("own DAGs:"), printable(dag_headline(*report_.dags)));
    for (const std::string& line : dag_lines(*report_.dags)) bullet(line);
    for (const std::string& command : report_.dags->commands) {
      put("    $ {}\n", printable(command));
    }
    put("\n");
  }

  void foot() {
    std::vector<std::string> counts;
    for (const Verdict verdict :
         {Verdict::done, Verdict::todo, Verdict::partial, Verdict::broken, Verdict::danger,
          Verdict::manual, Verdict::not_applicable, Verdict::unknown}) {
      const auto count = std::ranges::count(report_.steps, verdict, &StepResult::verdict);
      if (count == 0) continue;
      counts.push_back(painted(paint_, verdict, fmt::format("{} {}", count, title_of(verdict))));
    }
    put("{}\n", fmt::join(counts, ", "));
    if (const StepResult* const stop = report_.stop()) {
      put("{} {} {}\n", paint_.by(Severity::error, "STOP"), stop->step->id, stop->step->title);
      paragraph("", stop_text(*stop));
      for (const std::string& command : stop->commands) put("    $ {}\n", printable(command));
      return;
    }
    const std::string next = next_text(report_);
    if (next.empty()) return;
    paragraph("next", next);
    for (const std::string& command : next_commands(report_)) put("    $ {}\n", printable(command));
  }

  const DoctorReport& report_;
  Paint paint_;
  std::string out_;
};

}  // namespace

std::string format_doctor_text(const DoctorReport& report, bool color) {
  return TextWriter(report, color).write();
}

}  // namespace dagfix::runtime
