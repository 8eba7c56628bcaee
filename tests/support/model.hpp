#pragma once

#include <memory>
#include <string>

#include "project/project.hpp"
#include "semantic/model.hpp"
#include "syntax/tree.hpp"

namespace dagfix {

/// A parsed piece of code with its model, for tests. The code must outlive nothing: it is kept.
struct Parsed {
  explicit Parsed(std::string text, std::string path = "dag.py")
      : code(std::move(text)),
        source_path(std::move(path)),
        resolver(project, source_path),
        tree(SyntaxTree::parse(code)),
        model(SemanticModel::build(tree, resolver)) {}
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;

  /// The last name or attribute chain in the code that is written so.
  Node last(std::string_view text) const {
    Node found;
    for (std::uint32_t id = 0; id < tree.size(); ++id) {
      const Node node = tree.node(id);
      const bool name = node.is(Kind::identifier) || node.is(Kind::attribute);
      if (name && node.text() == text) found = node;
    }
    return found;
  }

  /// "path" or "path?" (not certain) or "-" (nothing known) of the last such expression.
  std::string meaning(std::string_view text) const {
    const auto symbol = model.resolve(last(text));
    if (!symbol) return "-";
    return symbol->path + (symbol->certain ? "" : "?");
  }

  std::string code;
  std::string source_path;
  Project project;
  FileResolver resolver;
  SyntaxTree tree;
  SemanticModel model;
};

}  // namespace dagfix
