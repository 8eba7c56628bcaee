#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "report/common.hpp"
#include "report/graph_report.hpp"
#include "report/paint.hpp"
#include "report/unicode.hpp"

namespace dagfix {

namespace {

std::string plural(std::size_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

std::string line_of(const GraphFile& file, const GraphPlace& place) {
  if (!place.path.empty()) return printable(place.path);
  return fmt::format("line {}", file.source->line_column(place.range.begin).line);
}

/// What is to be said of a task besides its id and class.
std::string remarks(const GraphTask& task) {
  std::vector<std::string> parts;
  if (task.many) {
    parts.emplace_back("any number of them");
  } else if (task.may) {
    parts.emplace_back("may exist");
  }
  if (task.is_rewritten) {
    parts.push_back(task.rules.empty() ? "rewritten"
                                       : fmt::format("rewritten: {}", fmt::join(task.rules, ", ")));
  }
  if (!task.left_to_you.empty()) {
    parts.push_back(fmt::format("needs a person: {}", fmt::join(task.left_to_you, ", ")));
  }
  return parts.empty() ? "" : fmt::format("  [{}]", fmt::join(parts, "; "));
}

void write_dag(const GraphFile& file, const GraphDag& dag, std::string& out) {
  auto to = std::back_inserter(out);
  fmt::format_to(
      to, "  {} ({}): {}, {}{}{}\n", title_of(dag), line_of(file, dag.place),
      plural(dag.tasks.size(), "task"), plural(dag.edges.size(), "edge"),
      dag.is_seen ? "" : "; Airflow does not find it: no name of the module is bound to it",
      dag.may ? "; may exist" : "");
  std::size_t width = 0;
  for (const GraphTask& task : dag.tasks) width = std::max(width, title_of(task).size());
  for (std::size_t i = 0; i < dag.tasks.size(); ++i) {
    const GraphTask& task = dag.tasks[i];
    std::string operator_name = printable(class_name(task.class_path));
    if (!task.becomes.empty()) operator_name += fmt::format(" -> {}", class_name(task.becomes));
    fmt::format_to(to, "    {:{}}  {}, {}{}\n", title_of(task), width, operator_name,
                   line_of(file, task.place), remarks(task));
    std::vector<std::string> after;
    for (const GraphEdge& edge : dag.edges) {
      if (edge.from != i) continue;
      after.push_back(title_of(dag.tasks[edge.to]) + (edge.may ? " (may be)" : ""));
    }
    if (!after.empty()) fmt::format_to(to, "      >> {}\n", fmt::join(after, ", "));
  }
  for (const GraphGap& gap : dag.gaps) {
    fmt::format_to(to, "    not known, {}: {}\n", line_of(file, gap.place), printable(gap.reason));
  }
}

}  // namespace

std::string_view class_name(std::string_view class_path) {
  const auto dot = class_path.rfind('.');
  return dot == std::string_view::npos ? class_path : class_path.substr(dot + 1);
}

std::string title_of(const GraphTask& task) {
  if (task.id) return printable(*task.id);
  return task.variable.empty() ? "(unknown id)"
                               : fmt::format("(unknown id of {})", printable(task.variable));
}

std::string title_of(const GraphDag& dag) {
  return dag.id ? fmt::format("DAG {}", printable(*dag.id)) : "DAG with an unknown id";
}

std::string format_graph_text(const GraphReport& report, bool color) {
  const Paint paint(color);
  std::string out;
  for (const GraphFile& file : report.files) {
    out += paint.bold(printable(file.path)) + "\n";
    for (const GraphDag& dag : file.graph.dags) write_dag(file, dag, out);
  }
  if (report.files.empty()) out += "No DAG found\n";
  out +=
      fmt::format("From {} to {}{}\n", to_string(report.from), to_string(report.to),
                  report.from_evidence.empty() ? "" : fmt::format(" ({})", report.from_evidence));
  return out;
}

}  // namespace dagfix
