#include <nlohmann/json.hpp>

#include "report/common.hpp"
#include "report/graph_report.hpp"
#include "report/unicode.hpp"

namespace dagfix {

namespace {

using Json = nlohmann::ordered_json;

// Of docs/schema/graph.schema.json; rises when a consumer would have to change.
constexpr int kFormatVersion = 1;

Json optional(const std::optional<std::string>& text) {
  return text ? Json(valid_utf8(*text)) : Json();
}

Json place_json(const GraphReport& report, const GraphFile& file, const GraphPlace& place) {
  if (!place.path.empty()) {
    Report paths;
    paths.root = report.root;
    return {{"path", shown_path(paths, place.path)}, {"line", Json()}, {"column", Json()}};
  }
  const LineColumn begin = file.source->line_column(place.range.begin);
  return {{"path", Json()}, {"line", begin.line}, {"column", begin.column}};
}

Json task_json(const GraphReport& report, const GraphFile& file, const GraphTask& task) {
  Json arguments = Json::array();
  for (const GraphArgument& argument : task.arguments) {
    arguments.push_back({{"name", argument.name}, {"text", valid_utf8(argument.text)}});
  }
  return {{"id", optional(task.id)},
          {"variable", valid_utf8(task.variable)},
          {"class", task.class_path},
          {"place", place_json(report, file, task.place)},
          {"arguments", std::move(arguments)},
          {"group", task.group ? Json(*task.group) : Json()},
          {"may", task.may},
          {"many", task.many},
          {"rewritten", task.is_rewritten},
          {"becomes", task.becomes.empty() ? Json() : Json(task.becomes)},
          {"rules", task.rules},
          {"left_to_you", task.left_to_you}};
}

Json dag_json(const GraphReport& report, const GraphFile& file, const GraphDag& dag) {
  Json tasks = Json::array();
  for (const GraphTask& task : dag.tasks) tasks.push_back(task_json(report, file, task));
  Json groups = Json::array();
  for (const GraphGroup& group : dag.groups) {
    groups.push_back(
        {{"id", optional(group.id)}, {"group", group.group ? Json(*group.group) : Json()}});
  }
  Json edges = Json::array();
  for (const GraphEdge& edge : dag.edges) {
    edges.push_back({{"from", edge.from}, {"to", edge.to}, {"may", edge.may}});
  }
  Json gaps = Json::array();
  for (const GraphGap& gap : dag.gaps) {
    gaps.push_back(
        {{"place", place_json(report, file, gap.place)}, {"reason", valid_utf8(gap.reason)}});
  }
  return {{"id", optional(dag.id)},    {"place", place_json(report, file, dag.place)},
          {"seen", dag.is_seen},       {"may", dag.may},
          {"tasks", std::move(tasks)}, {"groups", std::move(groups)},
          {"edges", std::move(edges)}, {"gaps", std::move(gaps)}};
}

}  // namespace

std::string format_graph_json(const GraphReport& report) {
  Json files = Json::array();
  for (const GraphFile& file : report.files) {
    Json dags = Json::array();
    for (const GraphDag& dag : file.graph.dags) dags.push_back(dag_json(report, file, dag));
    Report paths;
    paths.root = report.root;
    files.push_back({{"path", shown_path(paths, file.path)}, {"dags", std::move(dags)}});
  }
  const Json json{{"format_version", kFormatVersion},
                  {"tool", {{"name", kToolName}, {"version", tool_version()}}},
                  {"from", to_string(report.from)},
                  {"to", to_string(report.to)},
                  {"files", std::move(files)}};
  return json.dump(2) + "\n";
}

}  // namespace dagfix
