#include "dag/task_names.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kOperators = "kaapana.operators.";

std::string_view last_part(std::string_view path) {
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

}  // namespace

TaskNames::TaskNames(std::vector<TaskNaming> classes) : classes_(std::move(classes)) {
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    const std::string& path = classes_[i].class_path;
    by_path_.emplace(path, i);
    const std::string name(last_part(path));
    // A class of the plugin is the base of that name, not the copy in an extension.
    if (path.starts_with(kOperators)) {
      by_name_.insert_or_assign(name, i);
    } else {
      by_name_.emplace(name, i);
    }
  }
}

const TaskNaming* TaskNames::find(std::string_view class_path) const {
  if (const auto found = by_path_.find(class_path); found != by_path_.end()) {
    return &classes_[found->second];
  }
  if (!class_path.starts_with("kaapana.")) return nullptr;
  const TaskNaming* named = by_name(last_part(class_path));
  return named && named->class_path.starts_with(kOperators) ? named : nullptr;
}

const TaskNaming* TaskNames::by_name(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &classes_[found->second];
}

std::optional<bool> TaskNames::has_operator_module(std::string_view module) const {
  const std::string_view name = last_part(module);
  // Modules like HelperMinio hold no class of the table: nothing is known of them.
  if (classes_.empty() || !module.starts_with(kOperators) || !name.ends_with("Operator"))
    return std::nullopt;
  const auto after = by_path_.lower_bound(std::string(module) + ".");
  return after != by_path_.end() && after->first.starts_with(std::string(module) + ".");
}

}  // namespace dagfix
