#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/graph.hpp"
#include "dagfix/version.hpp"
#include "report/report.hpp"
#include "text/source_file.hpp"

namespace dagfix {

/// The DAGs of one file.
struct GraphFile {
  std::string path;  ///< As the user wrote it, with '/'.
  DagGraph graph;
  std::shared_ptr<const SourceFile> source;
};

/// What `dagfix graph` shows. Files are sorted by path and have DAGs.
struct GraphReport {
  std::string root;  ///< See Report::root.
  Version from;
  Version to;
  std::string from_evidence;
  std::vector<GraphFile> files;
};

/// For people.
std::string format_graph_text(const GraphReport& report, bool color);
/// docs/schema/graph.schema.json
std::string format_graph_json(const GraphReport& report);
/// A flow chart that GitHub, GitLab and many editors draw.
std::string format_graph_mermaid(const GraphReport& report);
/// For Graphviz.
std::string format_graph_dot(const GraphReport& report);
/// A picture, one DAG below the other.
std::string format_graph_svg(const GraphReport& report);

/// What a task is called: its id, or what is known instead.
std::string title_of(const GraphTask& task);
/// The last part of a dotted path.
std::string_view class_name(std::string_view class_path);
/// What a DAG is called.
std::string title_of(const GraphDag& dag);

}  // namespace dagfix
