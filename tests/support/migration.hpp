#pragma once

#include <map>
#include <string>

#include "dagfix/analyze.hpp"
#include "project/project.hpp"
#include "rules/rule_set.hpp"
#include "support/catch.hpp"
#include "text/source_file.hpp"

namespace dagfix::test {

/// Path -> UTF-8 text of the Python files of a project.
using Texts = std::map<std::string, std::string>;

/// A project with the facts of all its files, as the command line makes it.
inline std::unique_ptr<Project> project_of(const Texts& texts) {
  std::vector<std::string> paths;
  for (const auto& [path, text] : texts) paths.push_back(path);
  auto project = std::make_unique<Project>(paths, [texts](const std::string& path) {
    const auto found = texts.find(path);
    return found == texts.end() ? std::nullopt : std::optional(found->second);
  });
  for (const auto& [path, text] : texts) {
    const SyntaxTree tree = SyntaxTree::parse(text);
    const FileResolver resolver(*project, path);
    project->facts.add(facts_of(SemanticModel::build(tree, resolver), *project, path));
  }
  return project;
}

inline RuleSet rules_between(const RuleBook& book, Version from, Version to) {
  auto rules = RuleSet::select(book, from, to, {});
  REQUIRE(rules.has_value());
  return *std::move(rules);
}

/// All files after --apply.
inline Texts migrated(const RuleBook& book, Texts texts, Version from, Version to, Safety most) {
  const RuleSet rules = rules_between(book, from, to);
  const auto project = project_of(texts);
  for (auto& [path, text] : texts) {
    FixResult result = fix(SourceFile::from_utf8(path, text), rules, *project, most);
    INFO(path);
    REQUIRE(result.bugs.empty());
    text = std::move(result.text);
  }
  return texts;
}

}  // namespace dagfix::test
