#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "project/class_constructor.hpp"
#include "project/output_level.hpp"
#include "semantic/model.hpp"

namespace dagfix {

/// What other files need to know of an operator that the project itself defines.
struct ClassSummary {
  std::vector<std::string> bases;  ///< Dotted paths.
  std::string image;               ///< Of the container that it runs; empty: none is seen.
  Level level = Level::unknown;    ///< At which its own methods write.
  ClassConstructor constructor;

  bool operator==(const ClassSummary&) const = default;
};

/// What other files of the run need to know of one module.
struct ModuleSummary {
  std::map<std::string, std::string, std::less<>> imported;   ///< Name -> path it is imported from.
  std::vector<std::string> stars;                             ///< Modules imported with a star.
  std::map<std::string, std::string, std::less<>> constants;  ///< Strings bound once, at top level.
  std::map<std::string, ClassSummary, std::less<>> classes;

  bool operator==(const ModuleSummary&) const = default;
};

/// Facts that a rule needs of the whole run, gathered before the first rule runs.
struct ProjectFacts {
  std::set<std::string, std::less<>> defined_dags;    ///< Ids of DAG(...) in the project.
  std::set<std::string, std::less<>> triggered_dags;  ///< Values of trigger_dag_id= keywords.
  std::set<std::string, std::less<>> set_variables;   ///< Keys of env_vars= dictionaries.
  std::set<std::string, std::less<>> own_images;      ///< LABEL IMAGE="..." of Dockerfiles.
  std::set<std::string, std::less<>> chart_values;    ///< Keys of charts' values.yaml.
  /// Names that one file of the project imports from another: index of that file, name; "*" for
  /// all of them.
  std::set<std::pair<std::size_t, std::string>> shared_names;

  void add(const ProjectFacts& other);
};

/// The files of a run. Thread-safe; answers do not depend on who asks first.
class Project {
 public:
  /// Returns a file's text (UTF-8), or nothing if it cannot be read.
  using Reader = std::function<std::optional<std::string>(const std::string& path)>;

  /// A project of no other files.
  Project() = default;
  /// Whether `paths` has all that there is to know of a folder ("a/b/", "" for the current one).
  using Covers = std::function<bool(std::string_view folder)>;
  /// `side_reader`: the same for files that are no modules, of any path. `covers` saves its
  /// calls for files that are not there.
  Project(std::vector<std::string> paths, Reader reader, Reader side_reader = {},
          Covers covers = {});

  ProjectFacts facts;

  /// The file that `module` (dotted) names when `importer` imports it; npos if it is none of
  /// the project's or cannot be told.
  std::size_t find_module(std::string_view module, std::string_view importer) const;
  /// The index of one of paths(); npos if it is none.
  std::size_t index_of(std::string_view path) const;
  /// Whether file `index` has an import statement that may bind `name`. Lexical and cheap: most
  /// modules define what others import from them, and need not be parsed.
  bool may_import(std::size_t index, std::string_view name) const;
  /// What file `index` imports at its top level. Parsed at the first call.
  const ModuleSummary& summary(std::size_t index) const;
  /// A class of the project by its dotted path, as `importer` sees it; null if it is none.
  const ClassSummary* find_class(std::string_view path, std::string_view importer) const;
  /// The level at which the scripts write that the project puts into an image. Looks for its
  /// Dockerfile beside the project's modules and in folders that are called like the image.
  Level level_of_image(const std::string& image) const;
  /// Whether the trigger rule beside a DAG's file (dag_x_trigger_rule.json) starts a DAG.
  bool has_trigger_rule(std::string_view path, std::string_view dag_id) const;
  const std::vector<std::string>& paths() const { return paths_; }
  /// Forgets what is known of file `index`, whose text has changed. Whether that concerns other
  /// files: what they were told would be something else now.
  bool reread(std::size_t index);
  /// The text of file `index`; nothing if it cannot be read.
  std::optional<std::string> text(std::size_t index) const {
    return reader_ ? reader_(paths_[index]) : std::nullopt;
  }

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

 private:
  using Names = std::set<std::string, std::less<>>;
  using Images = std::map<std::string, Level, std::less<>>;
  /// Where the Dockerfile of an image is looked for.
  struct ImagePlaces {
    Names folders;                         // in or near which modules of the project lie
    std::vector<std::string> searched;     // those of them that have to be searched
    std::vector<std::string> dockerfiles;  // folders of the Dockerfiles among the paths
  };
  struct Cache {
    std::mutex mutex;
    std::unordered_map<std::size_t, std::unique_ptr<Names>> imported;
    std::unordered_map<std::size_t, std::unique_ptr<ModuleSummary>> summaries;
    std::mutex image_mutex;
    std::optional<ImagePlaces> places;
    Images images;
    std::map<std::string, std::optional<std::string>> trigger_rules;
  };
  ImagePlaces image_places() const;
  Level read_image(std::string_view image, const ImagePlaces& places) const;
  void add_levels_of_image(const std::string& folder, std::set<Level>& levels) const;

  std::vector<std::string> paths_;
  Reader reader_;
  Reader side_reader_;
  Covers covers_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_last_name_;
  std::unordered_map<std::string_view, std::size_t> by_module_path_;  // the first of several
  std::unique_ptr<Cache> cache_ = std::make_unique<Cache>();
};

/// The facts that one file contributes.
ProjectFacts facts_of(const SemanticModel& model, const Project& project, std::string_view path);

/// Resolves imports for one file of a project. Views must outlive it. For one thread at a time: it
/// keeps its answers.
class FileResolver : public ModuleResolver {
 public:
  FileResolver(const Project& project, std::string_view path) : project_(project), path_(path) {}

  std::optional<std::string> canonical(std::string_view path) const override;
  std::string absolute(std::string_view relative) const override;
  std::optional<std::string> constant(std::string_view path) const override;

 private:
  const Project& project_;
  std::optional<std::string> follow(std::string_view path) const;

  std::string_view path_;
  mutable std::map<std::string, std::optional<std::string>, std::less<>> followed_;
};

/// Whether a dotted path is one of Kaapana's own packages (kaapana, kaapanapy).
bool is_kaapana(std::string_view path);

}  // namespace dagfix
