#pragma once

#include <span>
#include <string>
#include <vector>

#include "rules/context.hpp"

namespace dagfix {

/// How a class is used at one place.
enum class UseKind : std::uint8_t {
  call,     ///< Old(...)
  partial,  ///< functools.partial(Old, ...)
  base,     ///< class X(Old)
  test,     ///< isinstance(x, Old), x: Old, type(x) is Old
  alias,    ///< Get = Old
  other,    ///< passed on as a value, or a member of the class
};

/// One use. `call` is the call itself for kinds call and partial.
struct ClassUse {
  UseKind kind = UseKind::other;
  Node expression;  ///< Denotes the class: a name or an attribute chain.
  Node call;
  bool through_alias = false;  ///< The name is one of the file's own, bound by `X = Old`.
};

/// How an import gives access to a class.
enum class ImportShape : std::uint8_t {
  class_,         ///< from kaapana.operators.Old import Old [as x]
  module_member,  ///< from kaapana.operators import Old [as x]; x.Old
  module_alias,   ///< import kaapana.operators.Old as x; x.Old
  module_path,    ///< import kaapana.operators.Old; kaapana.operators.Old.Old
  star,           ///< from kaapana.operators.Old import *
  indirect,       ///< through another file of the project, or a package
};

/// All uses of one class that come through one import.
struct ClassUses {
  ImportId import = kNone;
  ImportShape shape = ImportShape::class_;
  std::vector<ClassUse> uses;
  std::string blocked;  ///< Why no name may be changed; empty: they may.

  bool any(UseKind kind) const;
};

/// The uses of `class_path`, import by import. An import that is the fallback of a
/// try/except for `replacement_path` is left out: such a file is migrated already.
std::vector<ClassUses> uses_by_import(const RuleContext& context, std::string_view class_path,
                                      std::string_view replacement_path);

/// Whether an import without use is there for nothing: not to try whether the name exists, not for
/// type checkers, not to be passed on.
bool can_be_removed(const RuleContext& context, const Import& import);

/// Whether other files of the run import this name from here.
bool is_shared(const RuleContext& context, const Import& import);

/// The last part of a dotted path, and what stands before it.
std::string_view short_name(std::string_view path);
std::string_view module_of(std::string_view path);

/// Adds to `fix` what makes `changed` (uses) mean `new_class`: edits of the uses and what the
/// import needs. `keep_old`: other uses still need the old class.
void rename_class(const RuleContext& context, const ClassUses& uses, std::string_view new_class,
                  std::span<const ClassUse> changed, bool keep_old, FixDraft& fix);

/// The import that makes `path` available where the old class is imported, or at least where it is
/// used; null if there is none.
const Import* known_import(const RuleContext& context, const ClassUses& uses,
                           std::string_view path);

/// Whether the new class cannot be called by its name in this file.
bool has_name_conflict(const RuleContext& context, const ClassUses& uses,
                       std::string_view new_class, bool keep_old);

}  // namespace dagfix
