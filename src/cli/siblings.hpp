#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/walk.hpp"

namespace dagfix {

/// Files of the project that single files belong to, without those files: what they import, what
/// starts their DAGs. They are read for what the given files need to know, and never reported on.
///
/// Below a folder with `.git`, else with `pyproject.toml` or `dagfix.toml` (the outermost): all
/// files that a run on that folder would find. Elsewhere: the Python files of the same folder and
/// what any of them imports from there. Nothing for files that do not mention Kaapana. Paths are
/// relative if the given ones are.
std::vector<std::string> sibling_files(std::span<const std::string> given,
                                       const WalkOptions& options);

}  // namespace dagfix
