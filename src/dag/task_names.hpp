#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dagfix {

/// How the constructor of a class of Kaapana's comes to a task id.
struct TaskNaming {
  /// A parameter; `fallback` is the source text of its default, "?" if that is computed.
  struct Parameter {
    std::string name;
    std::optional<std::string> fallback;
  };
  std::string class_path;
  std::vector<std::string> bases;  ///< Names of classes, without their modules.
  bool has_constructor = false;
  std::vector<Parameter> parameters;
  /// What it hands to its base: source text, "?" (computed), or "{a-{parameter}}".
  std::map<std::string, std::string, std::less<>> gives;
  std::vector<std::string> passes;  ///< Parameters that it hands on as they are.
  bool passes_rest = false;         ///< Hands on further keywords.
  bool is_base = false;             ///< Makes task id and folders of what it gets.
};

/// The operators of one Kaapana version. Immutable.
class TaskNames {
 public:
  TaskNames() = default;
  explicit TaskNames(std::vector<TaskNaming> classes);

  /// By full path; a class of Kaapana's that is imported through another module is found by its
  /// name. Null: unknown.
  const TaskNaming* find(std::string_view class_path) const;
  /// By the name of the class alone.
  const TaskNaming* by_name(std::string_view name) const;
  /// Whether the version has a module "kaapana.operators.X"; nothing for other modules.
  std::optional<bool> has_operator_module(std::string_view module) const;

 private:
  std::vector<TaskNaming> classes_;
  std::map<std::string, std::size_t, std::less<>> by_path_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

}  // namespace dagfix
