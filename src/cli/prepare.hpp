#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/driver.hpp"
#include "cli/scan.hpp"
#include "cli/version_detection.hpp"
#include "project/project.hpp"
#include "rules/rule_set.hpp"
#include "syntax/tree.hpp"
#include "text/source_file.hpp"

namespace dagfix {

/// A file that was parsed for its facts, kept for its analysis.
struct ParsedFile {
  ParsedFile(SourceFile source, const Project& project)
      : file(std::move(source)),
        tree(SyntaxTree::parse(file.text())),
        resolver(project, file.path()),
        model(SemanticModel::build(tree, resolver)) {}
  ParsedFile(const ParsedFile&) = delete;
  ParsedFile& operator=(const ParsedFile&) = delete;

  SourceFile file;
  SyntaxTree tree;
  FileResolver resolver;
  SemanticModel model;
};
using ParsedFiles = std::vector<std::unique_ptr<ParsedFile>>;

/// What is known of the files of a run before the first of them is analysed.
struct Prepared {
  std::unique_ptr<InputFiles> files;
  std::unique_ptr<Project> project;  ///< Reads through `files`; has the facts of all of them.
  Scan scan;
  DetectedVersion from;  ///< The evidence is empty if the version was given.
  RuleSet rules;
  std::map<std::size_t, ProjectFacts> facts;  ///< By index, of the files that have any to tell.
  ParsedFiles parsed;                         ///< By index; null for most.
};

/// The rules for the oldest version that a job may turn out to start from. Error: a selection that
/// names an unknown rule.
std::expected<RuleSet, std::string> widest_rules(const Job& job, const RuleBook& book);

/// Looks at every file once, finds the version and gathers the facts. `rules` are those of
/// widest_rules(); their book must outlive the result. Error: that the work was cancelled.
std::expected<Prepared, std::string> prepare(const Job& job, RuleSet rules,
                                             std::vector<Input> inputs, const std::string& folder,
                                             const ProgressSink& progress);

}  // namespace dagfix
