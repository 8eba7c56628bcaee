#include "cli/doctor_dags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "cli/driver.hpp"
#include "cli/prepare.hpp"
#include "cli/rule_files.hpp"

namespace dagfix {

namespace {

runtime::DagFile summary_of(const FileReport& file) {
  runtime::DagFile summary;
  summary.path = file.path;
  const ReportedFinding* worst = nullptr;
  for (const ReportedFinding& finding : file.findings) {
    std::size_t& count = finding.severity == Severity::error     ? summary.errors
                         : finding.severity == Severity::warning ? summary.warnings
                                                                 : summary.notes;
    ++count;
    if (finding.fix) ++summary.fixable;
    if (!worst || finding.severity > worst->severity) worst = &finding;
  }
  if (worst) {
    summary.first =
        fmt::format("{}: {} {}", worst->region.begin.line, worst->rule->code, worst->message);
  }
  return summary;
}

std::expected<runtime::CheckedDags, std::string> check_dags(std::vector<runtime::DagSource> sources,
                                                            const std::string& from,
                                                            const std::string& to) {
  // The rules that dagfix has in it are the same for every call.
  static const auto book = load_rules({});
  if (!book) return std::unexpected(book.error());
  const auto first = book->version(from, RuleBook::Series::oldest);
  if (!first) return std::unexpected(first.error());
  const auto last = book->version(to, RuleBook::Series::newest);
  if (!last) return std::unexpected(last.error());
  Job job;
  job.from = *first;
  job.to = *last;
  job.line_hashes = LineHashes::without;
  job.jobs = std::max(1U, std::thread::hardware_concurrency());
  job.is_in_memory = true;
  std::vector<Input> inputs;
  std::ranges::sort(sources, {}, &runtime::DagSource::path);
  for (runtime::DagSource& source : sources) {
    Input input;
    input.path = std::move(source.path);
    input.bytes = std::move(source.text);
    inputs.push_back(std::move(input));
  }
  auto rules = widest_rules(job, *book);
  if (!rules) return std::unexpected(rules.error());
  auto outcome = run_job(job, *std::move(rules), std::move(inputs), {}, {});
  if (!outcome) return std::unexpected(outcome.error());
  runtime::CheckedDags checked;
  checked.from = to_string(*first);
  checked.to = to_string(*last);
  for (const FileReport& file : outcome->report.files) checked.files.push_back(summary_of(file));
  for (const Failure& failure : outcome->report.failures) {
    checked.unread.push_back(
        {runtime::State::malformed, "fs/small" + failure.path, failure.message});
  }
  return checked;
}

}  // namespace

runtime::DagChecker dag_checker() { return check_dags; }

}  // namespace dagfix
