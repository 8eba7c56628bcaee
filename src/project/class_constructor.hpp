#pragma once

#include <string>
#include <vector>

#include "syntax/tree.hpp"

namespace dagfix {

/// What a class of the project does with the arguments it is given.
struct ClassConstructor {
  bool is_own = false;  ///< False: it has no __init__, and its base gets all arguments.
  std::vector<std::string> parameters;
  bool passes_rest = false;        ///< **kwargs go on to super().__init__().
  std::vector<std::string> given;  ///< Keywords that it gives to super().__init__() itself.

  /// Whether an argument of a call reaches the base as it is.
  bool passes(std::string_view keyword) const;
  bool operator==(const ClassConstructor&) const = default;
};

/// The constructor of a class definition.
ClassConstructor constructor_of(const SyntaxTree& tree, Node class_definition);

/// The only call to which a function hands on its **kwargs, which is read in `out` as if it were
/// super().__init__(); null if there is none.
Node forwarded_call(const SyntaxTree& tree, Node function_definition, ClassConstructor& out);

}  // namespace dagfix
