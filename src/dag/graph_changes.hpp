#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dagfix/graph.hpp"

namespace dagfix {

/// What fixes may change in the graph of a DAG. Edges, groups and variables are never among it.
struct GraphChanges {
  /// Arguments that may come, go, or get another value.
  struct Arguments {
    std::vector<std::string> classes;  ///< Full paths; one that ends with '.' means all below.
    std::vector<std::string> names;
  };
  std::vector<Arguments> arguments;
  std::vector<std::pair<std::string, std::string>> classes;  ///< Full paths: old, new.
  /// Text inside of values: old, new.
  std::vector<std::pair<std::string, std::string>> strings;
  /// Words of code that is written anew: a value that cannot be known may differ if its source has
  /// one.
  std::vector<std::string> rewritten;
  /// Beginnings of task ids that end with one of the strings: a trigger's id names its DAG.
  std::vector<std::string> task_ids;

  void add(const GraphChanges& more);
};

/// One difference of two graphs.
struct GraphDifference {
  enum class Kind : std::uint8_t { dag, task, id, class_, argument, place, edge, unknown };
  Kind kind = Kind::task;
  std::size_t dag = 0;   ///< Index into the graph after (before, if it is not there).
  std::size_t task = 0;  ///< Index into its tasks, in the same sense.
  std::string name;      ///< Argument, or the task at the other end of the edge.
  std::string dag_id;    ///< For people.
  std::string task_id;   ///< For people; empty: it is about the DAG.
  std::string what;      ///< What differs: half a sentence.
  ByteRange range;       ///< In the file before.
  bool is_lost = false;  ///< There before, and not after.

  /// Whether the two tell of one thing, though versions name it in different ways.
  bool is_about_same(const GraphDifference& other) const;
};

/// All differences that `changes` does not allow. What neither graph knows is equal if its source
/// text is.
std::vector<GraphDifference> undeclared_differences(const DagGraph& before, const DagGraph& after,
                                                    const GraphChanges& changes);

}  // namespace dagfix
