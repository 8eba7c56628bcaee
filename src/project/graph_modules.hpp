#pragma once

#include "dag/read_graph.hpp"
#include "project/project.hpp"

namespace dagfix {

/// The modules of a project, for reading graphs. The project must outlive it.
class ProjectGraphModules : public GraphModules {
 public:
  explicit ProjectGraphModules(const Project& project) : project_(project) {}

  std::optional<Module> find(std::string_view module, const std::string& importer) const override;
  std::unique_ptr<ModuleResolver> resolver(const std::string& path) const override;

 private:
  const Project& project_;
};

}  // namespace dagfix
