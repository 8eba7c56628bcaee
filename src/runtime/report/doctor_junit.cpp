#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "report/xml.hpp"
#include "runtime/report/doctor_report.hpp"

namespace dagfix::runtime {

namespace {

bool is_blind(const StepResult& result) {
  return result.verdict == Verdict::unknown || result.verdict == Verdict::manual;
}

bool is_skipped(const StepResult& result) {
  return result.waiver || result.verdict == Verdict::not_applicable || is_blind(result) ||
         result.is_later;
}

std::string message_of(const StepResult& result) {
  if (result.waiver) return fmt::format("waived: {}", result.waiver->reason);
  std::string text = fmt::format("{}: {}", title_of(result.verdict), result.say);
  if (result.verdict != Verdict::unknown) return text;
  for (const Unseen& unseen : result.unseen) {
    fmt::format_to(std::back_inserter(text), "; {}: {}", unseen.entry, unseen.evidence);
  }
  return text;
}

}  // namespace

std::string format_doctor_junit(const DoctorReport& report) {
  std::string cases;
  const auto out = std::back_inserter(cases);
  std::size_t failures = 0;
  std::size_t skipped = 0;
  for (const StepResult& result : report.steps) {
    fmt::format_to(out, "    <testcase name=\"{} {}\" classname=\"{}\"", xml(result.step->id),
                   xml(result.step->title), xml(report.guide->name));
    const std::string message = xml(message_of(result));
    if (!result.is_open() && !is_skipped(result)) {
      fmt::format_to(out, "/>\n");
    } else if (is_skipped(result) && result.passed_gate.empty()) {
      ++skipped;
      fmt::format_to(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>\n", message);
    } else {
      ++failures;
      std::string help = result.remedy;
      for (const std::string& command : result.commands) help += "\n$ " + command;
      fmt::format_to(out,
                     ">\n      <failure message=\"{}\" type=\"{}\">{}</failure>\n    </testcase>\n",
                     message, name_of(result.verdict), xml(help));
    }
  }
  if (report.dags) {
    fmt::format_to(out, "    <testcase name=\"own DAGs\" classname=\"{}\"",
                   xml(report.guide->name));
    const std::string headline = xml(dag_headline(*report.dags));
    if (report.dags->is_open()) {
      ++failures;
      fmt::format_to(
          out, ">\n      <failure message=\"{}\" type=\"todo\">{}</failure>\n    </testcase>\n",
          headline, xml(fmt::format("{}", fmt::join(dag_lines(*report.dags), "\n"))));
    } else if (report.dags->is_clean().is_yes()) {
      fmt::format_to(out, "/>\n");
    } else {
      ++skipped;
      fmt::format_to(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>\n", headline);
    }
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"dagfix doctor\" tests=\"{0}\" failures=\"{1}\" errors=\"0\">\n"
      "  <testsuite name=\"{3}\" tests=\"{0}\" failures=\"{1}\" errors=\"0\" skipped=\"{2}\">\n"
      "{4}  </testsuite>\n</testsuites>\n",
      report.steps.size() + (report.dags ? 1 : 0), failures, skipped, xml(report.guide->name),
      cases);
}

}  // namespace dagfix::runtime
