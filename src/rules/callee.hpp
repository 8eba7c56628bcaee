#pragma once

#include <optional>
#include <string>
#include <vector>

#include "project/class_constructor.hpp"
#include "rules/context.hpp"

namespace dagfix {

/// The class that a call makes an object of, or that it hands arguments to through super(). A class
/// of this file that hands on what it is given stands for its base.
std::optional<Symbol> called_class(const SemanticModel& model, Node call);

/// Whom the arguments of a call reach.
struct Callee {
  std::string path;  ///< Of a class or function that is none of the project's.
  /// The project's own classes in between, which keep some arguments for themselves.
  std::vector<ClassConstructor> between;
  bool is_of_other_file = false;  ///< One of `between` is.
  std::size_t leading = 0;  ///< Arguments in front that are not its own: the class in partial().

  /// Whether a keyword of the call reaches it.
  bool gets(std::string_view keyword) const;
};

/// Nothing if it is not certain. May read other files of the project.
std::optional<Callee> callee_of(const RuleContext& context, Node call);

/// The same without any of the project's classes in between: cheap.
std::optional<Callee> direct_callee_of(const SemanticModel& model, Node call);

}  // namespace dagfix
