#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/report/doctor_report.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::size_t kMostFiles = 20;

std::string counted(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string counts_of(const DagFile& file) {
  std::vector<std::string> parts;
  if (file.errors > 0) parts.push_back(counted(file.errors, "error"));
  if (file.warnings > 0) parts.push_back(counted(file.warnings, "warning"));
  if (file.notes > 0) parts.push_back(counted(file.notes, "note"));
  std::string text = fmt::format("{}", fmt::join(parts, ", "));
  if (file.fixable > 0) text += fmt::format(", {} with a fix", file.fixable);
  return text;
}

class Lines {
 public:
  explicit Lines(const DagPlan& plan) : plan_(plan) {}

  std::vector<std::string> write() {
    for (const DagFile& file : plan_.files) add_file(file);
    if (plan_.files.size() > kMostFiles) {
      lines_.push_back(fmt::format("and {} more files", plan_.files.size() - kMostFiles));
    }
    if (plan_.shipped > 0) {
      lines_.push_back(
          fmt::format("{} with names of Kaapana's own are not counted: deployment and extensions "
                      "bring new ones",
                      counted(plan_.shipped, "file")));
    }
    add_list(
        plan_.stale,
        fmt::format("{} does not bring these any more; they stay behind, look whether somebody "
                    "needs them: ",
                    plan_.to));
    add_list(plan_.without_file, "in Airflow's table, and there is no file: ");
    add_list(plan_.without_row,
             "makes a DAG, and Airflow's table has none from it (does it import?): ");
    for (const Unseen& unseen : plan_.unseen) {
      lines_.push_back(fmt::format("not seen: {}, {}: {} ({})", unseen.entry, name_of(unseen.state),
                                   unseen.evidence, access_hint(unseen)));
    }
    if (plan_.is_open() && !plan_.is_after) {
      lines_.emplace_back(
          "make the changes in a copy, and put it in place when the new version runs: the old one "
          "cannot run them");
    }
    return std::move(lines_);
  }

 private:
  void add_file(const DagFile& file) {
    if (lines_.size() >= kMostFiles) return;
    std::string line = fmt::format("{}: {}", file.path, counts_of(file));
    if (!file.dags.empty()) line += fmt::format(" (DAG {})", fmt::join(file.dags, ", "));
    lines_.push_back(fmt::format("{}; line {}", line, file.first));
  }

  void add_list(const std::vector<std::string>& names, const std::string& what) {
    if (names.empty()) return;
    lines_.push_back(fmt::format("{}{}", what, fmt::join(names, ", ")));
  }

  const DagPlan& plan_;
  std::vector<std::string> lines_;
};

}  // namespace

std::string dag_headline(const DagPlan& plan) {
  const std::string range = fmt::format("dagfix --check --from {} --to {}", plan.from, plan.to);
  if (plan.is_empty) return fmt::format("there is no file with DAGs in {}", plan.folder);
  if (plan.checked == 0) return fmt::format("no file of {} could be checked", plan.folder);
  const std::string files = counted(plan.checked, "file");
  if (!plan.is_open()) {
    return fmt::format("nothing has to change in {} of {} ({})", files, plan.folder, range);
  }
  return fmt::format("{} in {} of {} in {} ({})", counted(plan.findings(), "finding"),
                     plan.files.size(), files, plan.folder, range);
}

std::vector<std::string> dag_lines(const DagPlan& plan) { return Lines(plan).write(); }

}  // namespace dagfix::runtime
