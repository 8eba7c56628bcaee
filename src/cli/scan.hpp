#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/analyze.hpp"
#include "project/needs_facts.hpp"
#include "project/project.hpp"
#include "rules/rule_set.hpp"
#include "text/source_file.hpp"

namespace dagfix {

/// Told of each phase of the work, and of each step done, from any thread.
struct ProgressSink {
  std::function<void(std::string_view phase, std::size_t steps)> begin = [](std::string_view,
                                                                            std::size_t) {};
  std::function<void()> step = [] {};
  /// Asked now and then; true: what is done so far will not be looked at.
  std::function<bool()> is_cancelled = [] { return false; };
};

/// One file of a run.
struct Input {
  std::string path;
  bool is_given = false;             ///< Named on the command line: always parsed.
  std::optional<std::string> bytes;  ///< Standard input; otherwise the file is read.
  bool is_text = false;     ///< `bytes` are UTF-8 text, whatever they say: an editor's buffer.
  bool is_sibling = false;  ///< Read for what other files need to know; never analysed.
};

/// The files of a run, sorted by path. Keeps a bounded part of what was read.
class InputFiles {
 public:
  /// Relative paths start from `folder`; empty: from the current one.
  /// All files below `walked` folders that dagfix reads are among the inputs.
  explicit InputFiles(std::vector<Input> inputs, std::string folder = {},
                      const std::vector<std::string>& walked = {});

  std::size_t size() const { return inputs_.size(); }
  /// Whether a path's name says that the file is not Python.
  bool is_other(std::size_t index) const;
  const Input& operator[](std::size_t index) const { return inputs_[index]; }
  std::vector<std::string> paths() const;
  std::optional<std::size_t> index_of(std::string_view path) const;
  /// How many files are there to be analysed.
  std::size_t count_own() const;

  /// Reads and decodes a file. The error is one line without the path. read() gives nothing of a
  /// file in a folder that is larger than files of its kind are.
  std::expected<std::string, std::string> read(std::size_t index) const;
  std::expected<SourceFile, std::string> decode(std::size_t index, std::string bytes) const;
  std::expected<SourceFile, std::string> load(std::size_t index) const;
  /// The text of a path of the run, for other files that import it.
  std::optional<std::string> text(const std::string& path) const;
  /// The same for any other file: the Dockerfile or a script of a container, a trigger rule.
  /// Nothing if it is not there or cannot be read.
  std::optional<std::string> side_text(const std::string& path) const;
  /// Whether a folder ("a/b/", "" for the current one) is, or lies in, one that was walked.
  bool covers(std::string_view folder) const;

  /// Makes a text that an editor has the file's. Not while other threads read.
  void set_text(std::size_t index, std::string text);
  /// Stores a file for take(), if there is room. Different indexes may be used at the same time.
  void keep(std::size_t index, SourceFile file);
  /// What keep() stored, or the file read again.
  std::expected<SourceFile, std::string> take(std::size_t index);

 private:
  std::vector<Input> inputs_;
  std::string folder_;
  std::vector<std::string> walked_;  // as beginnings of paths
  std::vector<std::unique_ptr<SourceFile>> kept_;
  std::atomic<std::size_t> kept_bytes_ = 0;
};

/// What one look at every file says.
struct Scan {
  enum class Interest : std::uint8_t {
    none,      ///< No rule can have anything to say.
    trigger,   ///< Has a trigger word of some rule.
    analysis,  ///< To be analysed whatever it contains.
  };
  struct File {
    Interest interest = Interest::none;
    bool needs_facts = false;
    /// What rules_for() says, if it was asked; of Python files only.
    std::optional<RuleList> rules;
    std::uint32_t size = 0;  ///< Bytes.
    std::optional<std::string> failure;
  };
  std::vector<File> files;
  /// By index, what the files that are not Python contribute.
  std::map<std::size_t, ProjectFacts> facts;
  /// Kaapana modules that are imported; only asked for if the version is to be detected.
  std::set<std::string, std::less<>> modules;
};

/// What a file has to contain to matter to the others.
FactWords fact_words(const RuleSet& rules);

/// Reads every file once. `rules` are those for the oldest version that `from` may turn out to be.
Scan scan(InputFiles& inputs, const RuleSet& rules, const Project& project, bool with_modules,
          unsigned jobs, const ProgressSink& progress);

}  // namespace dagfix
