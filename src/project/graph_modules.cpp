#include "project/graph_modules.hpp"

namespace dagfix {

namespace {

/// A resolver that owns the path it resolves for.
class OwningResolver : public ModuleResolver {
 public:
  OwningResolver(const Project& project, std::string path)
      : path_(std::move(path)), resolver_(project, path_) {}

  std::optional<std::string> canonical(std::string_view path) const override {
    return resolver_.canonical(path);
  }
  std::string absolute(std::string_view relative) const override {
    return resolver_.absolute(relative);
  }
  std::optional<std::string> constant(std::string_view path) const override {
    return resolver_.constant(path);
  }

 private:
  std::string path_;
  FileResolver resolver_;
};

}  // namespace

std::optional<GraphModules::Module> ProjectGraphModules::find(std::string_view module,
                                                              const std::string& importer) const {
  const std::size_t index = project_.find_module(module, importer);
  if (index == Project::npos) return std::nullopt;
  auto text = project_.text(index);
  if (!text) return std::nullopt;
  return Module{project_.paths()[index], *std::move(text)};
}

std::unique_ptr<ModuleResolver> ProjectGraphModules::resolver(const std::string& path) const {
  return std::make_unique<OwningResolver>(project_, path);
}

}  // namespace dagfix
