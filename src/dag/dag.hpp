#pragma once

#include <optional>
#include <string>
#include <vector>

#include "semantic/model.hpp"

namespace dagfix {

/// One DAG of a file: DAG(...) or @dag(...).
struct DagInfo {
  Node call;                      ///< The call that makes the DAG; the decorator's for @dag.
  std::optional<std::string> id;  ///< If it is a constant.
  std::vector<std::string> tags;  ///< Constant elements of tags=.
  bool tags_known = true;
  /// Why Airflow starts the DAG by itself: "schedule_interval='@daily'", or that no schedule
  /// is given; empty if the schedule is None.
  std::string schedule;
};

/// All DAGs that a file makes, in order of position.
std::vector<DagInfo> find_dags(const SemanticModel& model);

/// The DAG that an operator call belongs to: by dag=, `with`, or the decorated function around it;
/// the file's only DAG if nothing is said. Null if that cannot be told: dag= is a parameter, comes
/// from another file, or there are several.
const DagInfo* dag_of(const SemanticModel& model, const std::vector<DagInfo>& dags, Node call);

}  // namespace dagfix
