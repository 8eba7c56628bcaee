#include <fmt/format.h>

#include <iterator>

#include "report/graph_report.hpp"
#include "report/unicode.hpp"

namespace dagfix {

namespace {

/// Text in quotes: Mermaid knows HTML's entities by number.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : lossy_utf8(text)) {
    if (c == '"' || c == '<' || c == '>' || c == '#' || c == '&' || c == ';') {
      fmt::format_to(std::back_inserter(out), "#{};", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view class_of(const GraphTask& task) {
  if (task.is_rewritten) return ":::rewritten";
  if (!task.left_to_you.empty()) return ":::person";
  return task.may ? ":::may" : "";
}

void write_tasks(const GraphDag& dag, std::optional<std::size_t> group, std::string_view prefix,
                 const std::string& indent, std::string& out) {
  auto to = std::back_inserter(out);
  for (std::size_t i = 0; i < dag.tasks.size(); ++i) {
    const GraphTask& task = dag.tasks[i];
    if (task.group != group) continue;
    std::string name(class_name(task.class_path));
    if (!task.becomes.empty()) name += fmt::format(" → {}", class_name(task.becomes));
    fmt::format_to(to, "{}{}t{}[\"{}<br>{}\"]{}\n", indent, prefix, i, escaped(title_of(task)),
                   escaped(name), class_of(task));
  }
  for (std::size_t i = 0; i < dag.groups.size(); ++i) {
    if (dag.groups[i].group != group) continue;
    fmt::format_to(to, "{}subgraph {}g{}[\"{}\"]\n", indent, prefix, i,
                   escaped(dag.groups[i].id.value_or("(unknown id)")));
    write_tasks(dag, i, prefix, indent + "  ", out);
    fmt::format_to(to, "{}end\n", indent);
  }
}

}  // namespace

std::string format_graph_mermaid(const GraphReport& report) {
  std::string out = "flowchart LR\n";
  auto to = std::back_inserter(out);
  std::size_t number = 0;
  for (const GraphFile& file : report.files) {
    for (const GraphDag& dag : file.graph.dags) {
      const std::string prefix = fmt::format("d{}", number++);
      fmt::format_to(to, "  subgraph {}[\"{}\"]\n", prefix, escaped(title_of(dag)));
      out += "    direction LR\n";
      write_tasks(dag, std::nullopt, prefix, "    ", out);
      for (const GraphEdge& edge : dag.edges) {
        fmt::format_to(to, "    {0}t{1} {3} {0}t{2}\n", prefix, edge.from, edge.to,
                       edge.may ? "-.->" : "-->");
      }
      out += "  end\n";
    }
  }
  out += "  classDef rewritten stroke:#2a78d6,stroke-width:3px\n";
  out += "  classDef person stroke:#c2571a,stroke-width:3px\n";
  out += "  classDef may stroke-dasharray:5 3\n";
  return out;
}

}  // namespace dagfix
