#include "rules/rule_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "embedded.hpp"
#include "project/import_lines.hpp"
#include "rules/load.hpp"

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

/// Whether the words of a rule are names of classes.
bool is_of_class(const Rule& rule) {
  return rule.kind == "operator" || rule.kind == "client" || rule.info.name == "class-name-string";
}

/// Whether a class may be imported, or is spelled as a whole string.
bool names_class(std::string_view text, std::string_view name) {
  bool elsewhere = false;
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::string_view before = text.substr(0, at);
    if (before.ends_with('.') || before.ends_with("import ")) return true;
    const char quote = before.empty() ? ' ' : before.back();
    const bool quoted = quote == '"' || quote == '\'';
    if (quoted && text.substr(at + name.size()).starts_with(quote)) return true;
    elsewhere = true;
  }
  bool imported = false;
  if (elsewhere) {
    for_each_import(
        text, [&](const ImportLine& line) { imported = imported || line.text.contains(name); });
  }
  return imported;
}

}  // namespace

bool Rule::concerns(Version from, Version to) const {
  const auto in_range = [&](const std::optional<Version>& since) {
    return !since || (from < *since && *since <= to);
  };
  if (info.until && to >= *info.until) return false;
  if (kind == "argument") {
    return std::ranges::any_of(arguments, in_range, &ArgumentEntry::since);
  }
  if (kind == "value") return std::ranges::any_of(values, in_range, &ValueEntry::since);
  if (kind == "name") return std::ranges::any_of(names, in_range, &NameEntry::since);
  return in_range(info.since);
}

std::vector<std::string> Rule::words(Version from, Version to) const {
  std::vector<std::string> result;
  const auto in_range = [&](const std::optional<Version>& since) {
    return !since || (from < *since && *since <= to);
  };
  for (const ValueEntry& entry : values) {
    if (in_range(entry.since)) result.push_back(entry.old_value);
  }
  for (const NameEntry& entry : names) {
    if (in_range(entry.since)) result.push_back("class " + entry.name);
  }
  return result.empty() ? triggers : result;
}

std::expected<RuleBook, std::string> RuleBook::load(
    std::span<const std::pair<std::string, std::string>> extra) {
  RuleBook book;
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
  return std::unexpected(
      fmt::format("unknown Kaapana version '{}'; known are {}", text, fmt::join(known, ", ")));
}

std::expected<RuleSet, std::string> RuleSet::select(const RuleBook& book, Version from, Version to,
                                                    const Selection& selection) {
  for (const auto* list : {&selection.select, &selection.ignore}) {
    if (auto known = check_selection(book, *list); !known) return std::unexpected(known.error());
  }
  RuleSet set;
  set.book_ = &book;
  set.from_ = from;
  set.to_ = to;
  set.words_.emplace_back(kMarker);
  for (const Rule& rule : book.rules()) {
    const bool wanted = selection.select.empty() || is_selected(rule.info, selection.select);
    if (!wanted || is_selected(rule.info, selection.ignore) || !rule.concerns(from, to)) continue;
    set.rules_.push_back(&rule);
    for (std::string& word : rule.words(from, to)) set.words_.push_back(std::move(word));
    set.words_end_.push_back(set.words_.size());
  }
  set.prefilter_ = Prefilter(set.words_);
  return set;
}

bool RuleSet::concerns(std::string_view text) const {
  if (!prefilter_.matches(text)) return false;
  return text.contains(kMarker) || !rules_for(text).empty();
}

std::vector<const Rule*> RuleSet::rules_for(std::string_view text) const {
  const std::vector<bool> found = prefilter_.words_in(text);
  std::vector<const Rule*> result;
  std::size_t word = 1;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const bool of_class = is_of_class(*rules_[i]);
    bool concerned = false;
    for (; word < words_end_[i]; ++word) {
      if (concerned || !found[word]) continue;
      concerned = !of_class || names_class(text, words_[word]);
    }
    if (concerned) result.push_back(rules_[i]);
  }
  return result;
}

bool RuleSet::runs(std::string_view code) const {
  return std::ranges::any_of(rules_, [&](const Rule* rule) { return rule->info.code == code; });
}

}  // namespace dagfix
