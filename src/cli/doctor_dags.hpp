#pragma once

#include "runtime/dags.hpp"

namespace dagfix {

/// Checks DAGs as `dagfix --check` does, with the same engine; only the texts that it is given are
/// read.
runtime::DagChecker dag_checker();

}  // namespace dagfix
