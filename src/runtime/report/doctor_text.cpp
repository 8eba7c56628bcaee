#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "report/paint.hpp"
#include "report/unicode.hpp"
#include "runtime/report/doctor_report.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::size_t kWidth = 80;

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
    unseen();
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

  /// A line of the head: goes on below where it begins.
  void field(std::string_view label, std::string_view text) {
    for (const std::string& line : wrap(printable(text), kWidth - 11)) {
      put("  {} {}\n", label, line);
      label = "        ";
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
    field("guide   ", fmt::format("{}: {}", report_.guide->name, report_.guide_evidence));
    field("phase   ", fmt::format("{}: {}{}", name_of(report_.phase.phase), report_.phase.evidence,
                                  report_.phase.is_certain ? "" : " (not certain)"));
    for (const std::string_view key : {"platform.fast", "platform.slow", "openrem.folder"}) {
      const auto value = report_.profile.find(std::string(key));
      const bool is_its = key.starts_with("platform.") == (report_.guide->platform == "kaapana");
      if (value == report_.profile.end() || !is_its) continue;
      field(fmt::format("{:8}", key.substr(key.find('.') + 1)),
            fmt::format("{} ({})", value->second.text, value->second.origin));
    }
    for (const std::string& warning : report_.warnings) {
      field(paint_.by(Severity::warning, "warning "), warning);
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
      text += paint_.dim(fmt::format("  [{} said {}, {}]", printable(result.attestation->who),
                                     result.attestation->answer,
                                     to_string(result.attestation->when).substr(0, 10)));
    if (result.waiver) text += paint_.dim("  [waived]");
    return text;
  }

  void details(const StepResult& result) {
    // What is only not seen is told for all steps together.
    const bool is_blind = result.verdict == Verdict::unknown && !result.unseen.empty();
    if (is_blind && result.evidence.empty() && !has_warning(result)) return;
    put("{} {}: {}\n", paint_.bold(result.step->id), result.step->title,
        painted(paint_, result.verdict, title_of(result.verdict)));
    paragraph("", result.say);
    for (const std::string& line : result.evidence) paragraph("seen", line);
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

  /// Traps that were seen, or that lose data.
  static bool has_warning(const StepResult& result) {
    return std::ranges::any_of(result.traps, [](const TrapResult& trap) {
      return trap.is_there || trap.trap->severity == TrapInfo::Severity::data_loss;
    });
  }

  /// What could not be seen, which steps it is for, and how to see it.
  void unseen() {
    std::map<std::string, std::vector<std::string_view>> steps;  // by help and what was not seen
    std::vector<std::string> helps;
    for (const StepResult& result : report_.steps) {
      if (result.verdict != Verdict::unknown || !result.is_open()) continue;
      for (const Unseen& one : result.unseen) {
        const std::string help = access_hint(one);
        if (std::ranges::find(helps, help) == helps.end()) helps.push_back(help);
        auto& ids =
            steps[fmt::format("{}\n{}, {}: {}", help, one.entry, name_of(one.state), one.evidence)];
        if (ids.empty() || ids.back() != result.step->id) ids.push_back(result.step->id);
      }
    }
    if (helps.empty()) return;
    put("{}\n", paint_.bold("could not be seen:"));
    for (const std::string& help : helps) {
      const std::string begin = help + "\n";
      for (auto at = steps.lower_bound(begin); at != steps.end() && at->first.starts_with(begin);
           ++at) {
        bullet(fmt::format("{} (for {})", at->first.substr(begin.size()),
                           fmt::join(at->second, ", ")));
      }
      paragraph("help", help);
    }
    put("\n");
  }

  void dags() {
    if (!report_.dags) return;
    put("{}\n", paint_.bold("own DAGs:"));
    paragraph("", dag_headline(*report_.dags));
    for (const std::string& line : dag_lines(*report_.dags)) bullet(line);
    for (const std::string& command : report_.dags->commands) {
      put("    $ {}\n", printable(command));
    }
    put("\n");
  }

  void foot() {
    std::vector<std::string> counts;
    for (const auto& [verdict, text] : verdict_counts(report_)) {
      counts.push_back(painted(paint_, verdict, text));
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
