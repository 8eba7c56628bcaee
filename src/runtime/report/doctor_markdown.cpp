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
    table();
    for (const StepResult& result : report_.steps) details(result);
    if (!report_.dags.empty()) {
      put("\n## DAGs\n\n");
      for (const std::string& line : report_.dags) put("- {}\n", plain(line));
    }
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
    put("| | |\n|---|---|\n");
    put("| judged | {} by dagfix {} |\n", to_string(report_.time), tool_version());
    put("| state of | {} {} |\n", plain(report_.bundle.host), report_.bundle.taken_at);
    put("| guide | {}: {} |\n", report_.guide->name, plain(report_.guide_evidence));
    put("| phase | {}: {} |\n", name_of(report_.phase.phase), plain(report_.phase.evidence));
    if (report_.version) {
      put("| version | {}: {} |\n", to_string(report_.version->version),
          plain(report_.version->evidence));
    }
    if (const StepResult* const stop = report_.stop()) {
      put("| **STOP** | {}: {} |\n", stop->step->id, plain(stop->say));
    } else if (const StepResult* const next = report_.next()) {
      put("| next | {} {} |\n", next->step->id, plain(next->step->title));
    }
    for (const std::string& warning : report_.warnings) put("| warning | {} |\n", plain(warning));
  }

  void table() {
    put("\n## Steps\n\n| | step | | verdict | |\n|---|---|---|---|---|\n");
    for (const StepResult& result : report_.steps) {
      put("| {} | {} | {} | {}{} | {} |\n", result.is_open() ? "[ ]" : "[x]", result.step->id,
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
    return plain(result.say);
  }

  void details(const StepResult& result) {
    if (!result.is_open() && result.evidence.empty()) return;
    put("\n### {} {}\n\n{}: {}\n", result.step->id, plain(result.step->title),
        title_of(result.verdict), plain(result.say));
    if (!result.evidence.empty() || !result.unseen.empty()) put("\n");
    for (const std::string& line : result.evidence) put("- {}\n", plain(line));
    for (const Unseen& unseen : result.unseen) {
      put("- not seen: {}, {}: {}\n", plain(unseen.entry), name_of(unseen.state),
          plain(unseen.evidence));
    }
    if (!result.is_open()) return;
    if (!result.remedy.empty()) put("\n{}\n", plain(result.remedy));
    if (!result.commands.empty()) {
      put("\n```sh\n");
      for (const std::string& command : result.commands) put("{}\n", printable(command));
      put("```\n");
    }
    if (!result.traps.empty()) put("\n");
    for (const TrapResult& trap : result.traps) {
      put("- {} {}: {} {}\n", trap.is_there ? "trap" : "note", trap.trap->id,
          plain(trap.trap->problem), plain(trap.trap->advice));
    }
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
