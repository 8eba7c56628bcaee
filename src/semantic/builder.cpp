#include "semantic/builder.hpp"

#include <algorithm>

namespace dagfix {

namespace {

std::uint64_t key(ScopeId scope, NameId name) {
  return (static_cast<std::uint64_t>(scope) << 32) | name;
}

bool is_comprehension(Kind kind) {
  return kind == Kind::list_comprehension || kind == Kind::set_comprehension ||
         kind == Kind::dictionary_comprehension || kind == Kind::generator_expression;
}

/// The outermost pattern that a target is part of: `a` in `(a, *b) = ...` gives `(a, *b)`.
Node pattern_root(Node node) {
  for (Node parent = node.parent(); parent; parent = parent.parent()) {
    switch (parent.kind()) {
      case Kind::pattern_list:
      case Kind::tuple_pattern:
      case Kind::list_pattern:
      case Kind::list_splat_pattern:
        node = parent;
        break;
      default:
        return node;
    }
  }
  return node;
}

/// The statement list in which a binding certainly holds after its position. A `with` block
/// always runs, hence what it binds holds after it, too.
Node dominated_block(Node node) {
  Node child = node;
  for (Node parent = node.parent(); parent; child = parent, parent = parent.parent()) {
    if (parent.is(Kind::module) || is_comprehension(parent.kind())) return parent;
    if (parent.is(Kind::block) && !parent.parent().is(Kind::with_statement)) return parent;
    if (parent.is(Kind::lambda)) return parent;
    // `x and (y := f())` and the like may not be evaluated.
    if (parent.is(Kind::boolean_operator) || parent.is(Kind::conditional_expression)) return child;
  }
  return child;
}

/// The part of an assigned value that a target gets: `b` in `a, b = x, y` gets `y`.
Node assigned_value(Node target, Node root, Node value) {
  while (value.is(Kind::assignment)) value = value.child(Field::right);
  if (target == root) return value;
  const bool flat = root.is(Kind::pattern_list) || root.is(Kind::tuple_pattern);
  const bool listed = value.is(Kind::expression_list) || value.is(Kind::tuple);
  if (!flat || !listed || !(target.parent() == root)) return {};
  const auto targets = root.named_children();
  const auto values = value.named_children();
  if (targets.size() != values.size()) return {};
  const auto is_splat = [](Node node) {
    return node.is(Kind::list_splat) || node.is(Kind::list_splat_pattern);
  };
  if (std::ranges::any_of(targets, is_splat) || std::ranges::any_of(values, is_splat)) return {};
  const auto at = std::ranges::find(targets, target);
  return values[static_cast<std::size_t>(at - targets.begin())];
}

}  // namespace

void ModelBuilder::build() {
  model_.scopes_.push_back({ScopeKind::module, tree_.root(), kNone});
  model_.scope_starts_.emplace_back(0, 0);
  open_.push_back({0, tree_.size()});
  for (std::uint32_t id = 0; id < tree_.size(); ++id) {
    while (open_.back().end <= id) {
      open_.pop_back();
      model_.scope_starts_.emplace_back(id, current());
    }
    const Node node = tree_.node(id);
    enter_if_scope(node);
    visit(node);
  }
}

void ModelBuilder::enter_if_scope(Node node) {
  for (std::size_t i = pending_.size(); i-- > 0;) {
    if (pending_[i].first != node.id()) continue;
    const ScopeId scope = pending_[i].second;
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
    reopen(scope, node);
    break;
  }
  if (is_comprehension(node.kind())) {
    const ScopeId outside = current();
    reopen(new_scope(ScopeKind::comprehension, node), node);
    // The first iterable is evaluated outside.
    if (const Node iterable = node.child(Kind::for_in_clause).child(Field::right)) {
      pending_.emplace_back(iterable.id(), outside);
    }
    return;
  }
  ScopeKind kind;
  switch (node.kind()) {
    case Kind::lambda:
      kind = ScopeKind::lambda;
      break;
    case Kind::function_definition:
      kind = ScopeKind::function;
      break;
    case Kind::class_definition:
      kind = ScopeKind::class_;
      break;
    default:
      return;
  }
  const ScopeId scope = new_scope(kind, node);
  if (const Node body = node.child(Field::body)) pending_.emplace_back(body.id(), scope);
}

ScopeId ModelBuilder::new_scope(ScopeKind kind, Node definition) {
  model_.scopes_.push_back({kind, definition, current()});
  return static_cast<ScopeId>(model_.scopes_.size() - 1);
}

void ModelBuilder::reopen(ScopeId scope, Node subtree) {
  open_.push_back({scope, tree_.subtree_end(subtree.id())});
  model_.scope_starts_.emplace_back(subtree.id(), scope);
}

void ModelBuilder::visit(Node node) {
  switch (node.kind()) {
    case Kind::identifier:
      return visit_identifier(node);
    case Kind::import_statement:
      return visit_import(node);
    case Kind::import_from_statement:
      return visit_from_import(node);
    case Kind::function_definition:
      return visit_definition(node, BindingKind::function);
    case Kind::class_definition:
      return visit_definition(node, BindingKind::class_);
    case Kind::global_statement:
    case Kind::nonlocal_statement:
      return visit_scope_declaration(node);
    case Kind::dotted_name:
      if (node.ancestor(Kind::case_pattern)) visit_case_name(node);
      return;
    default:
      return;
  }
}

void ModelBuilder::visit_identifier(Node node) {
  const Node parent = node.parent();
  switch (parent.kind()) {
    case Kind::attribute:
      if (node.field() == Field::attribute) return;
      break;
    case Kind::keyword_argument:
      if (node.field() == Field::name) return;
      break;
    case Kind::function_definition:
    case Kind::class_definition:
      if (node.field() == Field::name) return;
      break;
    case Kind::aliased_import:
    case Kind::dotted_name:
    case Kind::global_statement:
    case Kind::nonlocal_statement:
    case Kind::keyword_pattern:
      return;
    default:
      break;
  }
  if (bind_parameter(node, parent)) return;
  const Node root = pattern_root(node);
  const Node owner = root.parent();
  switch (owner.kind()) {
    case Kind::assignment:
    case Kind::for_statement:
    case Kind::for_in_clause:
      if (root.field() == Field::left) return bind_target(node, root);
      break;
    case Kind::augmented_assignment:
      if (root.field() == Field::left) {
        add_reference(node);
        return bind_target(node, root);
      }
      break;
    case Kind::named_expression:
      if (root.field() == Field::name) return bind_target(node, root);
      break;
    case Kind::type_alias_statement:
    case Kind::type:
      if (owner.field() == Field::left) return bind_target(node, root);
      break;
    case Kind::as_pattern_target:
    case Kind::splat_pattern:
      return bind_target(node, root);
    case Kind::delete_statement:
      return bind_target(node, root);
    case Kind::expression_list:
      if (owner.parent().is(Kind::delete_statement)) return bind_target(node, root);
      break;
    case Kind::tuple:
    case Kind::list:
      if (owner.parent().is(Kind::as_pattern_target)) return bind_target(node, root);
      break;
    default:
      break;
  }
  add_reference(node);
}

bool ModelBuilder::bind_parameter(Node identifier, Node parent) {
  Node holder = identifier;
  if (parent.is(Kind::list_splat_pattern) || parent.is(Kind::dictionary_splat_pattern)) {
    holder = parent;
    parent = parent.parent();
  }
  Node type;
  if (parent.is(Kind::default_parameter) || parent.is(Kind::typed_default_parameter)) {
    if (holder.field() != Field::name) return false;
    type = parent.child(Field::type);
    parent = parent.parent();
  } else if (parent.is(Kind::typed_parameter)) {
    if (holder.field() == Field::type) return false;
    type = parent.child(Field::type);
    parent = parent.parent();
  }
  if (!parent.is(Kind::parameters) && !parent.is(Kind::lambda_parameters)) return false;
  // The function's scope is the newest one of its definition, opened just before.
  const Node definition = parent.parent();
  Binding binding;
  for (auto id = static_cast<ScopeId>(model_.scopes_.size()); id-- > 0;) {
    if (model_.scopes_[id].node == definition) {
      binding.scope = id;
      break;
    }
  }
  binding.kind = BindingKind::parameter;
  binding.target = identifier;
  binding.type = type;
  binding.position = identifier.begin();
  binding.block = definition;
  add_binding(binding, identifier.text());
  return true;
}

void ModelBuilder::bind_target(Node identifier, Node root) {
  const Node owner = root.parent();
  Binding binding;
  binding.target = identifier;
  binding.position = owner.end();
  switch (owner.kind()) {
    case Kind::assignment:
      binding.kind = BindingKind::assignment;
      binding.value = assigned_value(identifier, root, owner.child(Field::right));
      if (identifier == root) binding.type = owner.child(Field::type);
      // `x: T` alone declares and does not bind.
      if (!owner.child(Field::right)) binding.kind = BindingKind::other;
      break;
    case Kind::named_expression:
      binding.kind = BindingKind::assignment;
      binding.value = owner.child(Field::value);
      break;
    case Kind::as_pattern_target: {
      const Node pattern = owner.parent();
      const bool is_with = pattern.parent().is(Kind::with_item);
      binding.kind = is_with ? BindingKind::with_target : BindingKind::other;
      if (is_with) binding.value = pattern.first_child();
      break;
    }
    case Kind::delete_statement:
      binding.kind = BindingKind::deletion;
      break;
    case Kind::expression_list:
      binding.kind =
          owner.parent().is(Kind::delete_statement) ? BindingKind::deletion : BindingKind::other;
      break;
    case Kind::for_statement:
    case Kind::for_in_clause:
      binding.position = identifier.begin();
      break;
    default:
      break;
  }
  binding.scope = current();
  if (owner.is(Kind::named_expression)) {
    while (model_.scopes_[binding.scope].kind == ScopeKind::comprehension) {
      binding.scope = model_.scopes_[binding.scope].parent;
    }
  }
  binding.block = dominated_block(identifier);
  add_binding(binding, identifier.text());
}

void ModelBuilder::visit_definition(Node definition, BindingKind kind) {
  const Node name = definition.child(Field::name);
  if (!name) return;
  Binding binding;
  binding.kind = kind;
  binding.scope = current();
  binding.target = name;
  binding.value = definition;
  binding.position = name.begin();
  binding.block = dominated_block(definition);
  add_binding(binding, name.text());
}

void ModelBuilder::visit_import(Node statement) {
  for (Node item = statement.first_child(); item; item = item.next_sibling()) {
    if (item.field() != Field::name) continue;
    Import import;
    import.form = Import::Form::module;
    import.statement = statement;
    import.item = item;
    const bool aliased = item.is(Kind::aliased_import);
    import.module = aliased ? item.child(Field::name).text() : item.text();
    import.has_alias = aliased;
    import.local = aliased ? std::string(item.child(Field::alias).text())
                           : import.module.substr(0, import.module.find('.'));
    add_import(std::move(import));
  }
}

void ModelBuilder::visit_from_import(Node statement) {
  const Node module = statement.child(Field::module_name);
  std::string name(module.text());
  if (name.starts_with('.')) name = model_.resolver_->absolute(name);
  for (Node item = statement.first_child(); item; item = item.next_sibling()) {
    const bool star = item.is(Kind::wildcard_import);
    if (!star && item.field() != Field::name) continue;
    Import import;
    import.form = star ? Import::Form::star : Import::Form::from;
    import.statement = statement;
    import.item = item;
    import.module = name;
    if (!star) {
      const bool aliased = item.is(Kind::aliased_import);
      import.name = aliased ? item.child(Field::name).text() : item.text();
      import.local = aliased ? std::string(item.child(Field::alias).text()) : import.name;
      import.has_alias = aliased;
    }
    add_import(std::move(import));
  }
}

void ModelBuilder::add_import(Import import) {
  import.scope = current();
  const auto id = static_cast<ImportId>(model_.imports_.size());
  if (!import.local.empty()) {
    import.binding = static_cast<BindingId>(model_.bindings_.size());
    Binding binding;
    binding.kind = BindingKind::import;
    binding.scope = current();
    binding.target = import.item;
    binding.value = import.statement;
    binding.import = id;
    binding.position = import.statement.begin();
    binding.block = dominated_block(import.statement);
    // The name's bytes live in the tree's text: a view of them outlives the import.
    const Node item = import.item;
    const Node named = import.has_alias ? item.child(Field::alias) : item;
    add_binding(binding, named.text().substr(0, import.local.size()));
  }
  model_.imports_.push_back(std::move(import));
}

void ModelBuilder::visit_scope_declaration(Node statement) {
  const bool is_global = statement.is(Kind::global_statement);
  for (const Node name : statement.named_children()) {
    declared_[key(current(), intern(name.text()))] = is_global;
  }
}

void ModelBuilder::visit_case_name(Node dotted_name) {
  const Node first = dotted_name.first_child();
  if (first.next_sibling() || dotted_name.parent().is(Kind::class_pattern)) {
    add_reference(first);
  } else {
    bind_target(first, dotted_name);
  }
}

void ModelBuilder::add_binding(Binding binding, std::string_view name) {
  binding.name = intern(name);
  const ScopeId written = binding.scope;
  const auto declared = declared_.find(key(written, binding.name));
  if (declared != declared_.end()) {
    binding.deferred = true;
    if (declared->second) {
      binding.scope = 0;
    } else {
      ScopeId outer = model_.scopes_[written].parent;
      while (outer != 0 && model_.bindings_in(outer, binding.name).empty()) {
        outer = model_.scopes_[outer].parent;
      }
      binding.scope = outer;
    }
  }
  const auto id = static_cast<BindingId>(model_.bindings_.size());
  model_.by_scope_and_name_[key(binding.scope, binding.name)].push_back(id);
  model_.bindings_.push_back(std::move(binding));
}

void ModelBuilder::add_reference(Node identifier) {
  const NameId name = intern(identifier.text());
  model_.references_by_name_[name].push_back(static_cast<std::uint32_t>(model_.references_.size()));
  model_.references_.push_back({name, current(), identifier});
}

NameId ModelBuilder::intern(std::string_view name) {
  const auto [entry, added] =
      model_.name_ids_.try_emplace(name, static_cast<NameId>(model_.names_.size()));
  if (added) {
    model_.names_.push_back(name);
    model_.references_by_name_.emplace_back();
  }
  return entry->second;
}

}  // namespace dagfix
