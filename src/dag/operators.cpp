#include <algorithm>

#include "dag/interpreter.hpp"

namespace dagfix {

namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::string class_path_of(const Value& class_value) {
  if (class_value.is(Value::Kind::symbol)) return class_value.text;
  if (!class_value.is(Value::Kind::class_)) return {};
  return class_value.text;
}

}  // namespace

// Source text of a default: 'name', 3, True, None.
Value Interpreter::literal(std::string_view text) const {
  if (text == "None") return Value::none();
  if (text == "True") return Value::boolean(true);
  if (text == "False") return Value::boolean(false);
  const bool is_quoted = text.size() >= 2 && (text[0] == '\'' || text[0] == '"') &&
                         text.back() == text[0] && text.find('\\') == std::string_view::npos;
  if (is_quoted) return Value::string(std::string(text.substr(1, text.size() - 2)));
  return {};
}

std::size_t Interpreter::current_dag() const {
  for (std::size_t i = contexts_.size(); i-- > 0;) {
    const Value& context = contexts_[i];
    if (context.is(Value::Kind::dag)) return context.index();
    if (groups_[context.index()].dag != kNoDag) return groups_[context.index()].dag;
  }
  return kNoDag;
}

std::size_t Interpreter::current_group(std::size_t dag) const {
  for (std::size_t i = contexts_.size(); i-- > 0;) {
    const Value& context = contexts_[i];
    if (context.is(Value::Kind::dag)) return kNoGroup;
    if (groups_[context.index()].dag == dag) return context.index();
  }
  return kNoGroup;
}

std::size_t Interpreter::implicit_dag(Node at) {
  for (std::size_t i = 0; i < dags_.size(); ++i) {
    if (dags_[i].is_implicit) return i;
  }
  Dag dag;
  dag.place = outer_place(at);
  dag.is_implicit = true;
  dag.is_entered = true;
  dags_.push_back(std::move(dag));
  return dags_.size() - 1;
}

std::size_t Interpreter::dag_for(const CallArguments& arguments, std::size_t position,
                                 bool& is_unknown) {
  is_unknown = false;
  const Value* given = arguments.get("dag", position);
  if (given && given->is(Value::Kind::dag)) return given->index();
  if (given && !given->is(Value::Kind::none)) {
    is_unknown = true;
    return kNoDag;
  }
  const std::size_t current = current_dag();
  if (current == kNoDag && !given && arguments.is_open) is_unknown = true;
  return current;
}

std::size_t Interpreter::make_dag(const CallArguments& arguments, Node at) {
  Dag dag;
  const Value* id = arguments.get("dag_id", 0);
  if (id && id->is(Value::Kind::string)) dag.id = id->text;
  dag.place = outer_place(at);
  dag.may = is_unsure();
  dags_.push_back(std::move(dag));
  return dags_.size() - 1;
}

std::size_t Interpreter::add_group(const Value& id, bool has_prefix, std::size_t dag,
                                   std::size_t parent) {
  Group group;
  group.dag = dag;
  group.parent = parent;
  group.has_prefix = has_prefix;
  group.id = prefixed(id, parent);
  groups_.push_back(std::move(group));
  return groups_.size() - 1;
}

Value Interpreter::make_group(const CallArguments& arguments, Node at) {
  const Value* id = arguments.get("group_id", 0);
  const Value* prefix = arguments.get("prefix_group_id", 1);
  const Value* parent = arguments.find("parent_group");
  bool is_unknown = false;
  std::size_t dag = dag_for(arguments, 99, is_unknown);
  std::size_t outer = dag == kNoDag ? kNoGroup : current_group(dag);
  if (parent && parent->is(Value::Kind::group)) {
    outer = parent->index();
    if (dag == kNoDag) dag = groups_[outer].dag;
  }
  if (dag == kNoDag && is_unknown) dag = implicit_dag(at);
  const Value unknown;
  return Value::indexed(
      Value::Kind::group,
      add_group(id ? *id : unknown, !prefix || prefix->truth() != false, dag, outer));
}

std::optional<std::string> Interpreter::prefixed(const Value& id, std::size_t group) const {
  if (!id.is(Value::Kind::string)) return std::nullopt;
  // A group without a prefix of its own hands on none, not even that of the group around it.
  if (group == kNoGroup || !groups_[group].has_prefix) return id.text;
  const auto& name = groups_[group].id;
  if (!name) return std::nullopt;
  return *name + "." + id.text;
}

// As airflow.decorators.base.get_unique_task_id().
std::string Interpreter::unique_id(const std::string& id, std::size_t dag,
                                   std::size_t group) const {
  const auto is_taken = [&](const std::string& name) {
    const auto full = prefixed(Value::string(name), group);
    return std::ranges::any_of(
        tasks_, [&](const Task& task) { return task.dag == dag && task.id && task.id == full; });
  };
  if (!is_taken(id)) return id;
  int number = 1;
  while (is_taken(id + "__" + std::to_string(number))) ++number;
  return id + "__" + std::to_string(number);
}

void Interpreter::add_values(Task& task, const Value& self) const {
  for (std::size_t i = constructions_.size(); i-- > 0;) {
    const auto& [instance, arguments] = constructions_[i];
    if (instance != self.object.get()) continue;
    const TaskNaming* naming = names_.find(task.class_path);
    const std::size_t named = naming ? naming->parameters.size() : 0;
    for (std::size_t at = 0; at < arguments.positional.size(); ++at) {
      task.values.push_back(
          {at < named ? naming->parameters[at].name : "", arguments.positional[at].spelled()});
    }
    for (const CallArguments::Keyword& keyword : arguments.keywords) {
      task.values.push_back({keyword.name, keyword.value.spelled()});
    }
    task.may_take_more = arguments.is_open;
    return;
  }
}

std::size_t Interpreter::add_task(const Value& self, const Value& id,
                                  const CallArguments& arguments, Node at) {
  Task task;
  bool is_unknown = false;
  task.dag = dag_for(arguments, 99, is_unknown);
  const Value* group = arguments.find("task_group");
  if (group && group->is(Value::Kind::group)) {
    task.group = group->index();
    if (task.dag == kNoDag) task.dag = groups_[task.group].dag;
  }
  if (task.dag == kNoDag && is_unknown) task.dag = implicit_dag(at);
  if (task.group == kNoGroup && task.dag != kNoDag) task.group = current_group(task.dag);
  task.id = prefixed(id, task.group);
  task.class_path = class_path_of(self.object->items[0]);
  task.place = outer_place(at);
  task.may = is_unsure();
  task.many = many_ > 0;
  task.instance = self.object;
  if (at.is(Kind::call)) {
    for (const Node argument : at.child(Field::arguments).named_children()) {
      if (argument.is(Kind::keyword_argument)) {
        task.arguments.push_back({std::string(argument.child(Field::name).text()),
                                  std::string(argument.child(Field::value).text())});
      } else if (argument.is(Kind::dictionary_splat)) {
        task.arguments.push_back({"**", std::string(argument.text().substr(2))});
      } else {
        task.arguments.push_back({"", std::string(argument.text())});
      }
    }
  }
  add_values(task, self);
  const std::size_t index = tasks_.size();
  tasks_.push_back(std::move(task));
  self.object->task = index;
  return index;
}

void Interpreter::construct_airflow(const Value& self, const CallArguments& arguments,
                                    bool is_id_certain, Node at) {
  if (!self.object || self.object->task) return;
  const Value* id = arguments.get("task_id", 99);
  const bool is_known = is_id_certain && id;
  const std::size_t task = add_task(self, is_known ? *id : Value{}, arguments, at);
  for (const std::string_view name :
       {"op_args", "op_kwargs", "templates_dict", "env", "conf", "bash_command", "parameters"}) {
    const Value* given = arguments.find(name);
    if (!given) continue;
    const auto add = [&](const Value& value) {
      if (value.is(Value::Kind::result)) relate(value, Value::indexed(Value::Kind::task, task), at);
    };
    add(*given);
    if (given->is_sequence() || given->is(Value::Kind::dict)) {
      for (const Value& item : given->object->items) add(item);
    }
  }
}

void Interpreter::construct_known(const TaskNaming& naming, const Value& self,
                                  CallArguments arguments, Node at) {
  if (!self.object || self.object->task) return;
  if (naming.is_base) return construct_base(naming, self, arguments, at);
  CallArguments up;
  up.is_open = arguments.is_open && naming.passes_rest;
  const auto value_of = [&](std::string_view name) -> Value {
    for (std::size_t i = 0; i < naming.parameters.size(); ++i) {
      const TaskNaming::Parameter& parameter = naming.parameters[i];
      if (parameter.name != name) continue;
      if (const Value* given = arguments.get(name, i)) return *given;
      return arguments.is_open || !parameter.fallback ? Value{} : literal(*parameter.fallback);
    }
    return {};
  };
  const auto is_parameter = [&](std::string_view name) {
    return std::ranges::any_of(naming.parameters, [&](const TaskNaming::Parameter& parameter) {
      return parameter.name == name;
    });
  };
  if (naming.has_constructor) {
    for (const std::string& name : naming.passes) up.set(name, value_of(name));
    for (const auto& [name, text] : naming.gives) {
      if (!text.starts_with('{')) {
        up.set(name, literal(text));
        continue;
      }
      // "{prefix-{parameter}}": unless a name is given.
      const Value own = is_parameter(name) ? value_of(name) : Value::none();
      const auto given = own.truth();
      if (given != false) {
        up.set(name, given ? own : Value{});
        continue;
      }
      const std::string_view pattern = std::string_view(text).substr(1, text.size() - 2);
      const auto open = pattern.find('{');
      if (open == std::string_view::npos) {
        up.set(name, Value::string(std::string(pattern)));
        continue;
      }
      const auto close = pattern.find('}', open);
      const Value part = value_of(pattern.substr(open + 1, close - open - 1));
      up.set(name, part.is(Value::Kind::string)
                       ? Value::string(std::string(pattern.substr(0, open)) + part.text +
                                       std::string(pattern.substr(close + 1)))
                       : Value{});
    }
    for (const CallArguments::Keyword& keyword : arguments.keywords) {
      const bool goes_on = naming.passes_rest && !is_parameter(keyword.name);
      if (goes_on && !naming.gives.contains(keyword.name)) up.set(keyword.name, keyword.value);
    }
    // dag is always handed on, by position or by name.
    for (std::size_t i = 0; i < naming.parameters.size(); ++i) {
      if (naming.parameters[i].name != "dag") continue;
      if (const Value* dag = arguments.get("dag", i)) up.set("dag", *dag);
    }
  } else {
    up = std::move(arguments);
  }
  for (const std::string& base : naming.bases) {
    if (const TaskNaming* known = names_.by_name(base); known && known != &naming) {
      return construct_known(*known, self, std::move(up), at);
    }
  }
  construct_airflow(self, up, true, at);
}

Value Interpreter::parallel_id_of(const Value& input) {
  if (input.is(Value::Kind::none)) return Value::none();
  if (input.is(Value::Kind::choice)) {
    Value all = parallel_id_of(input.object->items[0]);
    for (const Value& one : input.object->items) all = Value::either(all, parallel_id_of(one));
    return all;
  }
  if (!input.is(Value::Kind::task)) return {};
  const auto found = tasks_[input.index()].attributes.find("parallel_id");
  return found == tasks_[input.index()].attributes.end() ? Value{} : found->second;
}

// As set_defaults() of KaapanaBaseOperator, the same from 0.1.3 to 0.6.0.
void Interpreter::construct_base(const TaskNaming& naming, const Value& self,
                                 const CallArguments& arguments, Node at) {
  const auto value_of = [&](std::string_view name) -> Value {
    for (std::size_t i = 0; i < naming.parameters.size(); ++i) {
      if (naming.parameters[i].name != name) continue;
      if (const Value* given = arguments.get(name, i)) return *given;
      if (arguments.is_open || !naming.parameters[i].fallback) return {};
      return literal(*naming.parameters[i].fallback);
    }
    const Value* given = arguments.find(name);
    return given ? *given : Value::none();
  };
  const Value name = value_of("name");
  Value id = value_of("task_id");
  if (id.is(Value::Kind::none)) id = name;
  Value parallel = value_of("parallel_id");
  if (parallel.is(Value::Kind::none)) {
    const auto is_kept = value_of("keep_parallel_id").truth();
    Value inherited = parallel_id_of(value_of("input_operator"));
    if (inherited.is(Value::Kind::none) || is_kept == true) {
      parallel = inherited;
    } else if (!is_kept) {
      parallel = {};
    }
  }
  if (parallel.is(Value::Kind::string) && id.is(Value::Kind::string)) {
    std::string suffix = lower(parallel.text);
    std::ranges::replace(suffix, ' ', '-');
    id = Value::string(id.text + "-" + suffix);
  } else if (!parallel.is(Value::Kind::none)) {
    id = {};
  }
  CallArguments to_task = arguments;
  for (std::size_t i = 0; i < naming.parameters.size(); ++i) {
    if (naming.parameters[i].name != "dag") continue;
    if (const Value* dag = arguments.get("dag", i)) to_task.set("dag", *dag);
  }
  to_task.positional.clear();
  Value out = value_of("operator_out_dir");
  if (out.is(Value::Kind::none)) out = id;
  Task& task = tasks_[add_task(self, id, to_task, at)];
  task.attributes.insert_or_assign("name", name);
  task.attributes.insert_or_assign("parallel_id", parallel);
  task.attributes.insert_or_assign("operator_out_dir", out);
  const Value input = value_of("input_operator");
  if (input.is_task()) {
    const auto& producer = tasks_[input.index()].attributes;
    const auto found = producer.find("operator_out_dir");
    task.attributes.insert_or_assign("operator_in_dir",
                                     found == producer.end() ? Value{} : found->second);
  }
}

}  // namespace dagfix
