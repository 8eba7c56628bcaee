#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "report/common.hpp"
#include "report/unicode.hpp"
#include "runtime/report/doctor_report.hpp"

namespace dagfix::runtime {

namespace {

/// Text of a platform in Markdown: nothing in it is markup, it stays on its line.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (std::string_view("\\`*_[]<>|#").contains(c)) out += '\\';
    out += c;
  }
  return out;
}

class MarkdownWriter {
 public:
  explicit MarkdownWriter(const DoctorReport& report) : report_(report) {}

  std::string write() {
    head();
    next();
    table();
    for (const StepResult& result : report_.steps) details(result);
    if (report_.dags) dags(*report_.dags);
    profile();
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  void head() {
    put("# Upgrade protocol: {}\n\n", report_.guide->title);
    put("| | of this protocol |\n|---|---|\n");
    put("| judged | {} by dagfix {} |\n", to_string(report_.time), tool_version());
    put("| state of | {} {} |\n", plain(report_.bundle.host), report_.bundle.taken_at);
    put("| guide | {}: {} |\n", report_.guide->name, plain(report_.guide_evidence));
    put("| phase | {}: {} |\n", name_of(report_.phase.phase), plain(report_.phase.evidence));
    if (report_.version) {
      put("| version | {}: {} |\n", to_string(report_.version->version),
          plain(report_.version->evidence));
    }
    if (const StepResult* const stop = report_.stop()) {
      put("| **STOP** | {}: {} |\n", stop->step->id, plain(stop_text(*stop)));
    } else if (const std::string next = next_text(report_); !next.empty()) {
      put("| next | {} |\n", plain(next));
    }
    std::vector<std::string> counts;
    for (const auto& [_, text] : verdict_counts(report_)) counts.push_back(text);
    put("| result | {} |\n", fmt::join(counts, ", "));
    if (report_.dags) put("| own DAGs | {} |\n", plain(dag_headline(*report_.dags)));
    for (const std::string& warning : report_.warnings) put("| warning | {} |\n", plain(warning));
  }

  void next() {
    const StepResult* const stop = report_.stop();
    const auto all = stop ? stop->commands : next_commands(report_);
    const StepResult* const step = stop ? stop : report_.next();
    if (all.empty() || !step) return;
    put("\n## {}\n\n{} {}: {}\n", stop ? "Stop" : "Next", step->step->id, plain(step->step->title),
        plain(step->say));
    commands(all);
  }

  void table() {
    put("\n## Steps\n\n| | step | verdict | what was seen or said |\n|---|---|---|---|\n");
    for (const StepResult& result : report_.steps) {
      put("| {} | **{}** {} | {}{} | {} |\n", result.is_open() ? "[ ]" : "[x]", result.step->id,
          plain(result.step->title), title_of(result.verdict),
          result.passed_gate.empty() ? "" : " **STOP**", remark(result));
    }
  }

  static std::string remark(const StepResult& result) {
    if (result.waiver) return fmt::format("waived: {}", plain(result.waiver->reason));
    if (result.attestation) {
      return fmt::format("{} said {}, {}{}{}", plain(result.attestation->who),
                         result.attestation->answer, to_string(result.attestation->when),
                         result.attestation->note.empty() ? "" : ": ",
                         plain(result.attestation->note));
    }
    return result.say == result.step->title ? std::string() : plain(result.say);
  }

  void details(const StepResult& result) {
    if (!result.is_open() && result.evidence.empty()) return;
    put("\n### {} {}\n\n**{}**: {}\n", result.step->id, plain(result.step->title),
        title_of(result.verdict), plain(result.say));
    if (!result.evidence.empty() || !result.unseen.empty()) put("\n");
    for (const std::string& line : result.evidence) put("- {}\n", plain(line));
    for (const Unseen& unseen : result.unseen) {
      if (result.verdict != Verdict::unknown) break;
      put("- not seen: {}, {}: {}. Help: {}\n", plain(unseen.entry), name_of(unseen.state),
          plain(unseen.evidence), plain(access_hint(unseen)));
    }
    if (!result.is_open()) return;
    if (!result.passed_gate.empty()) {
      put("\n**STOP**: {} began before this was done.\n", fmt::join(result.passed_gate, ", "));
    }
    if (!result.waits_for.empty()) put("\nAfter: {}.\n", fmt::join(result.waits_for, ", "));
    if (!result.remedy.empty()) put("\n{}\n", plain(result.remedy));
    commands(result.commands);
    if (!result.traps.empty()) put("\n");
    for (const TrapResult& trap : result.traps) {
      put("- {} {}: {} {}\n", trap.is_there ? "trap" : "note", trap.trap->id,
          plain(trap.trap->problem), plain(trap.trap->advice));
    }
  }

  void commands(const std::vector<std::string>& all) {
    if (all.empty()) return;
    put("\n```sh\n");
    for (const std::string& command : all) put("{}\n", printable(command));
    put("```\n");
  }

  void dags(const DagPlan& plan) {
    put("\n## Own DAGs\n\n{}\n", plain(dag_headline(plan)));
    const auto lines = dag_lines(plan);
    if (!lines.empty()) put("\n");
    for (const std::string& line : lines) put("- {}\n", plain(line));
    commands(plan.commands);
  }

  void profile() {
    put("\n## What this platform is called\n\n| name | value | from |\n|---|---|---|\n");
    for (const auto& [name, value] : report_.profile) {
      put("| {} | {} | {} |\n", name, plain(value.text), plain(value.origin));
    }
  }

  const DoctorReport& report_;
  std::string out_;
};

}  // namespace

std::string format_doctor_markdown(const DoctorReport& report) {
  return MarkdownWriter(report).write();
}

}  // namespace dagfix::runtime
