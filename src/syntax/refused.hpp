#pragma once

#include <optional>
#include <string_view>

#include "syntax/tree.hpp"

namespace dagfix {

/// Whether refused() can say something of a kind of node.
constexpr bool may_be_refused(Kind kind) {
  switch (kind) {
    case Kind::argument_list:
    case Kind::block:
    case Kind::except_clause:
    case Kind::exec_statement:
    case Kind::integer:
    case Kind::lambda_parameters:
    case Kind::old_not_equal:
    case Kind::parameters:
    case Kind::print_statement:
    case Kind::raise_statement:
    case Kind::string_start:
    case Kind::try_statement:
      return true;
    default:
      return false;
  }
}

/// What Python 3 refuses though the grammar takes it: Python 2, and the order of arguments. Not all
/// of it: CPython's compiler knows more.
std::optional<SyntaxError> refused(Node node);

/// The first statement of a block, or of the module, that is indented otherwise than those before
/// it. `text` is that of the file.
std::optional<SyntaxError> wrong_indentation(Node block, std::string_view text);

}  // namespace dagfix
