#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "project/needs_facts.hpp"
#include "project/project.hpp"
#include "project_proof.hpp"
#include "rules/rule_set.hpp"
#include "text/source_file.hpp"

namespace dagfix::lsp {

/// Settings of the client: option of the command line -> values. They go before those of the
/// configuration file, as the command line does.
using ClientSettings = std::map<std::string, std::vector<std::string>, std::less<>>;

/// What is to be looked at.
struct SurveyRequest {
  std::string folder;               ///< Absolute.
  std::optional<std::string> file;  ///< Only this file, relative to the folder.
  bool only_buffers = false;        ///< Leave out all files that are not open.
  ClientSettings settings;
  /// Texts of open documents by path relative to the folder; they go before what is on disk.
  std::map<std::string, std::shared_ptr<const std::string>> buffers;
  std::function<bool()> is_cancelled = [] { return false; };
  std::function<void(std::string_view phase, std::size_t steps)> begin = [](std::string_view,
                                                                            std::size_t) {};
  std::function<void()> step = [] {};
};

/// What the command line knows of a folder before it analyses the first file. All paths are
/// relative to the folder.
struct Survey {
  std::shared_ptr<const RuleBook> book;
  std::shared_ptr<const RuleSet> rules;
  std::string from_evidence;  ///< Why the version was detected so; empty if it was given.
  Selection selection;
  Safety most = Safety::safe;
  std::unique_ptr<Project> project;
  FactSearch fact_search;
  std::map<std::string, ProjectFacts> facts;  ///< Of the files that have any to tell.
  std::set<std::string, std::less<>> always;  ///< To be analysed whatever they contain.
  /// Findings that are known and not to be shown: path -> rule -> how many.
  std::map<std::string, std::map<std::string, std::size_t>> known;
  std::vector<std::string> concerned;  ///< Files that something may be said of, sorted.
  std::vector<std::pair<std::string, std::string>> failures;  ///< Path, why it could not be read.
  std::function<std::expected<SourceFile, std::string>(const std::string& path)> load;
  /// Makes what an editor has the text of a path, for load() and the project.
  std::function<void(const std::string& path, const std::string& text)> set_text;
  unsigned jobs = 1;  ///< How many threads may work.
  /// Made when import_graph() is first called; to be reset when an import statement changes.
  mutable std::unique_ptr<const ImportGraph> imports = {};

  /// For one thread.
  const ImportGraph& import_graph() const {
    if (!imports) imports = std::make_unique<const ImportGraph>(*project, jobs);
    return *imports;
  }
};

/// The error of a survey that was cancelled.
inline constexpr std::string_view kCancelled = "cancelled";

/// The world outside of the server. Called from several threads.
class Host {
 public:
  virtual ~Host() = default;
  /// Error: one line; that the settings are wrong, or "cancelled".
  virtual std::expected<std::shared_ptr<Survey>, std::string> survey(
      const SurveyRequest& request) = 0;
  /// An absolute path without symbolic links; what does not exist keeps its name.
  virtual std::string real_path(const std::string& path) { return path; }
  /// The bytes of a file; nothing if it cannot be read.
  virtual std::optional<std::string> read(const std::string& path) = 0;
};

}  // namespace dagfix::lsp
