#pragma once

#include "dag/task_names.hpp"
#include "dagfix/version.hpp"

namespace dagfix {

/// What rules/task_names.json says of one version.
TaskNames load_task_names(Version version);

}  // namespace dagfix
