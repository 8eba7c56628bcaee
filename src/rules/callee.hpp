#pragma once

#include <optional>
#include <string>
#include <vector>

#include "project/class_constructor.hpp"
#include "rules/context.hpp"

namespace dagfix {

/// Whom the arguments of a call reach.
struct Callee {
  std::string path;  ///< Of a class or function that is none of the project's.
  /// The project's own classes and functions in between, which keep some arguments for themselves.
  std::vector<ClassConstructor> between;
  bool is_of_other_file = false;  ///< One of `between` is.
  bool is_certain = true;         ///< False: the name is bound to something else, too.
  bool is_base = false;           ///< A constructor calls that of its base.
  std::size_t leading = 0;  ///< Arguments in front that are not its own: the class in partial().
  Node partial;  ///< The call of partial() whose result is called: gives arguments, too. Or null.

  /// Whether a keyword of the call reaches it.
  bool gets(std::string_view keyword) const;
  /// Whether positional arguments of the call reach it in their places.
  bool gets_positions() const;
};

/// Nothing if it is not known. May read other files of the project.
std::optional<Callee> callee_of(const RuleContext& context, Node call);

/// The same without other files of the project.
std::optional<Callee> callee_in_file(const SemanticModel& model, Node call);

}  // namespace dagfix
