#include "rules/rule_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <unordered_map>

#include "embedded.hpp"
#include "project/import_lines.hpp"
#include "rules/api/changes.hpp"
#include "rules/load.hpp"
#include "rules/task_names.hpp"

namespace dagfix {

namespace {

/// Words after which dagfix looks at a file whatever the rules are.
constexpr std::string_view kMarker = "dagfix:";

bool is_selected(const RuleInfo& info, const std::vector<std::string>& list) {
  return std::ranges::any_of(list, [&](const std::string& entry) {
    return info.name == entry || info.code.starts_with(entry);
  });
}

std::expected<void, std::string> check_selection(const RuleBook& book,
                                                 const std::vector<std::string>& list) {
  for (const std::string& entry : list) {
    const auto matches = [&](const Rule& rule) { return is_selected(rule.info, {entry}); };
    if (entry.empty() || std::ranges::none_of(book.rules(), matches)) {
      return std::unexpected(
          fmt::format("there is no rule '{}'; 'dagfix rules' lists them", entry));
    }
  }
  return {};
}

/// The class whose names are the words of a rule; empty if they are other words.
std::string_view class_of(const Rule& rule) {
  if (rule.kind == "operator") return rule.replacement.old_class;
  return rule.kind == "client" ? std::string_view(rule.client.old_class) : std::string_view();
}

std::string_view root_of(std::string_view path) { return path.substr(0, path.find('.')); }

/// Whether a class of the package `root` may come through an import statement under its name.
bool may_import(const ImportLine& line, std::string_view name, std::string_view root,
                const ModuleResolver& resolver) {
  if (line.module.empty()) return true;
  return std::ranges::any_of(line.items, [&](const ImportLine::Item& item) {
    if (item.name != name) return item.name == "*";
    std::string path =
        line.module.starts_with('.') ? resolver.absolute(line.module) : std::string(line.module);
    path += '.';
    path += name;
    if (root_of(path) == root) return true;
    const auto canonical = resolver.canonical(path);
    return canonical && root_of(*canonical) == root;
  });
}

/// Whether a word is a whole string at `at`.
bool is_quoted(std::string_view text, std::string_view word, std::size_t at) {
  const char before = at == 0 ? ' ' : text[at - 1];
  return (before == '"' || before == '\'') && text.substr(at + word.size()).starts_with(before);
}

bool spells_string(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    if (is_quoted(text, word, at)) return true;
  }
  return false;
}

/// Whether a word is there and not only the beginning of a longer name: `import imp` is not in
/// `import importlib`.
bool ends_name(std::string_view text, std::string_view word) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (end == text.size() || !is_part(word.back()) || !is_part(text[end])) return true;
  }
  return false;
}

/// Whether a class is used by its full path, or spelled as a whole string.
bool spells_class(std::string_view text, std::string_view name) {
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    if (is_quoted(text, name, at) || (at > 0 && text[at - 1] == '.')) return true;
  }
  return false;
}

/// Whether a class of the package `root` may be imported.
bool imports_class(std::string_view text, std::string_view name, std::string_view root,
                   const ModuleResolver& resolver) {
  bool found = false;
  std::size_t seen = 0;
  const auto count = [&](std::string_view part) {
    std::size_t times = 0;
    for (auto at = part.find(name); at != std::string_view::npos; at = part.find(name, at + 1)) {
      if (part.substr(0, at).ends_with("import ")) ++times;
    }
    return times;
  };
  for_each_import(text, [&](const ImportLine& line) {
    if (found || !line.text.contains(name)) return;
    found = may_import(line, name, root, resolver);
    seen += count(line.text);
  });
  // An import that does not begin a line is not among those.
  return found || count(text) > seen;
}

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('.') + 1); }

/// Words of which a text has to have one.
using AnyOf = std::vector<std::string>;

/// The names of any of some classes; of "a.b." only the package counts.
AnyOf names_of(const std::vector<std::string>& classes) {
  AnyOf names;
  for (const std::string& path : classes) {
    names.emplace_back(path.ends_with('.') ? root_of(path) : last_name(path));
  }
  return names;
}

std::vector<AnyOf> needs_of(const ArgumentEntry& entry) {
  if (entry.by_default) return {names_of(entry.classes)};
  // A file that gives the class another name matters to those that import it from there.
  return {names_of(entry.classes), {entry.change.name, " as "}};
}

std::vector<AnyOf> needs_of(const SymbolEntry& entry) {
  if (entry.member == SymbolEntry::Member::none) return {entry.triggers()};
  const std::string_view owner = std::string_view(entry.path).substr(0, entry.path.rfind('.'));
  return {entry.triggers(), {std::string(last_name(owner))}};
}

std::vector<AnyOf> needs_of(const TextEntry& entry) {
  if (entry.classes.empty()) return {entry.triggers()};
  return {entry.triggers(), names_of(entry.classes)};
}

/// By entry of a rule that has a migration's words, what it needs; empty if the entries need no
/// more than the rule.
std::vector<std::vector<AnyOf>> entry_needs(const Rule& rule, const Migration& migration) {
  std::vector<std::vector<AnyOf>> needs;
  const auto add = [&](const auto& entries) {
    for (const auto& entry : entries) {
      if (migration.has(entry.since, entry.until)) needs.push_back(needs_of(entry));
    }
  };
  if (rule.kind == "argument") add(rule.arguments);
  if (rule.kind == "symbol") add(rule.symbols);
  if (rule.kind == "text") add(rule.texts);
  return needs;
}

/// A word that a text has if it uses a class, function or module. Short words would make the search
/// for all others slow: instead of them it is the package, which has to be imported; empty if there
/// is none.
std::string_view word_of(std::string_view path) {
  constexpr std::size_t kShortest = 7;
  const std::string_view name = last_name(path);
  if (name.size() >= kShortest) return name;
  if (name.size() == path.size()) return {};
  return path.substr(0, path.find('.', path.find('.') + 1));
}

/// The words of a rule of kind "api".
std::vector<std::string> api_words(const Rule& rule, const ApiChanges& changes) {
  std::set<std::string, std::less<>> words;
  if (rule.info.name == "removed-import") {
    // Who imports what a module passed on spells the module, whose name is the rarer one.
    for (const ApiGone& gone : changes.gone()) {
      const std::string_view path = gone.path;
      words.emplace(word_of(gone.is_passed_on ? path.substr(0, path.rfind('.')) : path));
    }
  }
  for (const auto& [path, change] : changes.calls()) {
    if (rule.info.name == "unknown-argument") {
      for (const ApiLostArgument& lost : change.lost) {
        if (lost.is_told) continue;
        const std::string_view word = word_of(lost.name);
        words.emplace(word.empty() ? word_of(path) : word);
      }
    }
    const bool has_class = (rule.info.name == "missing-argument" && !change.required.empty()) ||
                           (rule.info.name == "argument-order" && change.has_other_order);
    if (has_class) words.emplace(word_of(path));
  }
  return {words.begin(), words.end()};
}

/// Whether a text names a class or function with a keyword that it lost. Any class may be made from
/// the two bases. True for words that are no keywords.
bool has_lost_keyword(std::string_view text, std::string_view keyword, const ApiChanges& changes) {
  bool is_keyword = false;
  const bool has_both = std::ranges::any_of(changes.calls(), [&](const auto& call) {
    const auto& [path, change] = call;
    const ApiLostArgument* lost = change.find_lost(keyword);
    if (!lost || lost->is_told) return false;
    is_keyword = true;
    return is_operator_base(path) || text.contains(last_name(path));
  });
  return has_both || !is_keyword;
}

/// Whether imports decide on a rule, whatever word of it was found.
bool asks_for_imports(const Rule& rule) {
  return rule.kind == "api" && rule.info.name == "removed-import";
}

/// Whether an import statement may bring in something that is gone, or the module that had it.
bool imports_gone(std::string_view text, const ApiChanges& changes,
                  const ModuleResolver& resolver) {
  bool found = false;
  std::string path;
  for_each_import(text, [&](const ImportLine& line) {
    if (found) return;
    path = line.module;
    if (path.starts_with('.')) path = resolver.absolute(path);
    const std::size_t size = path.size();
    found = changes.find_gone(path) != nullptr;
    if (size > 0 && !changes.has_gone_in(path)) return;
    for (const ImportLine::Item& item : line.items) {
      if (found) return;
      path.resize(size);
      if (item.name == "*") {
        found = true;
        return;
      }
      if (size > 0) path += '.';
      path += item.name;
      found = changes.find_gone(path) || changes.has_gone_in(path);
    }
  });
  return found;
}

/// The positional parameters of a class in one version; `otherwise` if it is not known.
std::vector<std::string> parameters_in(std::string_view path, Version version,
                                       const std::vector<std::string>& otherwise) {
  const ApiBlock* block = ApiHistory::embedded().find("class", path, version);
  if (!block) return otherwise;
  std::vector<std::string> parameters;
  for (const ApiMember& member : block->members(version)) {
    if (member.kind != "param") continue;
    if (member.text.starts_with('*')) break;
    parameters.emplace_back(member.name());
  }
  return parameters;
}

/// Numbers words in the order in which they are in a list, to which it adds those that it lacks.
class WordNumbers {
 public:
  explicit WordNumbers(std::vector<std::string>& words) : words_(words) {
    for (std::uint32_t i = 0; i < words_.size(); ++i) numbers_.try_emplace(words_[i], i);
  }

  std::vector<std::uint32_t> of(const AnyOf& words) {
    std::vector<std::uint32_t> result;
    for (const std::string& word : words) {
      const auto [entry, added] =
          numbers_.try_emplace(word, static_cast<std::uint32_t>(words_.size()));
      if (added) words_.push_back(word);
      result.push_back(entry->second);
    }
    return result;
  }

 private:
  std::vector<std::string>& words_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

}  // namespace

bool ArgumentEntry::concerns(std::string_view path) const {
  return std::ranges::any_of(classes, [&](const std::string& wanted) {
    return wanted.ends_with('.') ? path.starts_with(wanted) : path == wanted;
  });
}

std::vector<std::string> SymbolEntry::triggers() const {
  if (!words.empty()) return words;
  std::string_view name = path;
  if (name.ends_with('.')) name.remove_suffix(1);
  return {std::string(name.substr(name.rfind('.') + 1))};
}

std::vector<std::string> TextEntry::triggers() const {
  if (form == Form::part || form == Form::image) return {old_value};
  const auto quoted = [&](char quote) {
    return form == Form::path ? quote + old_value : quote + old_value + quote;
  };
  return {quoted('"'), quoted('\'')};
}

bool Rule::concerns(const Migration& migration) const {
  if (kind == "api") return migration.from < migration.to;
  if (info.until && migration.to >= *info.until) return false;
  const auto any = [&](const auto& entries) {
    return std::ranges::any_of(entries, [&](const auto& entry) {
      if constexpr (requires { entry.until; }) return migration.has(entry.since, entry.until);
      return migration.has(entry.since);
    });
  };
  if (!arguments.empty()) return any(arguments);
  if (!values.empty()) return any(values);
  if (kind == "label") return any(labels);
  if (kind == "name") return any(names);
  if (kind == "symbol") return any(symbols);
  if (kind == "text") return any(texts);
  // Before its successor worked, nobody could replace the class.
  for (const auto& later : {replacement.works, replacement.fails}) {
    if (later && migration.has(later)) return true;
  }
  return migration.has(info.since);
}

std::vector<std::string> Rule::words(const Migration& migration) const {
  std::vector<std::string> result;
  for (const ValueEntry& entry : values) {
    if (kind != "reference" && migration.has(entry.since)) result.push_back(entry.old_value);
  }
  for (const LabelEntry& entry : labels) {
    const bool is_new = result.empty() || result.back() != entry.label;
    if (migration.has(entry.since) && is_new) result.push_back(entry.label);
  }
  for (const NameEntry& entry : names) {
    if (migration.has(entry.since)) result.push_back("class " + entry.name);
  }
  for (const SymbolEntry& entry : symbols) {
    if (!migration.has(entry.since, entry.until)) continue;
    for (std::string& word : entry.triggers()) result.push_back(std::move(word));
  }
  for (const TextEntry& entry : texts) {
    if (!migration.has(entry.since, entry.until)) continue;
    for (std::string& word : entry.triggers()) result.push_back(std::move(word));
  }
  return result.empty() ? triggers : result;
}

std::vector<std::string> Rule::file_words(const Migration& migration) const {
  if (texts.empty()) return words(migration);
  std::vector<std::string> result;
  for (const TextEntry& entry : texts) {
    if (migration.has(entry.since, entry.until)) result.push_back(entry.old_value);
  }
  return result;
}

struct RuleBook::NamesCache {
  std::mutex mutex;
  std::map<Version, TaskNames> by_version;
};

std::expected<RuleBook, std::string> RuleBook::load(
    std::span<const std::pair<std::string, std::string>> extra) {
  RuleBook book;
  book.names_ = std::make_shared<NamesCache>();
  const auto add = [&](std::string_view path,
                       std::string_view text) -> std::expected<void, std::string> {
    auto rule = load_rule(text);
    if (!rule) return std::unexpected(fmt::format("{}: {}", path, rule.error()));
    if (book.find(rule->info.code) || book.find(rule->info.name)) {
      return std::unexpected(
          fmt::format("{}: rule {} ({}) exists already", path, rule->info.code, rule->info.name));
    }
    book.rules_.push_back(std::move(*rule));
    return {};
  };
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path == "platform.json") {
      auto platform = load_platform(file.text);
      if (!platform) return std::unexpected(fmt::format("{}: {}", file.path, platform.error()));
      book.versions_ = std::move(platform->versions);
      book.announced_ = std::move(platform->announced);
      book.common_arguments_ = std::move(platform->common_arguments);
      book.modules_ = std::move(platform->modules);
    } else if (file.path == "operator_levels.json") {
      auto levels = load_levels(file.text);
      if (!levels) return std::unexpected(fmt::format("{}: {}", file.path, levels.error()));
      book.levels_ = std::move(*levels);
    } else if (file.path.starts_with("dag/")) {
      if (auto added = add(file.path, file.text); !added) return std::unexpected(added.error());
    }
  }
  for (const auto& [path, text] : extra) {
    if (auto added = add(path, text); !added) return std::unexpected(added.error());
  }
  std::ranges::sort(book.rules_, {}, [](const Rule& rule) { return rule.info.code; });
  return book;
}

const TaskNames& RuleBook::task_names(Version version) const {
  const std::lock_guard lock(names_->mutex);
  const auto [entry, added] = names_->by_version.try_emplace(version);
  if (added) entry->second = load_task_names(version);
  return entry->second;
}

const Rule* RuleBook::find(std::string_view code_or_name) const {
  const auto found = std::ranges::find_if(rules_, [&](const Rule& rule) {
    return rule.info.code == code_or_name || rule.info.name == code_or_name;
  });
  return found == rules_.end() ? nullptr : &*found;
}

std::expected<Version, std::string> RuleBook::version(std::string_view text, Series series) const {
  std::optional<Version> best;
  for (const Version version : versions_) {
    const std::string exact = to_string(version);
    if (exact == text) return version;
    const bool in_series = exact.substr(0, exact.rfind('.')) == text;
    if (in_series && (!best || series == Series::newest)) best = version;
  }
  if (best) return *best;
  std::vector<std::string> known;
  for (const Version version : versions_) known.push_back(to_string(version));
  std::string hint;
  for (const Version version : announced_) {
    const std::string exact = to_string(version);
    if (exact != text && exact.substr(0, exact.rfind('.')) != text) continue;
    hint = fmt::format("; --outlook shows what is announced for {}", exact);
  }
  return std::unexpected(fmt::format("unknown Kaapana version '{}'; known are {}{}", text,
                                     fmt::join(known, ", "), hint));
}

std::expected<RuleSet, std::string> RuleSet::select(const RuleBook& book, Version from, Version to,
                                                    const Selection& selection) {
  for (const auto* list : {&selection.select, &selection.ignore}) {
    if (auto known = check_selection(book, *list); !known) return std::unexpected(known.error());
  }
  RuleSet set;
  set.book_ = &book;
  set.migration_ = {from, to};
  if (selection.outlook) set.migration_.outlook = book.versions().back();
  set.words_.emplace_back(kMarker);
  std::vector<std::string> file_words{std::string(kMarker)};
  bool has_api = false;
  RuleSet all;  // what a rule tells is told, even if nobody wants to hear it
  all.migration_ = set.migration_;
  for (const Rule& rule : book.rules()) {
    if (!rule.concerns(set.migration_)) continue;
    all.rules_.push_back(&rule);
    const bool wanted = selection.select.empty() || is_selected(rule.info, selection.select);
    if (!wanted || is_selected(rule.info, selection.ignore)) continue;
    set.rules_.push_back(&rule);
    if (rule.kind == "operator") {
      const std::string& path = rule.replacement.old_class;
      set.parameters_[path] = parameters_in(path, from, rule.replacement.positional);
    }
    has_api = has_api || rule.kind == "api";
  }
  ApiChanges changes;
  if (has_api) {
    changes = ApiChanges::between(ApiHistory::embedded(), from, to);
    const auto replaced = [&](std::string_view path) -> const OperatorReplacement* {
      const Rule* rule = all.rule_about(path);
      return rule && rule->kind == "operator" ? &rule->replacement : nullptr;
    };
    changes.leave_out({[&](std::string_view path) { return all.rule_about(path) != nullptr; },
                       [&](std::string_view path) { return replaced(path) != nullptr; },
                       [&](std::string_view path, std::string_view argument) {
                         const OperatorReplacement* replacement = replaced(path);
                         return replacement &&
                                std::ranges::any_of(replacement->arguments, [&](const auto& known) {
                                  return known.name == argument && known.lost;
                                });
                       },
                       [&](std::string_view path, std::string_view argument) {
                         return all.entry_about(path, argument) != nullptr;
                       },
                       [&](std::string_view path, std::string_view argument) -> std::string_view {
                         const ArgumentEntry* entry = all.entry_about(path, argument);
                         const bool is_rename =
                             entry && entry->change.action == ArgumentChange::Action::rename;
                         return is_rename ? std::string_view(entry->change.to) : std::string_view();
                       }});
  }
  set.api_ = std::make_shared<const ApiChanges>(std::move(changes));
  for (const Rule* rule : set.rules_) {
    const bool is_api = rule->kind == "api";
    for (std::string& word : is_api ? api_words(*rule, *set.api_) : rule->words(set.migration_)) {
      set.words_.push_back(std::move(word));
    }
    if (!rule->files.empty()) {
      for (std::string& word : rule->file_words(set.migration_)) {
        file_words.push_back(std::move(word));
      }
    }
    set.words_end_.push_back(set.words_.size());
  }
  set.file_prefilter_ = Prefilter(file_words);
  WordNumbers numbers(set.words_);
  for (const Rule* rule : set.rules_) {
    Needs& needs = set.needs_.emplace_back();
    if (!rule->beside.empty()) needs.rule.push_back(numbers.of(rule->beside));
    for (const std::vector<AnyOf>& groups : entry_needs(*rule, set.migration_)) {
      auto& entry = needs.entries.emplace_back();
      for (const AnyOf& words : groups) entry.push_back(numbers.of(words));
    }
  }
  set.prefilter_ = Prefilter(set.words_);
  return set;
}

bool RuleSet::concerns(std::string_view text, const ModuleResolver& resolver) const {
  const std::vector<bool> found = prefilter_.words_in(text);
  return speaks_to_dagfix(found) || !rules_for(text, found, resolver).empty();
}

bool RuleSet::has_word(std::string_view text) const {
  const std::vector<bool> found = prefilter_.words_in(text);
  const std::size_t count = words_end_.empty() ? 1 : words_end_.back();
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(count);
  return std::find(found.begin(), end, true) != end;
}

std::vector<const Rule*> RuleSet::rules_for(std::string_view text,
                                            const ModuleResolver& resolver) const {
  return rules_for(text, prefilter_.words_in(text), resolver);
}

bool RuleSet::concerns_by_word(const Rule& rule, std::string_view word, std::string_view text,
                               const ModuleResolver& resolver) const {
  if (rule.kind == "value") return spells_string(text, word);
  if (rule.kind == "symbol") return ends_name(text, word);
  if (rule.kind == "api") {
    if (asks_for_imports(rule)) return imports_gone(text, *api_, resolver);
    if (!ends_name(text, word)) return false;
    return rule.info.name != "unknown-argument" || has_lost_keyword(text, word, *api_);
  }
  const bool is_string_only = rule.info.name == "class-name-string";
  const std::string_view path = class_of(rule);
  if (path.empty() && !is_string_only) return true;
  if (spells_class(text, word)) return true;
  return !is_string_only && imports_class(text, word, root_of(path), resolver);
}

std::vector<const Rule*> RuleSet::rules_for(std::string_view text, const std::vector<bool>& found,
                                            const ModuleResolver& resolver) const {
  const auto has_beside = [&](const Needs& needs) {
    const auto has_any = [&](const std::vector<std::uint32_t>& words) {
      return std::ranges::any_of(words, [&](std::uint32_t number) { return found[number]; });
    };
    const auto has_all = [&](const Needs::Groups& groups) {
      return std::ranges::all_of(groups, has_any);
    };
    return has_all(needs.rule) &&
           (needs.entries.empty() || std::ranges::any_of(needs.entries, has_all));
  };
  std::vector<const Rule*> result;
  std::size_t word = 1;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    bool concerned = false;
    for (; word < words_end_[i] && !concerned; ++word) {
      if (!found[word]) continue;
      concerned = concerns_by_word(*rules_[i], words_[word], text, resolver);
      // The answer is the same for all words.
      if (asks_for_imports(*rules_[i])) break;
    }
    word = words_end_[i];
    if (concerned && has_beside(needs_[i])) result.push_back(rules_[i]);
  }
  return result;
}

bool RuleSet::concerns(FileKind kind, std::string_view text) const {
  return (kind == FileKind::notebook ? prefilter_ : file_prefilter_).matches(text);
}

std::vector<const Rule*> RuleSet::rules_for(FileKind kind, std::string_view text) const {
  std::vector<const Rule*> result;
  for (const Rule* rule : rules_) {
    if (std::ranges::find(rule->files, kind) == rule->files.end()) continue;
    const auto words = rule->file_words(migration_);
    const auto occurs = [&](const std::string& word) { return text.contains(word); };
    if (!rule->beside.empty() && std::ranges::none_of(rule->beside, occurs)) continue;
    if (std::ranges::any_of(words, occurs)) result.push_back(rule);
  }
  return result;
}

bool RuleSet::runs(std::string_view code) const {
  return std::ranges::any_of(rules_, [&](const Rule* rule) { return rule->info.code == code; });
}

const ArgumentEntry* RuleSet::entry_about(std::string_view path, std::string_view argument) const {
  for (const Rule* rule : rules_) {
    if (rule->kind != "argument") continue;
    for (const ArgumentEntry& entry : rule->arguments) {
      const bool is_named = entry.change.name == argument || entry.change.to == argument;
      if (is_named && in_range(entry.since, entry.until) && entry.concerns(path)) return &entry;
    }
  }
  return nullptr;
}

std::span<const std::string> RuleSet::parameters_of(const OperatorReplacement& replacement) const {
  const auto found = parameters_.find(replacement.old_class);
  return found == parameters_.end() ? replacement.positional : found->second;
}

const Rule* RuleSet::rule_about(std::string_view path) const {
  const auto below = [&](std::string_view known) {
    if (known.ends_with('.'))
      return path.starts_with(known) || path == known.substr(0, known.size() - 1);
    return path == known || path == known.substr(0, known.rfind('.'));
  };
  for (const Rule* rule : rules_) {
    const bool is_class = rule->kind == "operator" || rule->kind == "client";
    if (is_class && below(class_of(*rule))) return rule;
    const bool is_symbol = std::ranges::any_of(rule->symbols, [&](const SymbolEntry& entry) {
      return in_range(entry.since, entry.until) && entry.member == SymbolEntry::Member::none &&
             below(entry.path);
    });
    if (is_symbol) return rule;
  }
  return nullptr;
}

}  // namespace dagfix
