#pragma once

#include "semantic/model.hpp"

namespace dagfix {

/// Whether a string names an environment variable that is read: os.getenv("X"), os.environ["X"] ...
bool is_read_variable(Node literal);

/// The call whose env_vars= dictionary has a string as its key; null if there is none.
Node call_with_variable(Node literal);

/// Whether Airflow loads the file: it imports kaapana or Airflow.
bool is_loaded_by_airflow(const SemanticModel& model);

/// Whether a file shows that it runs on the platform: in Airflow, or in a container that an
/// operator starts.
bool runs_on_platform(const SemanticModel& model);

}  // namespace dagfix
