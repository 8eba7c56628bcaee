#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "syntax/tree.hpp"

namespace dagfix {

using ScopeId = std::uint32_t;
using BindingId = std::uint32_t;
using ImportId = std::uint32_t;
using NameId = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xffffffff;

enum class ScopeKind : std::uint8_t { module, class_, function, lambda, comprehension };

struct Scope {
  ScopeKind kind = ScopeKind::module;
  Node node;  ///< The definition, lambda, comprehension or module.
  ScopeId parent = kNone;
};

enum class BindingKind : std::uint8_t {
  import,       ///< import a.b, from a import b
  assignment,   ///< x = value, x: T = value, (x := value)
  parameter,    ///< def f(x): ...
  function,     ///< def x(): ...
  class_,       ///< class x: ...
  with_target,  ///< with value as x: ...
  deletion,     ///< del x
  other,        ///< for x in ..., except E as x, case x, x += 1, type x = ...
};

/// One place that gives a name a meaning.
struct Binding {
  NameId name = 0;
  ScopeId scope = 0;
  BindingKind kind = BindingKind::other;
  Node target;  ///< The identifier, or the item of an import statement.
  Node value;   ///< What is assigned, when it is one expression; definition, import statement.
  Node type;    ///< The annotation.
  ImportId import = kNone;
  std::uint32_t position = 0;  ///< Offset from which on the binding holds in its scope.
  Node block;                  ///< Code in this node after `position` always sees the binding.
  bool deferred = false;       ///< Made by another scope (global, nonlocal): holds at any time.
};

/// One name that an import statement binds, or the star of a star import.
struct Import {
  enum class Form : std::uint8_t {
    module,  ///< import a.b [as c]
    from,    ///< from a import b [as c]
    star,    ///< from a import *
  };
  Form form = Form::module;
  Node statement;
  Node item;           ///< The name or aliased name in the statement; the star.
  std::string module;  ///< Absolute where it can be; "." prefixes stay where the root is unknown.
  std::string name;    ///< Imported name; empty for Form::module.
  std::string local;   ///< Name that is bound; empty for Form::star.
  bool has_alias = false;
  ScopeId scope = 0;
  BindingId binding = kNone;

  /// "module.name" or "module".
  std::string qualified() const { return name.empty() ? module : module + "." + name; }
};

/// One read of a name.
struct Reference {
  NameId name = 0;
  ScopeId scope = 0;
  Node node;
};

/// What a name can mean: dotted path of the module member, and how sure that is.
struct Symbol {
  std::string path;            ///< "kaapana.operators.LocalMinioOperator.LocalMinioOperator"
  bool certain = true;         ///< False: other meanings are possible, too.
  std::vector<ImportId> via;   ///< Imports that it goes through.
  bool through_alias = false;  ///< Some assignment `X = Y` lies between.
};

/// One use of an imported symbol: the longest attribute chain that starts at a name.
struct SymbolUse {
  Node expression;  ///< identifier or attribute; load context
  Symbol symbol;
};

/// A string that is known before the program runs.
struct Constant {
  std::string value;
  Node literal;  ///< The one `string` node that spells it, wherever that stands; else null.
  bool through_name = false;  ///< A variable lies between the expression and the literal.
};

/// Resolves module members through the project's own files; see project/project.hpp.
class ModuleResolver {
 public:
  virtual ~ModuleResolver() = default;
  /// Where a dotted path that starts in the project's own code leads to, if it is imported
  /// there from elsewhere; else nothing.
  virtual std::optional<std::string> canonical(std::string_view path) const = 0;
  /// The absolute form of a relative import's module ("..ops") in this file.
  virtual std::string absolute(std::string_view relative) const = 0;
  /// The string that a dotted path of the project's own code always is; else nothing.
  virtual std::optional<std::string> constant(std::string_view path) const = 0;
};

/// Scopes, imports, bindings and references of one file. Built once, then immutable.
class SemanticModel {
 public:
  /// `tree` and `resolver` must outlive the model.
  static SemanticModel build(const SyntaxTree& tree, const ModuleResolver& resolver);

  const SyntaxTree& tree() const { return *tree_; }
  std::span<const Scope> scopes() const { return scopes_; }
  std::span<const Binding> bindings() const { return bindings_; }
  std::span<const Import> imports() const { return imports_; }
  std::span<const Reference> references() const { return references_; }
  /// Every use of an imported symbol, in order of position.
  std::span<const SymbolUse> uses() const { return uses_; }
  /// The use that an expression is, all of it; null if it is none.
  const SymbolUse* use_at(Node expression) const;

  /// The scope in which an expression is evaluated.
  ScopeId scope_of(Node node) const;
  /// Bindings that a read of `name` at `node` can see.
  std::vector<BindingId> reaching(std::string_view name, Node node) const;
  /// What an identifier or attribute expression means, if it comes from an import.
  std::optional<Symbol> resolve(Node expression) const;
  /// The class whose call made the object: through variables, `self.x`, annotations, `with`.
  /// Certain only if every binding that reaches agrees.
  std::optional<Symbol> instance_of(Node expression) const;
  /// The string that an expression always has.
  std::optional<Constant> constant(Node expression) const;
  /// The expression behind a name that is bound exactly once; the expression itself otherwise.
  Node value_of(Node expression) const;
  /// All reads that can see a binding.
  std::vector<Node> reads_of(BindingId binding) const;
  /// Whether `name` already means something, or is used, in a scope that `at` can see or that
  /// lies below it.
  bool is_name_taken(std::string_view name) const;
  /// The import that makes `path` available at `at` under some name, unconditionally.
  const Import* visible_import(std::string_view path, Node at) const;
  /// Names that are read but bound nowhere in the file, builtins left out.
  std::vector<std::string_view> unresolved_names() const;

 private:
  friend class ModelBuilder;

  std::optional<Symbol> resolve_name(std::string_view name, Node at, int depth) const;
  std::optional<Symbol> resolve(Node expression, int depth) const;
  std::optional<Symbol> symbol_of(const Binding& binding, int depth) const;
  std::optional<Symbol> star_symbol(std::string_view name, Node at) const;
  std::optional<Symbol> instance_of(Node expression, int depth) const;
  std::optional<Symbol> instance_of_attribute(Node attribute, int depth) const;
  std::optional<Constant> constant(Node expression, int depth) const;
  std::optional<Constant> imported_constant(Node expression) const;
  std::optional<NameId> name_id(std::string_view name) const;
  std::span<const BindingId> bindings_in(ScopeId scope, NameId name) const;
  std::vector<BindingId> flow_filtered(std::span<const BindingId> all, Node read) const;
  void collect_uses();

  const SyntaxTree* tree_ = nullptr;
  const ModuleResolver* resolver_ = nullptr;
  std::vector<Scope> scopes_;
  std::vector<Binding> bindings_;
  std::vector<Import> imports_;
  std::vector<Reference> references_;
  std::vector<std::vector<std::uint32_t>> references_by_name_;
  std::vector<SymbolUse> uses_;
  std::vector<std::string_view> names_;
  std::unordered_map<std::string_view, NameId> name_ids_;
  std::unordered_map<std::uint64_t, std::vector<BindingId>> by_scope_and_name_;
  std::vector<std::pair<std::uint32_t, ScopeId>> scope_starts_;  // node id -> scope, sorted
};

/// The value of a string literal without interpolations; none for bytes.
std::optional<std::string> string_value(Node literal);

/// The value of a part of a string literal that holds no interpolation and cuts no escape.
std::optional<std::string> string_part(Node literal, ByteRange range);

/// Range of a literal's text between its quotes, if it is spelled without escapes.
std::optional<ByteRange> plain_content(Node literal);

}  // namespace dagfix
