#include <fmt/format.h>

#include <algorithm>

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

/// Whether the file reads a label somewhere: that would find nothing after a fix.
bool has_lookup(const RuleContext& context, std::string_view label) {
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node node = context.tree().node(id);
    if (!node.is(Kind::string) || string_value(node) != label) continue;
    const Node owner = node.parent();
    const bool written = owner.is(Kind::subscript) && owner.field() == Field::left &&
                         owner.parent().is(Kind::assignment);
    if (!owner.is(Kind::pair) && !written) return true;
  }
  return false;
}

/// Reports one label; `key` and `value` are the expressions that make it.
void check_pair(const RuleContext& context, Node key, Node value) {
  const auto name = context.model.constant(key);
  if (!name) return;
  const auto target = context.model.constant(value);
  const LabelEntry* entry =
      find_label(*context.rule, context.rules, name->value, target ? target->value : "");
  if (!entry) return;
  DraftFinding finding = describe_label(*entry);
  finding.range = key.range();
  const auto key_text = plain_content(key);
  const auto value_text = plain_content(value);
  if (!entry->value.empty() && key_text && value_text) {
    FixDraft fix;
    const bool certain =
        is_kaapanas(context.model) && is_of_operator(key) && !has_lookup(context, entry->label);
    if (!certain) fix.safety = Safety::unsafe;
    fix.title = fmt::format("replace {} by {}", entry->label, entry->new_label);
    fix.edits = {{*key_text, entry->new_label}, {*value_text, entry->new_value}};
    finding.fix = std::move(fix);
  }
  context.report(std::move(finding));
}

/// labels["network-access"] = "ctp"
void check_item(const RuleContext& context, Node subscript) {
  const Node key = subscript.child(Field::subscript);
  const Node assignment = subscript.parent();
  if (assignment.is(Kind::assignment) && subscript.field() == Field::left) {
    check_pair(context, key, assignment.child(Field::right));
    return;
  }
  check_pair(context, key, {});
}

/// labels.get("network-access")
void check_lookup(const RuleContext& context, Node call) {
  const Node function = call.child(Field::function);
  const auto arguments = call.child(Field::arguments).named_children();
  if (!function.is(Kind::attribute) || arguments.empty()) return;
  const std::string_view method = function.child(Field::attribute).text();
  if (method == "get" || method == "pop" || method == "setdefault") {
    check_pair(context, arguments[0], {});
  }
}

}  // namespace

void check_label(const RuleContext& context) {
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node node = context.tree().node(id);
    if (node.is(Kind::pair)) {
      check_pair(context, node.child(Field::key), node.child(Field::value));
    } else if (node.is(Kind::subscript)) {
      check_item(context, node);
    } else if (node.is(Kind::call)) {
      check_lookup(context, node);
    }
  }
}

}  // namespace dagfix
