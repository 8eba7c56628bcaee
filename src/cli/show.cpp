#include "cli/show.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "report/summary.hpp"
#include "report/unicode.hpp"

namespace dagfix {

namespace {

bool is_for_people(const std::string& format) { return format == "text" || format == "concise"; }

std::string format_report(const Report& report, const std::string& format, TextStyle style) {
  if (format == "concise") return format_concise(report, style);
  if (format == "json") return format_json(report);
  if (format == "sarif") return format_sarif(report);
  if (format == "github") return format_github(report);
  if (format == "gitlab") return format_gitlab(report);
  if (format == "junit") return format_junit(report);
  return format_text(report, style);
}

std::string plural(std::size_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

/// "dags/a.py: fixed KAP101 local-get-input-data, KAP201 form-data-key (3)"
std::string describe(const Rewrite& rewrite, const Report& report) {
  std::string rules;
  for (const auto& [code, count] : rewrite.applied) {
    fmt::format_to(std::back_inserter(rules), "{}{}", rules.empty() ? "" : ", ", code);
    for (const RuleInfo* rule : report.rules) {
      if (rule->code == code) rules += ' ' + rule->name;
    }
    if (count > 1) fmt::format_to(std::back_inserter(rules), " ({})", count);
  }
  return fmt::format("{}: fixed {}\n", printable(rewrite.path), rules);
}

std::string describe_all(const Outcome& outcome) {
  std::string text;
  std::size_t findings = 0;
  for (const Rewrite& rewrite : outcome.rewrites) {
    text += describe(rewrite, outcome.report);
    for (const auto& [code, count] : rewrite.applied) findings += count;
  }
  if (text.empty()) return "Nothing was fixed\n";
  return text + fmt::format("Fixed {} in {}\n\n", plural(findings, "finding"),
                            plural(outcome.rewrites.size(), "file"));
}

Shown show_diff(const Outcome& outcome, const Settings& settings, const Terminal& terminal) {
  const bool color = terminal.output_color && !settings.output;
  Shown shown{color ? color_diff(outcome.diff) : outcome.diff, {}};
  if (settings.statistics.value_or(false)) {
    shown.notes += format_statistics(outcome.report, terminal.error_color);
  }
  if (!settings.quiet.value_or(false)) {
    shown.notes += format_summary(outcome.report, terminal.error_color);
  }
  return shown;
}

std::string detected(const Report& report) {
  return fmt::format("dagfix: from {} to {} (detected: {})\n", to_string(report.from),
                     to_string(report.to), printable(report.from_evidence));
}

}  // namespace

Shown show(const Outcome& outcome, Mode mode, const Settings& settings, const Terminal& terminal) {
  if (mode == Mode::diff) return show_diff(outcome, settings, terminal);
  const std::string format = settings.format.value_or("text");
  const bool quiet = settings.quiet.value_or(false);
  TextStyle style;
  style.color = terminal.output_color && !settings.output;
  style.statistics = settings.statistics.value_or(false);
  style.quiet = quiet;
  Shown shown;
  if (mode == Mode::apply && !quiet) {
    (is_for_people(format) ? shown.output : shown.notes) += describe_all(outcome);
  }
  std::string text = format_report(outcome.report, format, style);
  shown.output = shown.output.empty() ? std::move(text) : shown.output + text;
  if (style.statistics && !is_for_people(format)) {
    shown.notes += format_statistics(outcome.report, terminal.error_color);
  }
  // The text has it in its summary.
  if (format != "text" && !quiet && !outcome.report.from_evidence.empty()) {
    shown.notes += detected(outcome.report);
  }
  return shown;
}

}  // namespace dagfix
