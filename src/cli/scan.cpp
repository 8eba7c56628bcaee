#include "cli/scan.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "cli/files.hpp"
#include "cli/posix.hpp"
#include "cli/version_detection.hpp"
#include "files/decode.hpp"
#include "parallel.hpp"
#include "project/file_facts.hpp"

namespace dagfix {

namespace {

constexpr std::size_t kMostKeptBytes = 16u << 20;
// Names that are passed on under other names again and again are followed this far.
constexpr int kMaxHops = 8;

using Names = std::set<std::string, std::less<>>;

/// Names that a rule knows: what is imported as something else has to be looked for under that.
std::vector<std::string> known_names(const RuleSet& rules, const FactWords& words) {
  std::vector<std::string> names = words.names;
  for (const Rule* rule : rules.rules()) {
    for (const ArgumentEntry& entry : rule->arguments) {
      for (const std::string& path : entry.classes) {
        if (!path.ends_with('.')) names.push_back(path.substr(path.rfind('.') + 1));
      }
    }
    for (const SymbolEntry& entry : rule->symbols) {
      if (entry.member == SymbolEntry::Member::none) continue;
      const std::string path = entry.path.substr(0, entry.path.rfind('.'));
      names.push_back(path.substr(path.rfind('.') + 1));
    }
  }
  return names;
}

class Scanner {
 public:
  Scanner(InputFiles& inputs, const RuleSet& rules, const Project& project, bool with_modules)
      : inputs_(inputs), rules_(rules), project_(project), with_modules_(with_modules) {
    const FactWords words = fact_words(rules);
    facts_ = FactSearch(words);
    wanted_ = known_names(rules, words);
    std::vector<std::string> quick{"dagfix:"};
    for (const Rule* rule : rules.rules()) {
      const auto of_rule = rule->words(rules.migration());
      quick.insert(quick.end(), of_rule.begin(), of_rule.end());
    }
    quick.emplace_back("trigger_dag_id");
    quick.emplace_back("DagTriggerOperator(");
    quick.insert(quick.end(), words.variables.begin(), words.variables.end());
    quick.insert(quick.end(), words.dag_ids.begin(), words.dag_ids.end());
    quick.insert(quick.end(), words.names.begin(), words.names.end());
    if (with_modules) quick.emplace_back("kaapana");
    quick_ = Prefilter(quick);
    std::vector<std::string> all(rules.words().begin(), rules.words().end());
    all.insert(all.end(), facts_.searched().begin(), facts_.searched().end());
    words_ = Prefilter(all);
    result_.files.resize(inputs.size());
  }

  void scan_file(std::size_t index) {
    Scan::File& out = result_.files[index];
    auto bytes = inputs_.read(index);
    const bool is_sibling = inputs_[index].is_sibling;
    if (!bytes) {
      if (!is_sibling) out.failure = std::move(bytes.error());
      return;
    }
    if (inputs_.is_other(index)) return scan_other(index, *std::move(bytes));
    const bool is_given = inputs_[index].is_given;
    const bool is_quick = quick_.matches(*bytes);
    if (!is_quick && !is_given) {
      out.failure = SourceFile::problem(*bytes);
      return;
    }
    out.size = static_cast<std::uint32_t>(bytes->size());
    auto file = inputs_.decode(index, *std::move(bytes));
    if (!file) {
      if (!is_sibling) out.failure = std::move(file.error());
      return;
    }
    if (is_quick) look_closer(*file, is_sibling, out);
    if (is_given) out.interest = Scan::Interest::analysis;
    if (out.interest != Scan::Interest::none) inputs_.keep(index, *std::move(file));
  }

  // A name that is imported under another one and then from there has no trigger word any more.
  void follow_aliases(unsigned jobs) {
    for (int hop = 0; hop < kMaxHops && !aliases_.empty(); ++hop) {
      FactWords words = facts_.words();
      words.names.assign(aliases_.begin(), aliases_.end());
      wanted_ = words.names;
      known_.merge(aliases_);
      aliases_.clear();
      quick_ = Prefilter(wanted_);
      facts_ = FactSearch(std::move(words));
      parallel_for(inputs_.size(), jobs, [&](std::size_t index) { scan_again(index); });
    }
  }

  Scan take() { return std::move(result_); }

 private:
  void scan_other(std::size_t index, std::string bytes) {
    const Input& input = inputs_[index];
    const FileKind kind = kind_of(input.path, bytes);
    if (!rules_.concerns(kind, bytes) && !input.is_given) return;
    if (!input.is_given && is_generated_text(kind, bytes)) return;
    Scan::File& out = result_.files[index];
    out.size = static_cast<std::uint32_t>(bytes.size());
    auto file = inputs_.decode(index, std::move(bytes));
    if (!file) {
      if (!input.is_sibling) out.failure = std::move(file.error());
      return;
    }
    if (!input.is_sibling) out.interest = Scan::Interest::trigger;
    if (may_have_facts(kind, input.path)) {
      ProjectFacts facts = file_facts(kind, input.path, file->text());
      const std::lock_guard lock(mutex_);
      result_.facts.emplace(index, std::move(facts));
    }
    inputs_.keep(index, *std::move(file));
  }

  void look_closer(const SourceFile& file, bool is_sibling, Scan::File& out) {
    const std::string_view text = file.text();
    const std::vector<bool> found = words_.words_in(text);
    const auto of_facts = found.begin() + static_cast<std::ptrdiff_t>(rules_.words().size());
    out.needs_facts = facts_.needs_facts(text, of_facts, project_, file.path());
    out.rules = rules_.rules_for(text, found, FileResolver(project_, file.path()));
    if (!out.rules->empty() || rules_.speaks_to_dagfix(found)) {
      if (!is_sibling) out.interest = Scan::Interest::trigger;
      add_aliases(text);
    }
    if (!with_modules_ || is_sibling) return;
    Names modules = kaapana_modules(text);
    const std::lock_guard lock(mutex_);
    result_.modules.merge(modules);
  }

  void scan_again(std::size_t index) {
    Scan::File& out = result_.files[index];
    if (out.failure || inputs_.is_other(index)) return;
    const auto file = inputs_.load(index);
    if (!file || !quick_.matches(file->text())) return;
    if (!facts_.needs_facts(file->text(), project_, file->path())) return;
    out.needs_facts = true;
    if (!inputs_[index].is_sibling) out.interest = Scan::Interest::analysis;
    add_aliases(file->text());
  }

  void add_aliases(std::string_view text) {
    const Names aliases = aliases_of(text, wanted_);
    if (aliases.empty()) return;
    const std::lock_guard lock(mutex_);
    for (const std::string& alias : aliases) {
      if (!known_.contains(alias)) aliases_.insert(alias);
    }
  }

  InputFiles& inputs_;
  const RuleSet& rules_;
  const Project& project_;
  bool with_modules_;
  FactSearch facts_;
  std::vector<std::string> wanted_;  // names whose aliases matter
  Prefilter quick_;
  Prefilter words_;  // of the rules, then of the facts
  std::mutex mutex_;
  Names aliases_;  // found, not yet looked for
  Names known_;
  Scan result_;
};

}  // namespace

FactWords fact_words(const RuleSet& rules) {
  FactWords words;
  words.variables = {"ORIG_IMAGE_OPERATOR_DIR"};
  for (const Rule* rule : rules.rules()) {
    for (const ValueEntry& entry : rule->values) {
      if (rules.in_range(entry.since)) words.dag_ids.push_back(entry.old_value);
    }
    for (const TextEntry& entry : rule->texts) {
      const bool is_read = entry.form == TextEntry::Form::variable && entry.classes.empty();
      if (is_read && rules.in_range(entry.since, entry.until)) {
        words.variables.push_back(entry.old_value);
      }
    }
    for (const std::string* path : {&rule->replacement.old_class, &rule->client.old_class}) {
      if (!path->empty()) words.names.push_back(path->substr(path->rfind('.') + 1));
    }
  }
  return words;
}

InputFiles::InputFiles(std::vector<Input> inputs, std::string folder,
                       const std::vector<std::string>& walked)
    : inputs_(std::move(inputs)), folder_(std::move(folder)), kept_(inputs_.size()) {
  for (const std::string& path : walked) {
    const bool is_current = path == "." || path == "./";
    walked_.push_back(is_current ? "" : join_path(path, ""));
  }
}

bool InputFiles::covers(std::string_view folder) const {
  return std::ranges::any_of(walked_, [&](const std::string& walked) {
    if (!walked.empty()) return folder.starts_with(walked);
    return !folder.starts_with('/') && !folder.starts_with("../");
  });
}

std::vector<std::string> InputFiles::paths() const {
  std::vector<std::string> paths;
  for (const Input& input : inputs_) paths.push_back(input.path);
  return paths;
}

std::optional<std::size_t> InputFiles::index_of(std::string_view path) const {
  const auto found = std::ranges::lower_bound(inputs_, path, {}, &Input::path);
  if (found == inputs_.end() || found->path != path) return std::nullopt;
  return static_cast<std::size_t>(found - inputs_.begin());
}

std::size_t InputFiles::count_own() const {
  return static_cast<std::size_t>(std::ranges::count(inputs_, false, &Input::is_sibling));
}

std::expected<std::string, std::string> InputFiles::read(std::size_t index) const {
  const Input& input = inputs_[index];
  if (input.bytes) return *input.bytes;
  const std::string path =
      input.path.starts_with('/') ? input.path : join_path(folder_, input.path);
  const auto kind = kind_of_name(path.substr(path.rfind('/') + 1));
  if (input.is_given || !kind || *kind == FileKind::python) return read_file(path);
  return read_file_up_to(path, most_bytes(*kind));
}

bool InputFiles::is_other(std::size_t index) const {
  const std::string_view path = inputs_[index].path;
  const auto kind = kind_of_name(path.substr(path.rfind('/') + 1));
  return kind && *kind != FileKind::python;
}

std::expected<SourceFile, std::string> InputFiles::decode(std::size_t index,
                                                          std::string bytes) const {
  const Input& input = inputs_[index];
  if (input.is_text) return SourceFile::from_utf8(input.path, std::move(bytes));
  return decode_file(input.path, std::move(bytes));
}

std::expected<SourceFile, std::string> InputFiles::load(std::size_t index) const {
  auto bytes = read(index);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  return decode(index, *std::move(bytes));
}

std::optional<std::string> InputFiles::text(const std::string& path) const {
  const auto index = index_of(path);
  if (!index) return std::nullopt;
  const auto file = load(*index);
  if (!file) return std::nullopt;
  return std::string(file->text());
}

std::optional<std::string> InputFiles::side_text(const std::string& path) const {
  auto bytes = read_file(path.starts_with('/') ? path : join_path(folder_, path));
  return bytes ? std::optional(*std::move(bytes)) : std::nullopt;
}

void InputFiles::set_text(std::size_t index, std::string text) {
  inputs_[index].bytes = std::move(text);
  inputs_[index].is_text = true;
}

void InputFiles::keep(std::size_t index, SourceFile file) {
  const std::size_t size = file.bytes().size();
  if (kept_bytes_.fetch_add(size) + size > kMostKeptBytes) {
    kept_bytes_ -= size;
    return;
  }
  kept_[index] = std::make_unique<SourceFile>(std::move(file));
}

std::expected<SourceFile, std::string> InputFiles::take(std::size_t index) {
  if (!kept_[index]) return load(index);
  return std::move(*std::exchange(kept_[index], nullptr));
}

Scan scan(InputFiles& inputs, const RuleSet& rules, const Project& project, bool with_modules,
          unsigned jobs, const ProgressSink& progress) {
  Scanner scanner(inputs, rules, project, with_modules);
  parallel_for(inputs.size(), jobs, [&](std::size_t index) {
    if (!progress.is_cancelled()) scanner.scan_file(index);
    progress.step();
  });
  if (!progress.is_cancelled()) scanner.follow_aliases(jobs);
  return scanner.take();
}

}  // namespace dagfix
