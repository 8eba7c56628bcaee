#include "project_proof.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "dagfix/finding.hpp"
#include "files/kind.hpp"
#include "parallel.hpp"
#include "project/import_lines.hpp"
#include "proof.hpp"
#include "text/source_file.hpp"

namespace dagfix {

namespace {

using Indices = ImportGraph::Indices;

bool is_python(const std::string& path) {
  return kind_of_name(path.substr(path.rfind('/') + 1)).value_or(FileKind::python) ==
         FileKind::python;
}

/// The files of the project that the import statements of a text name.
Indices imports_of(const Project& project, const std::string& path, std::string_view text) {
  Indices found;
  const FileResolver resolver(project, path);
  const auto add = [&](const std::string& module) {
    const std::size_t index = project.find_module(module, path);
    if (index != Project::npos && project.paths()[index] != path) found.insert(index);
  };
  for_each_import(text, [&](const ImportLine& line) {
    const std::string module =
        line.module.starts_with('.') ? resolver.absolute(line.module) : std::string(line.module);
    if (!module.empty()) add(module);
    for (const ImportLine::Item& item : line.items) {
      add(module.empty() ? std::string(item.name) : module + "." + std::string(item.name));
    }
  });
  return found;
}

/// Adds what can be reached from some files to them.
Indices reached(Indices seen, const std::vector<Indices>& next) {
  std::vector<std::size_t> open(seen.begin(), seen.end());
  while (!open.empty()) {
    const std::size_t from = open.back();
    open.pop_back();
    for (const std::size_t to : next[from]) {
      if (seen.insert(to).second) open.push_back(to);
    }
  }
  return seen;
}

/// The project as it will be when all fixes are written.
Project with_fixes(const Project& project, const FixedTexts& fixed) {
  Project after(project.paths(), [&](const std::string& path) -> std::optional<std::string> {
    const std::size_t index = project.index_of(path);
    const auto found = fixed.find(index);
    if (found != fixed.end()) return found->second.text;
    return index == Project::npos ? std::nullopt : project.text(index);
  });
  after.facts = project.facts;
  return after;
}

std::vector<BrokenImporter> broken_importers(const Project& project, const ImportGraph& imports,
                                             const RuleSet& rules, const FixedTexts& fixed,
                                             unsigned jobs) {
  const std::size_t count = project.paths().size();
  const Project after = with_fixes(project, fixed);
  std::vector<std::optional<BrokenImporter>> found(count);
  parallel_for(count, jobs, [&](std::size_t index) {
    Indices changed = imports.changed(index, fixed);
    if (changed.empty()) return;
    const auto before = project.text(index);
    if (!before) return;
    std::set<std::string> codes;
    for (const std::size_t file : changed) codes.merge(std::set(fixed.at(file).rules));
    std::vector<Finding> findings;
    for (const std::string& code : codes) findings.emplace_back().rule = code;
    const auto own = fixed.find(index);
    const std::string& path = project.paths()[index];
    auto what =
        unproven(SourceFile::from_utf8(path, *before),
                 SourceFile::from_utf8(path, own == fixed.end() ? *before : own->second.text),
                 findings, rules, project, &after);
    if (!what.empty()) found[index] = BrokenImporter{index, std::move(changed), std::move(what)};
  });
  std::vector<BrokenImporter> broken;
  for (auto& one : found) {
    if (one) broken.push_back(*std::move(one));
  }
  return broken;
}

}  // namespace

ImportGraph::ImportGraph(const Project& project, unsigned jobs)
    : imported_(project.paths().size()), importers_(project.paths().size()) {
  parallel_for(imported_.size(), jobs, [&](std::size_t index) {
    const std::string& path = project.paths()[index];
    if (!is_python(path)) return;
    if (const auto text = project.text(index)) imported_[index] = imports_of(project, path, *text);
  });
  for (std::size_t index = 0; index < imported_.size(); ++index) {
    for (const std::size_t module : imported_[index]) importers_[module].insert(index);
  }
}

Indices ImportGraph::changed(std::size_t index, const FixedTexts& fixed) const {
  Indices seen = reached({index}, imported_);
  std::erase_if(seen, [&](std::size_t file) { return !fixed.contains(file); });
  if (seen.size() == 1 && *seen.begin() == index) seen.clear();
  return seen;
}

Indices ImportGraph::together_with(std::size_t index) const {
  return reached(reached({index}, importers_), imported_);
}

std::string message(const BrokenImporter& broken, std::string_view what, const Project& project) {
  std::vector<std::string_view> paths;
  for (const std::size_t index : broken.changed) paths.push_back(project.paths()[index]);
  return fmt::format("{}: {}; what its DAGs are made of stays as it is: {}; please report this",
                     project.paths()[broken.index], what, fmt::join(paths, ", "));
}

std::vector<BrokenImporter> withdraw_unproven(const Project& project, const ImportGraph& imports,
                                              const RuleSet& rules, FixedTexts& fixed,
                                              unsigned jobs) {
  std::vector<BrokenImporter> all;
  while (!fixed.empty()) {
    auto broken = broken_importers(project, imports, rules, fixed, jobs);
    if (broken.empty()) break;
    for (const BrokenImporter& importer : broken) {
      for (const std::size_t index : importer.changed) fixed.erase(index);
    }
    std::ranges::move(broken, std::back_inserter(all));
  }
  return all;
}

}  // namespace dagfix
