#include <fmt/format.h>

#include <iterator>

#include "report/graph_report.hpp"
#include "report/unicode.hpp"

namespace dagfix {

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : lossy_utf8(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string style_of(const GraphTask& task) {
  std::string style = task.may ? ", style=dashed" : "";
  if (task.is_rewritten) return style + ", color=\"#2a78d6\", penwidth=2";
  if (!task.left_to_you.empty()) return style + ", color=\"#c2571a\", penwidth=2";
  return style;
}

void write_tasks(const GraphDag& dag, std::optional<std::size_t> group, std::string_view prefix,
                 const std::string& indent, std::string& out) {
  auto to = std::back_inserter(out);
  for (std::size_t i = 0; i < dag.tasks.size(); ++i) {
    const GraphTask& task = dag.tasks[i];
    if (task.group != group) continue;
    std::string name(class_name(task.class_path));
    if (!task.becomes.empty()) name += fmt::format(" → {}", class_name(task.becomes));
    std::string label = quoted(title_of(task));
    label.pop_back();
    fmt::format_to(to, "{}{}t{} [label={}\\n{}{}];\n", indent, prefix, i, label,
                   quoted(name).substr(1), style_of(task));
  }
  for (std::size_t i = 0; i < dag.groups.size(); ++i) {
    if (dag.groups[i].group != group) continue;
    fmt::format_to(to, "{0}subgraph cluster_{1}g{2} {{\n{0}  label={3};\n", indent, prefix, i,
                   quoted(dag.groups[i].id.value_or("(unknown id)")));
    write_tasks(dag, i, prefix, indent + "  ", out);
    fmt::format_to(to, "{}}}\n", indent);
  }
}

}  // namespace

std::string format_graph_dot(const GraphReport& report) {
  std::string out = "digraph dags {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n";
  auto to = std::back_inserter(out);
  std::size_t number = 0;
  for (const GraphFile& file : report.files) {
    for (const GraphDag& dag : file.graph.dags) {
      const std::string prefix = fmt::format("d{}", number++);
      fmt::format_to(to, "  subgraph cluster_{} {{\n    label={};\n", prefix,
                     quoted(title_of(dag)));
      write_tasks(dag, std::nullopt, prefix, "    ", out);
      for (const GraphEdge& edge : dag.edges) {
        fmt::format_to(to, "    {0}t{1} -> {0}t{2}{3};\n", prefix, edge.from, edge.to,
                       edge.may ? " [style=dashed]" : "");
      }
      out += "  }\n";
    }
  }
  return out + "}\n";
}

}  // namespace dagfix
