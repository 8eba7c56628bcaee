#pragma once

#include "semantic/model.hpp"

namespace dagfix {

/// Fills a SemanticModel in one walk over the tree.
class ModelBuilder {
 public:
  explicit ModelBuilder(SemanticModel& model) : model_(model), tree_(*model.tree_) {}

  void build();

 private:
  struct Open {
    ScopeId scope;
    std::uint32_t end;  // node id past the subtree in which the scope holds
  };

  ScopeId current() const { return open_.back().scope; }
  void visit(Node node);
  void enter_if_scope(Node node);
  ScopeId new_scope(ScopeKind kind, Node definition);
  void reopen(ScopeId scope, Node subtree);

  void visit_identifier(Node node);
  void visit_import(Node statement);
  void visit_from_import(Node statement);
  void visit_definition(Node definition, BindingKind kind);
  void visit_scope_declaration(Node statement);
  void visit_case_name(Node dotted_name);
  bool bind_parameter(Node identifier, Node parent);
  void bind_target(Node identifier, Node root);
  void add_binding(Binding binding, std::string_view name);
  void add_import(Import import);
  void add_reference(Node identifier);
  NameId intern(std::string_view name);

  SemanticModel& model_;
  const SyntaxTree& tree_;
  std::vector<Open> open_;
  std::vector<std::pair<std::uint32_t, ScopeId>> pending_;  // subtree root -> scope
  std::unordered_map<std::uint64_t, bool> declared_;        // scope and name -> is global
};

}  // namespace dagfix
