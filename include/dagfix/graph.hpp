#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dagfix/analyze.hpp"
#include "dagfix/finding.hpp"

namespace dagfix {

/// One argument of an operator call, as it stands in the source.
struct GraphArgument {
  std::string name;  ///< Empty: positional. "**": an unpacked dictionary.
  std::string text;

  bool operator==(const GraphArgument&) const = default;
};

/// A place in a file of the project.
struct GraphPlace {
  std::string path;  ///< Empty: the file that was asked for.
  ByteRange range;
};

/// One task of a DAG.
struct GraphTask {
  std::optional<std::string> id;  ///< None: it cannot be known without running the file.
  std::string variable;           ///< What it was assigned to; may be empty.
  std::string class_path;         ///< "kaapana.operators.DcmSendOperator.DcmSendOperator"
  GraphPlace place;               ///< The call that makes it.
  std::vector<GraphArgument> arguments;
  /// What the constructor is given once all is evaluated and unpacked: value as Python writes it,
  /// "?" where it is not known. Positional ones come first.
  std::vector<GraphArgument> values;
  bool may_take_more = false;        ///< What is unpacked into the call is not known.
  std::optional<std::size_t> group;  ///< Index into GraphDag::groups.
  bool may = false;                  ///< Depends on a condition that is not known.
  bool many = false;                 ///< Made by a loop of which it is not known how often it runs.

  // Filled in by mark_changes().
  bool is_rewritten = false;             ///< A fix changes the call.
  std::string becomes;                   ///< Class path after the fixes, if that is another one.
  std::vector<std::string> rules;        ///< Codes of the rules that fix something in the call.
  std::vector<std::string> left_to_you;  ///< Codes of the rules that leave something to a person.
};

/// A task group. Its name is the prefix of its tasks' ids, unless the DAG says otherwise.
struct GraphGroup {
  std::optional<std::string> id;     ///< Full, with the groups around it.
  std::optional<std::size_t> group;  ///< The group around it.
};

/// `from` runs before `to`; indexes into GraphDag::tasks.
struct GraphEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  bool may = false;

  auto operator<=>(const GraphEdge&) const = default;
};

/// Why a graph may lack tasks or edges.
struct GraphGap {
  GraphPlace place;
  std::string reason;
};

/// One DAG as it is made when the file is imported.
struct GraphDag {
  std::optional<std::string> id;  ///< None: cannot be known.
  GraphPlace place;
  bool is_seen = true;  ///< Airflow finds it: bound to a name of the module, or entered by `with`.
  bool may = false;
  std::vector<GraphTask> tasks;  ///< In the order in which they are made.
  std::vector<GraphGroup> groups;
  std::vector<GraphEdge> edges;  ///< Sorted, each once.
  std::vector<GraphGap> gaps;    ///< Empty: the graph is complete.
};

/// All DAGs of a file.
struct DagGraph {
  std::vector<GraphDag> dags;
};

/// Which version's classes name the tasks.
enum class GraphSide : std::uint8_t {
  source,  ///< The version that the rules migrate from.
  target,
};

/// Tasks and edges of one file, read without running it: its statements are followed with the
/// values that are known; what depends on others is marked. Pure, like analyze().
DagGraph read_graph(const SourceFile& file, const RuleSet& rules, const Project& project,
                    GraphSide side);

/// Marks the tasks that fixes up to `most` change, and those that are left to a person. `before` is
/// the graph of `file`, `analysis` its analysis.
void mark_changes(DagGraph& before, const SourceFile& file, const FileAnalysis& analysis,
                  const RuleSet& rules, const Project& project, Safety most);

}  // namespace dagfix
