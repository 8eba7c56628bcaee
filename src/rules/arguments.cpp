#include "rules/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "fix/edits.hpp"

namespace dagfix {

namespace {

using Action = ArgumentChange::Action;

/// Whether an expression has a `:=` inside.
bool binds_a_name(Node expression) {
  return expression.text().find(":=") != std::string_view::npos;
}

std::optional<double> number_of(const SemanticModel& model, Node expression) {
  const Node value = model.value_of(expression);
  if (!value.is(Kind::integer) && !value.is(Kind::float_)) return std::nullopt;
  const std::string_view text = value.text();
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Whether a value is a timedelta(...) that is known to be no longer than that.
bool lasts_at_most(const SemanticModel& model, Node expression, std::size_t minutes) {
  const Node call = model.value_of(expression);
  const auto symbol = model.resolve(call.child(Field::function));
  if (!call.is(Kind::call) || !symbol || symbol->path != "datetime.timedelta") return false;
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"days", 1440}, {"seconds", 1 / 60.0}, {"minutes", 1}, {"hours", 60}, {"weeks", 10080}};
  double sum = 0;
  for (const Node item : arguments_of(call)) {
    if (!item.is(Kind::keyword_argument)) return false;
    const auto number = number_of(model, item.child(Field::value));
    const auto unit = std::ranges::find(kUnits, item.child(Field::name).text(),
                                        &std::pair<std::string_view, double>::first);
    if (!number || unit == std::ranges::end(kUnits)) return false;
    sum += *number * unit->second;
  }
  return sum <= static_cast<double>(minutes);
}

/// Decides argument by argument and collects the edits of one call.
class ArgumentPlanner {
 public:
  ArgumentPlanner(const RuleContext& context, const OperatorReplacement& replacement, Node call,
                  std::vector<Node> items)
      : context_(context), replacement_(replacement), call_(call), items_(std::move(items)) {}

  /// `complete` false: some arguments are given elsewhere, hence nothing is written out.
  ArgumentPlan run(bool complete) {
    drop_.assign(items_.size(), false);
    for (std::size_t i = 0; i < items_.size(); ++i) check(i);
    if (std::ranges::find(drop_, true) != drop_.end()) {
      const auto removed = remove_items(context_.tree().text(), items_, drop_);
      plan_.edits.insert(plan_.edits.end(), removed.begin(), removed.end());
    }
    if (complete) {
      check_required();
      write_out();
    }
    if (!plan_.problems.empty()) plan_.edits.clear();
    return plan_;
  }

 private:
  void check(std::size_t i) {
    const Node item = items_[i];
    switch (item.kind()) {
      case Kind::keyword_argument: {
        const std::string_view name = item.child(Field::name).text();
        if (decide(name, item.child(Field::value))) {
          drop_[i] = true;
        } else if (const ArgumentChange* change = find(name);
                   change && change->action == Action::rename) {
          rename(*change, rename_keyword(item, change->to));
        }
        return;
      }
      case Kind::dictionary_splat:
        return check_unpacked(item);
      case Kind::list_splat:
        plan_.problems.emplace_back("its positional arguments come from a list");
        return;
      default:
        return check_positional(i, item);
    }
  }

  void check_positional(std::size_t i, Node item) {
    if (i >= replacement_.positional.size()) {
      plan_.problems.emplace_back("it has more positional arguments than can be told apart");
      return;
    }
    const std::string& name = replacement_.positional[i];
    if (decide(name, item)) {
      drop_[i] = true;
      return;
    }
    if (i == 0 && replacement_.first_stays) return;  // the DAG is first in both
    const ArgumentChange* change = find(name);
    const bool renamed = change && change->action == Action::rename;
    Edit edit{{item.begin(), item.begin()}, (renamed ? change->to : name) + "="};
    if (renamed) return rename(*change, std::move(edit));
    plan_.edits.push_back(std::move(edit));
  }

  void rename(const ArgumentChange& change, Edit edit) {
    if (keyword_value(call_, change.to)) {
      plan_.problems.push_back(fmt::format("'{}' and '{}' are both given", change.name, change.to));
    }
    plan_.edits.push_back(std::move(edit));
  }

  void check_unpacked(Node splat) {
    const Node dictionary = unpacked_dictionary(context_.model, splat);
    const auto entries = dictionary ? dictionary_entries(context_.model, dictionary) : std::nullopt;
    if (!entries) {
      plan_.problems.push_back(
          fmt::format("the arguments in '{}' cannot be seen from here", splat.text()));
      return;
    }
    for (const DictionaryEntry& entry : *entries) {
      const std::size_t before = plan_.notes.size();
      const ArgumentChange* change = find(entry.key);
      const bool changes =
          decide(entry.key, entry.value) || (change && change->action == Action::rename);
      if (!changes) continue;
      plan_.notes.resize(before);
      plan_.problems.push_back(fmt::format("'{}' in '{}' has to change", entry.key, splat.text()));
    }
  }

  /// Notes a problem or a reason; true if the argument is to be dropped.
  bool decide(std::string_view name, Node value) {
    // Python finds this out at run time; written as two keywords it would not even parse.
    if (is_given(name)) plan_.problems.push_back(fmt::format("'{}' is given twice", name));
    given_.emplace_back(name);
    const ArgumentChange* change = find(name);
    if (change && change->lost && *change->lost <= context_.rules.to()) {
      plan_.lost.emplace_back(name);
    }
    if (!change) {
      if (std::ranges::find(context_.rules.book().common_arguments(), name) ==
          context_.rules.book().common_arguments().end()) {
        plan_.problems.push_back(fmt::format("'{}' is not known to be an argument of both", name));
      }
      return false;
    }
    if (change->action == Action::report) {
      plan_.problems.push_back(fmt::format("'{}': {}", name, change->reason));
      return false;
    }
    if (!holds(*change, value)) {
      plan_.problems.push_back(fmt::format("'{}': {}", name, change->otherwise));
      return false;
    }
    if (change->action != Action::drop) return false;
    if (binds_a_name(value)) {
      plan_.problems.push_back(fmt::format("'{}' cannot be dropped: it binds a name", name));
      return false;
    }
    plan_.notes.push_back(fmt::format("'{}' is dropped: {}", name, change->reason));
    if (auto longer = longer_time(context_.model, *change, value); !longer.empty()) {
      plan_.safety = Safety::unsafe;
      plan_.notes.push_back(std::move(longer));
    }
    return true;
  }

  bool holds(const ArgumentChange& change, Node value) const {
    if (change.when.empty() || is_one_of(context_.model, change.when, value)) return true;
    return !change.form_property.empty() && has_form_property(context_.model, change.form_property);
  }

  bool is_given(std::string_view name) const {
    return std::ranges::find(given_, name) != given_.end();
  }

  void check_required() {
    for (const RequiredArgument& required : replacement_.required) {
      if (std::ranges::any_of(required.any, [&](const auto& name) { return is_given(name); })) {
        continue;
      }
      plan_.problems.push_back(required.otherwise);
    }
  }

  void write_out() {
    std::vector<Node> kept;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (!drop_[i]) kept.push_back(items_[i]);
    }
    std::vector<std::string> added;
    for (const WrittenOut& argument : replacement_.write_out) {
      const bool unnecessary = std::ranges::any_of(
          argument.unless, [&](const std::string& name) { return is_given(name); });
      if (is_given(argument.name) || unnecessary) continue;
      added.push_back(argument.name + "=" + argument.value);
      plan_.notes.push_back(
          fmt::format("{}={} keeps the old default", argument.name, argument.value));
    }
    append_arguments(context_.tree().text(), call_.child(Field::arguments), kept, added,
                     plan_.edits);
  }

  const ArgumentChange* find(std::string_view name) const {
    const auto found = std::ranges::find(replacement_.arguments, name, &ArgumentChange::name);
    return found == replacement_.arguments.end() ? nullptr : &*found;
  }

  const RuleContext& context_;
  const OperatorReplacement& replacement_;
  Node call_;
  std::vector<Node> items_;
  std::vector<bool> drop_;
  std::vector<std::string> given_;
  ArgumentPlan plan_;
};

}  // namespace

std::vector<Node> arguments_of(Node call) { return call.child(Field::arguments).named_children(); }

Node keyword_value(Node call, std::string_view name) {
  for (const Node argument : arguments_of(call)) {
    if (argument.is(Kind::keyword_argument) && argument.child(Field::name).text() == name) {
      return argument.child(Field::value);
    }
  }
  return {};
}

std::string longer_time(const SemanticModel& model, const ArgumentChange& change, Node value) {
  if (!change.minutes || lasts_at_most(model, value, *change.minutes)) return {};
  return fmt::format("its {} is not known to be {} minutes or less: see that they suffice",
                     change.name, *change.minutes);
}

bool is_one_of(const SemanticModel& model, const std::vector<std::string>& values, Node value) {
  const Node known = model.value_of(value);
  if (std::ranges::find(values, known.text()) != values.end()) return true;
  const auto text = model.constant(value);
  return text && std::ranges::find(values, '"' + text->value + '"') != values.end();
}

ArgumentPlan plan_arguments(const RuleContext& context, const OperatorReplacement& replacement,
                            Node call) {
  return ArgumentPlanner(context, replacement, call, arguments_of(call)).run(true);
}

ArgumentPlan plan_partial(const RuleContext& context, const OperatorReplacement& replacement,
                          Node call) {
  auto items = arguments_of(call);
  items.erase(items.begin());
  ArgumentPlan plan = ArgumentPlanner(context, replacement, call, items).run(false);
  for (const WrittenOut& argument : replacement.write_out) {
    if (keyword_value(call, argument.name)) continue;
    plan.problems.push_back(
        fmt::format("the default of '{}' changed: write {}={} into the call "
                    "of partial",
                    argument.name, argument.name, argument.value));
  }
  for (const RequiredArgument& required : replacement.required) {
    const auto is_given = [&](const std::string& name) { return bool(keyword_value(call, name)); };
    if (std::ranges::none_of(required.any, is_given)) plan.problems.push_back(required.otherwise);
  }
  const Node assignment = call.parent();
  const Node target = assignment.child(Field::left);
  if (!assignment.is(Kind::assignment) || !target.is(Kind::identifier)) {
    plan.problems.emplace_back("the calls of this partial cannot be seen");
    return plan;
  }
  for (BindingId id = 0; id < context.model.bindings().size(); ++id) {
    if (!(context.model.bindings()[id].target == target)) continue;
    for (const Node read : context.model.reads_of(id)) {
      const Node later = read.parent();
      if (!later.is(Kind::call) || read.field() != Field::function) {
        plan.problems.emplace_back("the partial is passed on as a value");
        continue;
      }
      const auto given = arguments_of(later);
      const bool positional = std::ranges::any_of(given, [](Node argument) {
        return !argument.is(Kind::keyword_argument) && !argument.is(Kind::dictionary_splat);
      });
      if (positional) plan.problems.emplace_back("the partial is called with positional arguments");
      ArgumentPlan more = ArgumentPlanner(context, replacement, later, given).run(false);
      plan.edits.insert(plan.edits.end(), more.edits.begin(), more.edits.end());
      plan.notes.insert(plan.notes.end(), more.notes.begin(), more.notes.end());
      plan.problems.insert(plan.problems.end(), more.problems.begin(), more.problems.end());
      plan.lost.insert(plan.lost.end(), more.lost.begin(), more.lost.end());
    }
  }
  return plan;
}

Edit rename_keyword(Node keyword_argument, std::string_view name) {
  return {keyword_argument.child(Field::name).range(), std::string(name)};
}

Node unpacked_dictionary(const SemanticModel& model, Node splat) {
  const auto inner = splat.named_children();
  if (inner.size() != 1) return {};
  const auto is_dictionary = [](Node node) {
    return node.is(Kind::dictionary) ||
           (node.is(Kind::call) && node.child(Field::function).text() == "dict");
  };
  if (is_dictionary(inner[0])) return inner[0];
  if (!inner[0].is(Kind::identifier)) return {};
  const auto found = model.reaching(inner[0].text(), inner[0]);
  if (found.size() != 1) return {};
  const Binding& binding = model.bindings()[found[0]];
  if (binding.kind != BindingKind::assignment || !is_dictionary(binding.value)) return {};
  for (const Node read : model.reads_of(found[0])) {
    // Anything but unpacking may change the dictionary.
    if (!read.parent().is(Kind::dictionary_splat)) return {};
  }
  return binding.value;
}

std::optional<std::vector<DictionaryEntry>> dictionary_entries(const SemanticModel& model,
                                                               Node dictionary) {
  std::vector<DictionaryEntry> entries;
  const bool is_call = dictionary.is(Kind::call);
  const auto items = is_call ? arguments_of(dictionary) : dictionary.named_children();
  for (const Node item : items) {
    if (is_call && item.is(Kind::keyword_argument)) {
      entries.push_back(
          {item, std::string(item.child(Field::name).text()), item.child(Field::value)});
      continue;
    }
    if (is_call || !item.is(Kind::pair)) return std::nullopt;
    auto key = model.constant(item.child(Field::key));
    if (!key) return std::nullopt;
    entries.push_back({item.child(Field::key), std::move(key->value), item.child(Field::value)});
  }
  return entries;
}

bool has_form_property(const SemanticModel& model, std::string_view property) {
  for (std::uint32_t id = 0; id < model.tree().size(); ++id) {
    const Node pair = model.tree().node(id);
    if (!pair.is(Kind::pair)) continue;
    // {"properties": {"input": ...}}
    const Node outer = pair.parent().parent();
    if (!outer.is(Kind::pair)) continue;
    const auto key = model.constant(pair.child(Field::key));
    if (!key || key->value != property) continue;
    const auto group = model.constant(outer.child(Field::key));
    if (group && group->value == "properties") return true;
  }
  return false;
}

}  // namespace dagfix
