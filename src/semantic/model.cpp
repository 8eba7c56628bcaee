#include "semantic/model.hpp"

#include <algorithm>

#include "semantic/builder.hpp"
#include "semantic/builtins.hpp"

namespace dagfix {

namespace {

constexpr int kMaxDepth = 12;

bool is_loop(Kind kind) { return kind == Kind::for_statement || kind == Kind::while_statement; }

/// Adds `more` to what is known so far; different paths make the result uncertain.
void merge(std::optional<Symbol>& known, std::optional<Symbol> more, bool& unknown) {
  if (!more) {
    unknown = true;
    return;
  }
  if (!known) {
    known = std::move(more);
    return;
  }
  if (known->path != more->path) known->certain = false;
  known->certain = known->certain && more->certain;
  known->through_alias = known->through_alias || more->through_alias;
  known->via.insert(known->via.end(), more->via.begin(), more->via.end());
}

}  // namespace

SemanticModel SemanticModel::build(const SyntaxTree& tree, const ModuleResolver& resolver) {
  SemanticModel model;
  model.tree_ = &tree;
  model.resolver_ = &resolver;
  ModelBuilder(model).build();
  model.collect_uses();
  return model;
}

std::optional<NameId> SemanticModel::name_id(std::string_view name) const {
  const auto found = name_ids_.find(name);
  if (found == name_ids_.end()) return std::nullopt;
  return found->second;
}

std::span<const BindingId> SemanticModel::bindings_in(ScopeId scope, NameId name) const {
  const auto found = by_scope_and_name_.find((static_cast<std::uint64_t>(scope) << 32) | name);
  if (found == by_scope_and_name_.end()) return {};
  return found->second;
}

ScopeId SemanticModel::scope_of(Node node) const {
  const auto after = std::ranges::upper_bound(scope_starts_, node.id(), {},
                                              &std::pair<std::uint32_t, ScopeId>::first);
  return after == scope_starts_.begin() ? 0 : std::prev(after)->second;
}

std::vector<BindingId> SemanticModel::reaching(std::string_view name, Node node) const {
  const auto id = name_id(name);
  if (!id) return {};
  ScopeId scope = scope_of(node);
  bool immediate = true;  // no function lies between the read and the scope
  bool innermost = true;
  while (scope != kNone) {
    const Scope& here = scopes_[scope];
    const bool visible = innermost || here.kind != ScopeKind::class_;
    const auto all = visible ? bindings_in(scope, *id) : std::span<const BindingId>{};
    if (!all.empty()) {
      // The target of a comprehension holds in all of it, the part before `for` included.
      if (!immediate || here.kind == ScopeKind::comprehension) return {all.begin(), all.end()};
      auto found = flow_filtered(all, node);
      if (!found.empty() || here.kind == ScopeKind::function) return found;
    }
    if (here.kind != ScopeKind::comprehension) innermost = false;
    if (here.kind == ScopeKind::function || here.kind == ScopeKind::lambda) immediate = false;
    scope = here.parent;
  }
  return {};
}

std::vector<BindingId> SemanticModel::flow_filtered(std::span<const BindingId> all,
                                                    Node read) const {
  std::vector<BindingId> result;
  std::uint32_t dominator = 0;
  for (std::size_t i = all.size(); i-- > 0;) {
    const Binding& binding = bindings_[all[i]];
    if (binding.deferred) {
      result.push_back(all[i]);
      continue;
    }
    if (binding.position > read.begin()) continue;
    result.push_back(all[i]);
    if (!binding.block.encloses(read)) continue;
    dominator = binding.target.begin();
    break;
  }
  // In a loop, what is bound further down holds in the next round.
  for (Node loop = read.parent(); loop; loop = loop.parent()) {
    if (loop.is(Kind::function_definition) || loop.is(Kind::class_definition)) break;
    if (!is_loop(loop.kind()) || (dominator != 0 && dominator > loop.begin())) continue;
    for (const BindingId id : all) {
      const Binding& binding = bindings_[id];
      if (binding.position <= read.begin() || !loop.encloses(binding.target)) continue;
      if (std::ranges::find(result, id) == result.end()) result.push_back(id);
    }
  }
  return result;
}

const SymbolUse* SemanticModel::use_at(Node expression) const {
  // References come in the order of the tree, and so do the chains that begin with them.
  const auto found = std::ranges::lower_bound(
      uses_, expression.id(), {}, [](const SymbolUse& use) { return use.expression.id(); });
  return found != uses_.end() && found->expression == expression ? &*found : nullptr;
}

std::optional<Symbol> SemanticModel::resolve(Node expression) const {
  return resolve(expression, kMaxDepth);
}

std::optional<Symbol> SemanticModel::resolve(Node expression, int depth) const {
  if (depth == 0) return std::nullopt;
  switch (expression.kind()) {
    case Kind::identifier:
      return resolve_name(expression.text(), expression, depth);
    case Kind::parenthesized_expression: {
      const auto inner = expression.named_children();
      return inner.size() == 1 ? resolve(inner[0], depth - 1) : std::nullopt;
    }
    case Kind::attribute: {
      auto symbol = resolve(expression.child(Field::object), depth - 1);
      if (!symbol) return std::nullopt;
      symbol->path += '.';
      symbol->path += expression.child(Field::attribute).text();
      if (auto real = resolver_->canonical(symbol->path)) symbol->path = std::move(*real);
      return symbol;
    }
    default:
      return std::nullopt;
  }
}

std::optional<Symbol> SemanticModel::resolve_name(std::string_view name, Node at, int depth) const {
  std::optional<Symbol> known;
  bool unknown = false;
  const auto found = reaching(name, at);
  if (found.empty()) return star_symbol(name, at);
  for (const BindingId id : found) merge(known, symbol_of(bindings_[id], depth), unknown);
  if (known && unknown) known->certain = false;
  return known;
}

std::optional<Symbol> SemanticModel::symbol_of(const Binding& binding, int depth) const {
  if (binding.kind == BindingKind::import) {
    const Import& import = imports_[binding.import];
    Symbol symbol;
    symbol.path = import.form == Import::Form::module && !import.has_alias ? import.local
                                                                           : import.qualified();
    if (auto real = resolver_->canonical(symbol.path)) symbol.path = std::move(*real);
    symbol.via.push_back(binding.import);
    return symbol;
  }
  if (binding.kind == BindingKind::assignment && binding.value) {
    auto symbol = resolve(binding.value, depth - 1);
    if (symbol) symbol->through_alias = true;
    return symbol;
  }
  return std::nullopt;
}

std::optional<Symbol> SemanticModel::star_symbol(std::string_view name, Node at) const {
  if (is_builtin(name)) return std::nullopt;
  std::optional<Symbol> known;
  for (ImportId id = 0; id < imports_.size(); ++id) {
    const Import& import = imports_[id];
    if (import.form != Import::Form::star || import.statement.begin() > at.begin()) continue;
    const std::string path = import.module + "." + std::string(name);
    auto real = resolver_->canonical(path);
    // Kaapana has one class a module, named like the module: the star brings in that one.
    const bool names_module = import.module.ends_with("." + std::string(name));
    if (!real && !names_module) continue;
    known = Symbol{real.value_or(path), true, {id}, false};
  }
  return known;
}

std::optional<Symbol> SemanticModel::instance_of(Node expression) const {
  return instance_of(expression, kMaxDepth);
}

std::optional<Symbol> SemanticModel::instance_of(Node expression, int depth) const {
  if (depth == 0) return std::nullopt;
  if (expression.is(Kind::call)) return resolve(expression.child(Field::function), depth - 1);
  if (expression.is(Kind::attribute)) return instance_of_attribute(expression, depth);
  if (!expression.is(Kind::identifier)) return std::nullopt;
  std::optional<Symbol> known;
  bool unknown = false;
  for (const BindingId id : reaching(expression.text(), expression)) {
    const Binding& binding = bindings_[id];
    if (binding.value.is(Kind::none)) continue;  // None has no methods: a use means the other
    if (binding.type) {
      merge(
          known,
          resolve(binding.type.named_children().empty() ? Node() : binding.type.named_children()[0],
                  depth - 1),
          unknown);
    } else if (binding.value && (binding.kind == BindingKind::assignment ||
                                 binding.kind == BindingKind::with_target)) {
      merge(known, instance_of(binding.value, depth - 1), unknown);
    } else {
      unknown = true;
    }
  }
  if (known && unknown) known->certain = false;
  return known;
}

std::optional<Symbol> SemanticModel::instance_of_attribute(Node attribute, int depth) const {
  const Node object = attribute.child(Field::object);
  if (!object.is(Kind::identifier) || object.text() != "self") return std::nullopt;
  const Node owner = attribute.ancestor(Kind::class_definition);
  if (!owner) return std::nullopt;
  const std::string_view member = attribute.child(Field::attribute).text();
  std::optional<Symbol> known;
  bool unknown = false;
  const std::uint32_t end = tree_->subtree_end(owner.id());
  for (std::uint32_t id = owner.id(); id < end; ++id) {
    const Node node = tree_->node(id);
    if (!node.is(Kind::assignment)) continue;
    const Node left = node.child(Field::left);
    if (!left.is(Kind::attribute) || left.child(Field::attribute).text() != member ||
        left.child(Field::object).text() != "self") {
      continue;
    }
    const Node value = node.child(Field::right);
    if (!value || value.is(Kind::none)) continue;
    merge(known, instance_of(value, depth - 1), unknown);
  }
  if (known && unknown) known->certain = false;
  return known;
}

std::vector<Node> SemanticModel::reads_of(BindingId binding) const {
  std::vector<Node> result;
  const NameId name = bindings_[binding].name;
  for (const std::uint32_t index : references_by_name_[name]) {
    const Reference& reference = references_[index];
    const auto found = reaching(names_[name], reference.node);
    if (std::ranges::find(found, binding) != found.end()) result.push_back(reference.node);
  }
  return result;
}

Node SemanticModel::value_of(Node expression) const {
  for (int depth = kMaxDepth; depth > 0 && expression.is(Kind::identifier); --depth) {
    const auto found = reaching(expression.text(), expression);
    if (found.size() != 1) return expression;
    const Binding& binding = bindings_[found[0]];
    if (binding.kind != BindingKind::assignment || !binding.value) return expression;
    expression = binding.value;
  }
  return expression;
}

bool SemanticModel::is_name_taken(std::string_view name) const {
  const auto id = name_id(name);
  if (!id) return false;
  const auto is_it = [&](const auto& entry) { return entry.name == *id; };
  return std::ranges::any_of(bindings_, is_it) || std::ranges::any_of(references_, is_it);
}

const Import* SemanticModel::visible_import(std::string_view path, Node at) const {
  for (const Import& import : imports_) {
    if (import.form == Import::Form::star || import.qualified() != path) continue;
    if (import.form == Import::Form::module && !import.has_alias) continue;
    const auto found = reaching(import.local, at);
    if (found.size() == 1 && found[0] == import.binding &&
        bindings_[import.binding].block.encloses(at)) {
      return &import;
    }
  }
  return nullptr;
}

std::vector<std::string_view> SemanticModel::unresolved_names() const {
  std::vector<std::string_view> result;
  for (const Reference& reference : references_) {
    const std::string_view name = names_[reference.name];
    if (is_builtin(name) || std::ranges::find(result, name) != result.end()) continue;
    if (reaching(name, reference.node).empty()) result.push_back(name);
  }
  return result;
}

void SemanticModel::collect_uses() {
  if (imports_.empty()) return;
  for (const Reference& reference : references_) {
    Node expression = reference.node;
    while (expression.parent().is(Kind::attribute) && expression.field() == Field::object) {
      expression = expression.parent();
    }
    if (auto symbol = resolve(expression)) uses_.push_back({expression, std::move(*symbol)});
  }
}

}  // namespace dagfix
