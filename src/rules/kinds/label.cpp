#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "rules/file_context.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

/// Whether a key belongs to labels: labels={...}, labels = {...}, kwargs["labels"][...] = ...
bool is_of_operator(Node key) {
  Node node = key.parent();
  if (node.is(Kind::subscript)) {
    return node.child(Field::value).text().find("label") != std::string_view::npos;
  }
  Node holder = node.parent().parent();  // of the dictionary
  while (holder.is(Kind::conditional_expression) || holder.is(Kind::parenthesized_expression) ||
         holder.is(Kind::boolean_operator) || holder.is(Kind::dictionary_splat) ||
         holder.is(Kind::dictionary)) {
    holder = holder.parent();
  }
  if (holder.is(Kind::keyword_argument)) return holder.child(Field::name).text() == "labels";
  return holder.is(Kind::assignment) &&
         holder.child(Field::left).text().find("label") != std::string_view::npos;
}

bool is_kaapanas(const SemanticModel& model) {
  return std::ranges::any_of(model.imports(),
                             [](const Import& import) { return is_kaapana(import.module); });
}

using Names = std::set<std::string, std::less<>>;

/// The strings of a file that may read a label: that would find nothing after a fix.
Names lookups_in(const SyntaxTree& tree) {
  Names lookups;
  for (std::uint32_t id = 0; id < tree.size(); ++id) {
    const Node node = tree.node(id);
    if (!node.is(Kind::string)) continue;
    const Node owner = node.parent();
    const bool written = owner.is(Kind::subscript) && owner.field() == Field::left &&
                         owner.parent().is(Kind::assignment);
    if (owner.is(Kind::pair) || written) continue;
    if (auto value = string_value(node)) lookups.insert(*std::move(value));
  }
  return lookups;
}

class LabelChecker {
 public:
  explicit LabelChecker(const RuleContext& context) : context_(context) {}

  void check(Node node) {
    if (node.is(Kind::pair)) {
      check_pair(node.child(Field::key), node.child(Field::value));
    } else if (node.is(Kind::subscript)) {
      check_item(node);
    } else if (node.is(Kind::call)) {
      check_lookup(node);
    }
  }

 private:
  /// Reports one label; `key` and `value` are the expressions that make it.
  void check_pair(Node key, Node value) {
    const auto name = context_.model.constant(key);
    if (!name) return;
    const auto target = context_.model.constant(value);
    const LabelEntry* entry =
        find_label(*context_.rule, context_.rules, name->value, target ? target->value : "");
    if (!entry) return;
    DraftFinding finding = describe_label(*entry);
    finding.range = key.range();
    const auto key_text = plain_content(key);
    const auto value_text = plain_content(value);
    if (!entry->value.empty() && key_text && value_text) {
      FixDraft fix;
      const bool certain =
          is_kaapanas(context_.model) && is_of_operator(key) && !is_looked_up(entry->label);
      if (!certain) fix.safety = Safety::unsafe;
      fix.title = fmt::format("replace {} by {}", entry->label, entry->new_label);
      fix.edits = {{*key_text, entry->new_label}, {*value_text, entry->new_value}};
      finding.fix = std::move(fix);
    }
    context_.report(std::move(finding));
  }

  /// labels["network-access"] = "ctp"
  void check_item(Node subscript) {
    const Node key = subscript.child(Field::subscript);
    const Node assignment = subscript.parent();
    if (assignment.is(Kind::assignment) && subscript.field() == Field::left) {
      check_pair(key, assignment.child(Field::right));
      return;
    }
    check_pair(key, {});
  }

  /// labels.get("network-access")
  void check_lookup(Node call) {
    const Node function = call.child(Field::function);
    const auto arguments = call.child(Field::arguments).named_children();
    if (!function.is(Kind::attribute) || arguments.empty()) return;
    const std::string_view method = function.child(Field::attribute).text();
    if (method == "get" || method == "pop" || method == "setdefault") {
      check_pair(arguments[0], {});
    }
  }

  bool is_looked_up(std::string_view label) {
    if (!lookups_) lookups_ = lookups_in(context_.tree());
    return lookups_->contains(label);
  }

  const RuleContext& context_;
  std::optional<Names> lookups_;
};

}  // namespace

void check_label(const RuleContext& context) {
  LabelChecker checker(context);
  for (std::uint32_t id = 0; id < context.tree().size(); ++id)
    checker.check(context.tree().node(id));
}

}  // namespace dagfix
