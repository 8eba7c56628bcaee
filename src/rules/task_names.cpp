#include "rules/task_names.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "embedded.hpp"

namespace dagfix {

namespace {

using nlohmann::json;

TaskNaming naming_of(const json& entry) {
  TaskNaming naming;
  naming.class_path = entry.at("class").get<std::string>();
  naming.bases = entry.at("bases").get<std::vector<std::string>>();
  naming.has_constructor = entry.contains("parameters");
  for (const json& parameter : entry.value("parameters", json::array())) {
    if (parameter.is_string()) {
      naming.parameters.push_back({parameter.get<std::string>(), std::nullopt});
    } else {
      naming.parameters.push_back(
          {parameter.at(0).get<std::string>(), parameter.at(1).get<std::string>()});
    }
  }
  const json gives = entry.value("gives", json::object());
  for (const auto& [name, text] : gives.items()) {
    naming.gives.emplace(name, text.get<std::string>());
  }
  naming.passes = entry.value("passes", std::vector<std::string>());
  naming.passes_rest = entry.value("passes_rest", false);
  naming.is_base = entry.value("is_base", false);
  return naming;
}

}  // namespace

TaskNames load_task_names(Version version) {
  std::vector<TaskNaming> classes;
  const auto files = embedded_files();
  const auto file = std::ranges::find(files, "task_names.json", &EmbeddedFile::path);
  // The file is embedded and checked by a test: that it can be read is certain.
  const json document = json::parse(file->text);
  for (const json& entry : document.at("classes")) {
    const auto versions = entry.at("versions").get<std::vector<std::string>>();
    if (std::ranges::find(versions, to_string(version)) != versions.end()) {
      classes.push_back(naming_of(entry));
    }
  }
  return TaskNames(std::move(classes));
}

}  // namespace dagfix
