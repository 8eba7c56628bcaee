#include "cli/project_proof.hpp"

#include <algorithm>
#include <optional>

#include "cli/parallel.hpp"
#include "dagfix/finding.hpp"
#include "project/import_lines.hpp"
#include "proof.hpp"
#include "text/source_file.hpp"

namespace dagfix {

namespace {

using Indices = std::set<std::size_t>;
using FixedTexts = std::map<std::size_t, FixedText>;

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

/// By file, the files that it imports, directly or through others.
class Imports {
 public:
  Imports(const InputFiles& files, const Project& project, unsigned jobs)
      : direct_(project.paths().size()) {
    parallel_for(direct_.size(), jobs, [&](std::size_t index) {
      if (files.is_other(index)) return;
      if (const auto text = project.text(index)) {
        direct_[index] = imports_of(project, project.paths()[index], *text);
      }
    });
  }

  /// Those of `fixed` of which a file is made; nothing if that is at most itself.
  Indices changed(std::size_t index, const FixedTexts& fixed) const {
    Indices seen = {index};
    std::vector<std::size_t> open = {index};
    while (!open.empty()) {
      const std::size_t next = open.back();
      open.pop_back();
      for (const std::size_t imported : direct_[next]) {
        if (seen.insert(imported).second) open.push_back(imported);
      }
    }
    std::erase_if(seen, [&](std::size_t file) { return !fixed.contains(file); });
    if (seen.size() == 1 && *seen.begin() == index) seen.clear();
    return seen;
  }

 private:
  std::vector<Indices> direct_;
};

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

}  // namespace

std::vector<BrokenImporter> broken_importers(const InputFiles& files, const Project& project,
                                             const RuleSet& rules, const FixedTexts& fixed,
                                             unsigned jobs) {
  const std::size_t count = project.paths().size();
  const Imports imports(files, project, jobs);
  const Project after = with_fixes(project, fixed);
  std::vector<std::optional<BrokenImporter>> found(count);
  parallel_for(count, jobs, [&](std::size_t index) {
    Indices changed = imports.changed(index, fixed);
    if (changed.empty()) return;
    const auto before = files.load(index);
    if (!before) return;
    std::set<std::string> codes;
    for (const std::size_t file : changed) codes.merge(std::set(fixed.at(file).rules));
    std::vector<Finding> findings;
    for (const std::string& code : codes) findings.emplace_back().rule = code;
    const auto own = fixed.find(index);
    const auto text = own == fixed.end() ? before->text() : std::string_view(own->second.text);
    auto what = unproven(*before, SourceFile::from_utf8(before->path(), std::string(text)),
                         findings, rules, project, &after);
    if (!what.empty()) found[index] = BrokenImporter{index, std::move(changed), std::move(what)};
  });
  std::vector<BrokenImporter> broken;
  for (auto& one : found) {
    if (one) broken.push_back(*std::move(one));
  }
  return broken;
}

}  // namespace dagfix
