#include "lsp/hover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "report/common.hpp"

namespace dagfix::lsp {

namespace {

std::string since(const std::optional<Version>& version) {
  return version ? fmt::format("Since {}", to_string(*version)) : std::string("In all versions");
}

std::string lower(std::string text) {
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] += 'a' - 'A';
  return text;
}

std::string short_name(std::string_view path) {
  return std::string(path.substr(path.rfind('.') + 1));
}

std::string what_happens(const ArgumentChange& change) {
  using enum ArgumentChange::Action;
  std::string text;
  switch (change.action) {
    case keep:
      text = "stays";
      break;
    case rename:
      text = fmt::format("becomes `{}`", change.to);
      break;
    case drop:
      text = "goes";
      break;
    case set:
      text = fmt::format("becomes `{}={}`", change.name, change.to);
      break;
    case report:
      return fmt::format("needs a person: {}", change.reason);
  }
  if (!change.reason.empty()) text += fmt::format(": {}", change.reason);
  if (!change.otherwise.empty()) text += fmt::format("; if not so, {}", change.otherwise);
  return text;
}

/// What the rules say of one place, gathered rule by rule.
class History {
 public:
  explicit History(const Explained& about)
      : book_(about.book),
        findings_(about.findings),
        from_(about.from),
        to_(about.to),
        page_(about.page) {}

  void add_findings(std::uint32_t offset) {
    for (const Finding& finding : findings_) {
      if (offset < finding.range.begin || finding.range.end < offset) continue;
      const Rule* const rule = book_.find(finding.rule);
      if (!rule) continue;
      range_ = finding.range;
      if (explained_.contains(rule)) continue;
      add(fmt::format("{} {}", sentence(finding.message), sentence(finding.remedy)), *rule);
    }
  }

  void add_class(std::string_view path, std::string_view argument) {
    for (const Rule& rule : book_.rules()) {
      if (rule.replacement.old_class == path) {
        add_replaced(rule, rule.replacement.new_class);
        add_argument(rule.replacement.arguments, argument);
      }
      if (rule.replacement.new_class == path) {
        add(fmt::format("{} `{}` takes the place of `{}`.", since(rule.info.since),
                        short_name(path), short_name(rule.replacement.old_class)),
            rule);
      }
      if (rule.client.old_class == path) {
        add_replaced(rule, fmt::format("{}.{}", rule.client.module, rule.client.function));
        add_argument(rule.client.constructor.arguments, argument);
      }
      add_entries(rule, path, argument);
    }
  }

  void add_string(std::string_view text) {
    for (const Rule& rule : book_.rules()) {
      for (const ValueEntry& entry : rule.values) add_value(rule, entry, text);
      add_labels(rule, text);
      const auto names = [&](const std::string& word) { return text.contains(word); };
      if (rule.kind == "code" && std::ranges::any_of(rule.triggers, names)) {
        add(fmt::format("{}: {}", since(rule.info.since), sentence(rule.info.summary)), rule);
      }
    }
  }

  void add_own_class(std::string_view name) {
    for (const Rule& rule : book_.rules()) {
      for (const NameEntry& entry : rule.names) {
        if (entry.name != name) continue;
        add(fmt::format("{} Kaapana has an operator of this name itself.", since(entry.since)),
            rule);
      }
    }
  }

  std::optional<Hover> take(ByteRange range) {
    if (parts_.empty()) return std::nullopt;
    std::string markdown;
    for (const std::string& part : parts_) {
      if (!markdown.empty()) markdown += "\n\n";
      markdown += part;
    }
    return Hover{range.size() > 0 ? range : range_, std::move(markdown)};
  }

 private:
  void add(const std::string& text, const Rule& rule) {
    std::string part =
        fmt::format("{} [{} {}]({})", text, rule.info.code, rule.info.name, page_(rule.info));
    if (std::ranges::find(parts_, part) == parts_.end()) parts_.push_back(std::move(part));
    explained_.insert(&rule);
  }

  void add_replaced(const Rule& rule, std::string_view by) {
    const auto& removed = rule.replacement.removed;
    add(fmt::format("{} `{}` takes its place{}. {}", since(rule.info.since), short_name(by),
                    removed ? fmt::format("; it is gone from {} on", to_string(*removed)) : "",
                    sentence(rule.info.summary)),
        rule);
  }

  void add_argument(const std::vector<ArgumentChange>& changes, std::string_view argument) {
    for (const ArgumentChange& change : changes) {
      if (argument.empty() || change.name != argument) continue;
      parts_.push_back(fmt::format("`{}` {}.", argument, what_happens(change)));
    }
  }

  void add_entries(const Rule& rule, std::string_view path, std::string_view argument) {
    // Properties of forms are no arguments of the call.
    if (rule.kind != "argument") return;
    std::string names;
    for (const ArgumentEntry& entry : rule.arguments) {
      const bool is_of_class = std::ranges::any_of(entry.classes, [&](const std::string& known) {
        return known == path || (known.ends_with('.') && path.starts_with(known));
      });
      if (!is_of_class || (!argument.empty() && entry.change.name != argument)) continue;
      // Of a whole package of classes only the argument itself is of interest.
      if (argument.empty() && entry.classes.front().ends_with('.')) continue;
      if (argument.empty()) {
        if (entry.since > to_ || (entry.since && *entry.since <= from_)) continue;
        const std::string name =
            fmt::format("`{}` ({})", entry.change.name, lower(since(entry.since)));
        if (names.contains(name)) continue;
        names += (names.empty() ? "" : ", ") + name;
        continue;
      }
      add(fmt::format("{} `{}` {}.", since(entry.since), entry.change.name,
                      what_happens(entry.change)),
          rule);
    }
    if (!names.empty()) add(fmt::format("Its arguments that change: {}.", names), rule);
  }

  void add_labels(const Rule& rule, std::string_view text) {
    std::string what;
    for (const LabelEntry& entry : rule.labels) {
      const std::string value = entry.value.empty() ? "" : fmt::format(": {}", entry.value);
      if (text == entry.new_label) {
        what += fmt::format("{} the label for what was `{}{}`. ", since(entry.since), entry.label,
                            value);
      } else if (text == entry.label && !entry.new_label.empty()) {
        what += fmt::format("{} `{}{}` is `{}: {}`. ", since(entry.since), entry.label, value,
                            entry.new_label, entry.new_value);
      } else if (text == entry.label) {
        what += fmt::format("{} the label {}. {} ", since(entry.since), entry.reason,
                            sentence(entry.remedy));
      }
    }
    if (!what.empty()) add(what.substr(0, what.size() - 1), rule);
  }

  void add_value(const Rule& rule, const ValueEntry& entry, std::string_view text) {
    if (text == entry.old_value) {
      add(fmt::format(
              "{} `{}` is {}.{}", since(entry.since), text,
              entry.new_value.empty() ? std::string("gone") : fmt::format("`{}`", entry.new_value),
              entry.note.empty() ? std::string() : " " + sentence(entry.note)),
          rule);
    } else if (text == entry.new_value) {
      add(fmt::format("{} this is the name of what was `{}`.", since(entry.since), entry.old_value),
          rule);
    }
  }

  const RuleBook& book_;
  std::span<const Finding> findings_;
  Version from_;
  Version to_;
  const std::function<std::string(const RuleInfo&)>& page_;
  std::vector<std::string> parts_;
  std::set<const Rule*> explained_;
  ByteRange range_;
};

/// The innermost node of one of the kinds that are explained.
Node node_at(const SyntaxTree& tree, std::uint32_t offset) {
  Node found;
  for (std::uint32_t id = 0; id < tree.size();) {
    const Node node = tree.node(id);
    if (offset < node.begin() || node.end() < offset) {
      id = tree.subtree_end(id);
      continue;
    }
    if (node.is(Kind::identifier) || node.is(Kind::string)) found = node;
    ++id;
  }
  return found;
}

/// The call whose argument has this name.
Node call_of_keyword(Node name) {
  const Node keyword = name.parent();
  if (!keyword.is(Kind::keyword_argument) || name.field() != Field::name) return {};
  return keyword.parent().parent();
}

void explain_name(const SemanticModel& model, Node name, History& history) {
  if (const Node call = call_of_keyword(name)) {
    if (const auto symbol = model.resolve(call.child(Field::function))) {
      history.add_class(symbol->path, name.text());
    }
    return;
  }
  if (name.parent().is(Kind::class_definition)) return history.add_own_class(name.text());
  for (const Import& import : model.imports()) {
    if (import.item.encloses(name)) return history.add_class(import.qualified(), {});
  }
  const Node attribute = name.parent();
  const bool is_member = attribute.is(Kind::attribute) && name.field() == Field::attribute;
  if (const auto symbol = model.resolve(is_member ? attribute : name)) {
    history.add_class(symbol->path, {});
  }
}

}  // namespace

std::optional<Hover> hover_at(const SemanticModel& model, const Explained& about,
                              std::uint32_t offset) {
  History history(about);
  const Node node = node_at(model.tree(), offset);
  if (node.is(Kind::identifier)) explain_name(model, node, history);
  if (node.is(Kind::string)) {
    if (const auto text = string_value(node)) history.add_string(*text);
  }
  history.add_findings(offset);
  return history.take(node.range());
}

std::optional<Hover> hover_at(const Explained& about, std::uint32_t offset) {
  History history(about);
  history.add_findings(offset);
  return history.take({});
}

}  // namespace dagfix::lsp
