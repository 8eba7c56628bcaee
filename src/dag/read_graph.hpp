#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dag/task_names.hpp"
#include "dagfix/graph.hpp"
#include "semantic/model.hpp"

namespace dagfix {

/// Finds the modules that a file imports from its own project.
class GraphModules {
 public:
  struct Module {
    std::string path;
    std::string text;  ///< UTF-8
  };
  virtual ~GraphModules() = default;
  /// The file that `module` (dotted) names when `importer` imports it; nothing if it is none of the
  /// project's.
  virtual std::optional<Module> find(std::string_view module,
                                     const std::string& importer) const = 0;
  /// Resolves the imports of one file.
  virtual std::unique_ptr<ModuleResolver> resolver(const std::string& path) const = 0;
};

/// Reads tasks and edges without running Python: follows the statements of the module with the
/// values that are known, and marks what is not. `path` is that of the model's file.
DagGraph read_graph(const SemanticModel& model, const std::string& path, const TaskNames& names,
                    const GraphModules& modules);

}  // namespace dagfix
