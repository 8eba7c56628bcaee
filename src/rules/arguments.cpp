#include "rules/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "rules/given_arguments.hpp"

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

const ArgumentChange* change_of(const OperatorReplacement& replacement, std::string_view name) {
  const auto found = std::ranges::find(replacement.arguments, name, &ArgumentChange::name);
  return found == replacement.arguments.end() ? nullptr : &*found;
}

/// Whether the action of a change is right for a value.
bool holds(const RuleContext& context, const ArgumentChange& change, Node value) {
  if (change.when.empty() || is_one_of(context.model, change.when, value)) return true;
  return !change.form_property.empty() && context.form().contains(change.form_property);
}

bool is_reached(const RuleContext& context, const std::optional<Version>& version) {
  return version && *version <= context.rules.to();
}

}  // namespace

void plan_kept_call(const RuleContext& context, const OperatorReplacement& replacement,
                    GivenArguments arguments, ArgumentPlan& plan) {
  arguments.reset();
  std::vector<std::string> notes;
  bool is_sure = arguments.problems().empty();
  for (const GivenArgument& argument : arguments.given()) {
    const ArgumentChange* change = change_of(replacement, argument.name);
    if (!change) continue;
    const bool is_right = holds(context, *change, argument.value);
    const bool is_lost = is_reached(context, change->lost);
    if (!is_lost && (is_right || !is_reached(context, change->refused))) continue;
    plan.lost.push_back(argument.name);
    const bool can_change = !argument.positional && arguments.fixed_reason(argument).empty();
    if (is_lost && can_change && !change->lost_to.empty() && !arguments.find(change->lost_to)) {
      arguments.rename(argument, change->lost_to);
      notes.push_back(fmt::format("'{}' is called '{}' now", argument.name, change->lost_to));
    } else if (is_lost && can_change && change->action == Action::drop && is_right &&
               !binds_a_name(argument.value)) {
      arguments.drop(argument);
      notes.push_back(fmt::format("'{}' is dropped: {}", argument.name, change->reason));
    } else {
      is_sure = false;
    }
  }
  if (plan.lost.empty() || !is_sure) return;
  plan.kept_edits = arguments.edits(GivenArguments::kAllStay);
  plan.kept_notes = std::move(notes);
}

std::vector<std::string> form_problems(const RuleContext& context,
                                       const OperatorReplacement& replacement) {
  std::vector<std::string> problems;
  if (replacement.environment.empty()) return problems;
  const auto& properties = context.form();
  for (const std::string& property : replacement.environment) {
    if (!properties.contains(property)) continue;
    problems.push_back(
        fmt::format("the form's property '{}' would take the place of the operator's own value: "
                    "rename it",
                    property));
  }
  return problems;
}

namespace {

/// Decides argument by argument and collects the edits of one call.
class ArgumentPlanner {
 public:
  ArgumentPlanner(const RuleContext& context, const OperatorReplacement& replacement, Node call,
                  std::size_t leading = 0)
      : context_(context),
        replacement_(replacement),
        arguments_(context, call, context.rules.parameters_of(replacement), leading) {
    plan_.problems = arguments_.problems();
    for (const GivenArgument& argument : arguments_.given()) check(argument);
  }

  void check_required() {
    for (const RequiredArgument& required : replacement_.required) {
      if (std::ranges::any_of(required.any, [&](const auto& name) { return is_given(name); })) {
        continue;
      }
      plan_.problems.push_back(required.otherwise);
    }
  }

  void check_form() {
    for (std::string& text : form_problems(context_, replacement_)) problem(std::move(text));
  }

  /// `given_elsewhere`: parameters that need not be written out here.
  void write_out(std::span<const std::string> given_elsewhere = {}) {
    for (const WrittenOut& argument : replacement_.write_out) {
      const auto given = [&](const std::string& name) {
        return is_given(name) || std::ranges::find(given_elsewhere, name) != given_elsewhere.end();
      };
      if (given(argument.name) || std::ranges::any_of(argument.unless, given)) continue;
      arguments_.append(argument.name, argument.value);
      plan_.notes.push_back(
          fmt::format("{}={} keeps the old default", argument.name, argument.value));
    }
  }

  ArgumentPlan take() {
    if (plan_.problems.empty()) plan_.edits = arguments_.edits(replacement_.first_stays ? 1 : 0);
    plan_kept_call(context_, replacement_, arguments_, plan_);
    return std::move(plan_);
  }

  std::vector<std::string> given_names() const {
    std::vector<std::string> names;
    for (const GivenArgument& argument : arguments_.given()) names.push_back(argument.name);
    return names;
  }

 private:
  void check(const GivenArgument& argument) {
    const ArgumentChange* change = change_of(replacement_, argument.name);
    if (!change) {
      const auto& common = context_.rules.book().common_arguments();
      if (std::ranges::find(common, argument.name) == common.end()) {
        problem(fmt::format("'{}' is not known to be an argument of both", argument.name));
      }
      return;
    }
    if (change->action == Action::report) {
      return problem(fmt::format("'{}': {}", argument.name, change->reason));
    }
    if (!holds(context_, *change, argument.value)) {
      return problem(fmt::format("'{}': {}", argument.name, change->otherwise));
    }
    if (change->action == Action::keep) return;
    if (auto reason = arguments_.fixed_reason(argument); !reason.empty()) {
      return problem(std::move(reason));
    }
    change->action == Action::drop ? drop(argument, *change) : rename(argument, *change);
  }

  void drop(const GivenArgument& argument, const ArgumentChange& change) {
    if (binds_a_name(argument.value)) {
      return problem(fmt::format("'{}' cannot be dropped: it binds a name", argument.name));
    }
    arguments_.drop(argument);
    plan_.notes.push_back(fmt::format("'{}' is dropped: {}", argument.name, change.reason));
    if (auto longer = longer_time(context_.model, change, argument.value); !longer.empty()) {
      plan_.safety = Safety::unsafe;
      plan_.notes.push_back(std::move(longer));
    }
  }

  void rename(const GivenArgument& argument, const ArgumentChange& change) {
    if (arguments_.find(change.to)) {
      problem(fmt::format("'{}' and '{}' are both given", change.name, change.to));
    }
    arguments_.rename(argument, change.to);
  }

  bool is_given(std::string_view name) const { return arguments_.find(name) != nullptr; }
  void problem(std::string text) { plan_.problems.push_back(std::move(text)); }

  const RuleContext& context_;
  const OperatorReplacement& replacement_;
  GivenArguments arguments_;
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
  ArgumentPlanner planner(context, replacement, call);
  planner.check_required();
  planner.write_out();
  planner.check_form();
  return planner.take();
}

namespace {

void add_plan(ArgumentPlan more, ArgumentPlan& plan) {
  const bool is_sure = (plan.lost.empty() || !plan.kept_edits.empty()) &&
                       (more.lost.empty() || !more.kept_edits.empty());
  const auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  plan.safety = std::max(plan.safety, more.safety);
  append(plan.edits, more.edits);
  append(plan.notes, more.notes);
  append(plan.problems, more.problems);
  append(plan.lost, more.lost);
  append(plan.kept_edits, more.kept_edits);
  append(plan.kept_notes, more.kept_notes);
  if (!is_sure) plan.kept_edits.clear();
}

bool has_positional(Node call) {
  return std::ranges::any_of(arguments_of(call), [](Node argument) {
    return !argument.is(Kind::keyword_argument) && !argument.is(Kind::dictionary_splat);
  });
}

}  // namespace

std::vector<Node> calls_of_partial(const SemanticModel& model, Node call,
                                   std::vector<std::string>& problems) {
  std::vector<Node> calls;
  const Node assignment = call.parent();
  const Node target = assignment.child(Field::left);
  if (!assignment.is(Kind::assignment) || !target.is(Kind::identifier)) {
    problems.emplace_back("the calls of this partial cannot be seen");
    return calls;
  }
  for (BindingId id = 0; id < model.bindings().size(); ++id) {
    if (!(model.bindings()[id].target == target)) continue;
    for (const Node read : model.reads_of(id)) {
      const Node later = read.parent();
      if (later.is(Kind::call) && read.field() == Field::function) {
        calls.push_back(later);
      } else {
        problems.emplace_back("the partial is passed on as a value");
      }
    }
  }
  return calls;
}

ArgumentPlan plan_partial(const RuleContext& context, const OperatorReplacement& replacement,
                          Node call) {
  std::vector<std::string> problems;
  std::vector<std::string> given;
  ArgumentPlan later_plan;
  for (const Node later : calls_of_partial(context.model, call, problems)) {
    if (has_positional(later)) {
      problems.emplace_back("the partial is called with positional arguments");
    }
    ArgumentPlanner planner(context, replacement, later);
    const auto names = planner.given_names();
    given.insert(given.end(), names.begin(), names.end());
    add_plan(planner.take(), later_plan);
  }
  ArgumentPlanner planner(context, replacement, call, 1);
  planner.check_required();
  planner.write_out(given);
  planner.check_form();
  ArgumentPlan plan = planner.take();
  add_plan(std::move(later_plan), plan);
  plan.problems.insert(plan.problems.end(), problems.begin(), problems.end());
  if (!problems.empty()) plan.kept_edits.clear();
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

std::set<std::string, std::less<>> form_properties(const SemanticModel& model) {
  std::set<std::string, std::less<>> properties;
  Node last;  // the dictionary that was looked at last
  bool is_group = false;
  for (std::uint32_t id = 0; id < model.tree().size(); ++id) {
    const Node pair = model.tree().node(id);
    if (!pair.is(Kind::pair)) continue;
    // {"properties": {"input": ...}}
    const Node dictionary = pair.parent();
    const Node outer = dictionary.parent();
    if (!outer.is(Kind::pair)) continue;
    if (!(dictionary == last)) {
      const auto group = model.constant(outer.child(Field::key));
      is_group = group && group->value == "properties";
      last = dictionary;
    }
    if (!is_group) continue;
    if (auto key = model.constant(pair.child(Field::key))) properties.insert(std::move(key->value));
  }
  return properties;
}

}  // namespace dagfix
