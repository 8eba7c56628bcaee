#include <algorithm>
#include <utility>

#include "dag/interpreter.hpp"

namespace dagfix {

namespace {

constexpr std::size_t kMostFrames = 40;

bool is_operator_name(std::string_view path) {
  return path.ends_with("Operator") || path.ends_with("Sensor");
}

bool is_airflow(std::string_view path) { return path.starts_with("airflow."); }

bool is_airflow_operator(std::string_view path) {
  return is_airflow(path) && (is_operator_name(path) || path.ends_with("SensorAsync"));
}

/// Whether a value leads to a task, a group or a DAG that a function could change.
bool reaches_graph(const Value& value, int depth = 3) {
  if (value.is_task() || value.is(Value::Kind::dag) || value.is(Value::Kind::group)) return true;
  if (depth == 0 || !value.object) return false;
  if (!value.is_sequence() && !value.is(Value::Kind::dict) && !value.is(Value::Kind::choice)) {
    return false;
  }
  return std::ranges::any_of(value.object->items,
                             [&](const Value& item) { return reaches_graph(item, depth - 1); });
}

/// Functions that are given tasks and change nothing.
bool is_harmless(std::string_view path) {
  return path.starts_with("builtins.") || path.starts_with("logging.") ||
         path.starts_with("datetime.") || path.starts_with("json.") || path.starts_with("os.") ||
         path.starts_with("pprint.") || path.starts_with("airflow.utils.dates");
}

/// Whether the class, or one of its bases, may be an operator.
bool may_be_operator(const Value& class_value) {
  if (class_value.is(Value::Kind::symbol)) return is_operator_name(class_value.text);
  if (!class_value.is(Value::Kind::class_)) return class_value.is(Value::Kind::unknown);
  return std::ranges::any_of(class_value.object->items, may_be_operator);
}

}  // namespace

const Value* CallArguments::find(std::string_view name) const {
  for (const Keyword& keyword : keywords) {
    if (keyword.name == name) return &keyword.value;
  }
  return nullptr;
}

const Value* CallArguments::get(std::string_view name, std::size_t position) const {
  if (const Value* given = find(name)) return given;
  return position < positional.size() ? &positional[position] : nullptr;
}

void CallArguments::set(std::string_view name, Value value) {
  for (Keyword& keyword : keywords) {
    if (keyword.name == name) {
      keyword.value = std::move(value);
      return;
    }
  }
  keywords.push_back({std::string(name), std::move(value)});
}

CallArguments Interpreter::arguments_of(Node call) {
  CallArguments arguments;
  const Node list = call.child(Field::arguments);
  if (list.is(Kind::generator_expression)) {
    arguments.positional.push_back(evaluate(list));
    return arguments;
  }
  for (const Node argument : list.named_children()) {
    if (argument.is(Kind::keyword_argument)) {
      arguments.set(argument.child(Field::name).text(), evaluate(argument.child(Field::value)));
      continue;
    }
    const bool is_splat = argument.is(Kind::list_splat);
    if (!is_splat && !argument.is(Kind::dictionary_splat)) {
      arguments.positional.push_back(evaluate(argument));
      continue;
    }
    const auto inner = argument.named_children();
    const Value source = inner.empty() ? Value{} : evaluate(inner[0]);
    if (is_splat) {
      std::vector<Value> unpacked;
      if (!elements_of(source, unpacked)) arguments.is_open = true;
      arguments.positional.insert(arguments.positional.end(), unpacked.begin(), unpacked.end());
      continue;
    }
    if (!source.is(Value::Kind::dict) || source.object->is_open) arguments.is_open = true;
    if (!source.is(Value::Kind::dict)) continue;
    for (std::size_t i = 0; i < source.object->keys.size(); ++i) {
      const Value& key = source.object->keys[i];
      const Value& item = source.object->items[i];
      if (key.is(Value::Kind::string)) {
        arguments.set(key.text, item.may ? Value{} : item);
      } else {
        arguments.is_open = true;
      }
    }
  }
  return arguments;
}

Value Interpreter::evaluate_call(Node node) {
  const Node function = node.child(Field::function);
  if (function.is(Kind::identifier) && function.text() == "super") {
    const Frame& frame = frames_.back();
    if (frame.owner.is(Value::Kind::class_)) {
      return Value::with(Value::Kind::super, {frame.owner, frame.self});
    }
  }
  if (function.is(Kind::attribute)) {
    const Node object = function.child(Field::object);
    const bool is_super = object.is(Kind::call) && object.child(Field::function).text() == "super";
    if (is_super) {
      const Value super = evaluate(object);
      if (super.is(Value::Kind::super)) {
        return call_super(super, std::string(function.child(Field::attribute).text()),
                          arguments_of(node), node);
      }
    }
  }
  const Value callee = evaluate(function);
  return call(callee, arguments_of(node), node);
}

Value Interpreter::call(const Value& callee, CallArguments arguments, Node at) {
  switch (callee.kind) {
    case Value::Kind::function:
      return call_function(callee, std::move(arguments), {}, at);
    case Value::Kind::class_:
      return make_instance(callee, std::move(arguments), at);
    case Value::Kind::symbol:
      return call_symbol(callee.text, std::move(arguments), at);
    case Value::Kind::method:
      return call_method(callee, std::move(arguments), at);
    case Value::Kind::bound: {
      const Value function = callee.object->items[0];
      arguments.positional.insert(arguments.positional.begin(), callee.object->items[1]);
      return call_function(function, std::move(arguments), {}, at);
    }
    case Value::Kind::partial: {
      const auto& items = callee.object->items;
      arguments.positional.insert(arguments.positional.begin(), items.begin() + 1, items.end());
      for (const auto& [name, value] : callee.object->attributes) {
        if (!arguments.find(name)) arguments.set(name, value);
      }
      arguments.is_open = arguments.is_open || callee.object->is_open;
      return call(items[0], std::move(arguments), at);
    }
    case Value::Kind::choice: {
      std::optional<Value> any;
      ++unsure_;
      for (const Value& one : callee.object->items) {
        Value result = call(one, arguments, at);
        any = any ? Value::either(*any, result) : result;
      }
      --unsure_;
      return *any;
    }
    default:
      return call_unknown(std::string(at.child(Field::function).text()), arguments, at);
  }
}

void Interpreter::bind_parameters(const Value& function, CallArguments arguments,
                                  NameScope& scope) {
  const Object& object = *function.object;
  std::size_t position = 0;
  std::set<std::string, std::less<>> taken;
  const Node parameters = object.node.child(Field::parameters);
  bool only_keywords = false;
  for (const Node parameter : parameters.named_children()) {
    Node target = parameter;
    if (parameter.is(Kind::typed_parameter)) target = parameter.named_children()[0];
    if (parameter.is(Kind::default_parameter) || parameter.is(Kind::typed_default_parameter)) {
      target = parameter.child(Field::name);
    }
    if (target.is(Kind::keyword_separator)) {
      only_keywords = true;
      continue;
    }
    if (target.is(Kind::positional_separator)) continue;
    if (target.is(Kind::list_splat_pattern)) {
      only_keywords = true;
      std::vector<Value> rest;
      if (position < arguments.positional.size()) {
        rest.assign(arguments.positional.begin() + static_cast<std::ptrdiff_t>(position),
                    arguments.positional.end());
      }
      Value tuple = made(Value::Kind::tuple, std::move(rest));
      tuple.object->is_open = arguments.is_open;
      scope.names.insert_or_assign(std::string(target.named_children()[0].text()), tuple);
      continue;
    }
    if (target.is(Kind::dictionary_splat_pattern)) {
      Value rest = made(Value::Kind::dict, {});
      for (const CallArguments::Keyword& keyword : arguments.keywords) {
        if (taken.contains(keyword.name)) continue;
        rest.object->keys.push_back(Value::string(keyword.name));
        rest.object->items.push_back(keyword.value);
      }
      rest.object->is_open = arguments.is_open;
      scope.names.insert_or_assign(std::string(target.named_children()[0].text()), rest);
      continue;
    }
    const std::string name(target.text());
    taken.insert(name);
    const Value* given = arguments.find(name);
    if (!given && !only_keywords && position < arguments.positional.size()) {
      given = &arguments.positional[position];
      ++position;
    } else if (!only_keywords && given && position < arguments.positional.size()) {
      ++position;
    }
    const auto fallback = object.attributes.find(name);
    Value value;
    if (given) {
      value = *given;
    } else if (fallback != object.attributes.end() && !arguments.is_open) {
      value = fallback->second;
    }
    scope.names.insert_or_assign(name, std::move(value));
  }
}

Value Interpreter::call_function(const Value& function, CallArguments arguments, const Value& owner,
                                 Node at) {
  const Object& object = *function.object;
  if (object.attributes.contains("@")) return call_decorated(function, std::move(arguments), at);
  if (frames_.size() > kMostFrames) {
    return call_unknown(std::string(at.child(Field::function).text()), arguments, at);
  }
  auto scope = make_scope();
  scope->parent = object.scope;
  // A class body is no scope for the functions in it.
  while (scope->parent && scope->parent->is_class) scope->parent = scope->parent->parent;
  const Value self = arguments.positional.empty() ? Value{} : arguments.positional.front();
  bind_parameters(function, std::move(arguments), *scope);
  Frame frame{object.module, scope, owner, self, {}, false};
  call_sites_.push_back(place_of(at));
  const int round = std::exchange(round_unsure_, 0);
  Value result = run_function(function, std::move(frame), object.node.child(Field::body));
  round_unsure_ = round;
  call_sites_.pop_back();
  return result;
}

Value Interpreter::run_function(const Value& function, Frame frame, Node body) {
  const int unsure = unsure_;
  frames_.push_back(std::move(frame));
  Value result;
  if (function.object->node.is(Kind::lambda)) {
    result = evaluate(body);
  } else {
    ++depth_;
    const Flow flow = depth_ < kMostDepth ? execute_block(body) : Flow::raise_;
    --depth_;
    const std::vector<Value>& returns = frames_.back().returns;
    if (frames_.back().is_generator || flow == Flow::raise_) {
      result = {};
    } else if (returns.empty()) {
      result = Value::none();
    } else {
      result = returns.front();
      for (const Value& one : returns) result = Value::either(result, one);
      if (flow != Flow::return_) result = Value::either(result, Value::none());
    }
  }
  frames_.pop_back();
  unsure_ = unsure;
  return result;
}

Value Interpreter::decorate(Value function, const Value& decorator, Node at) {
  if (function.is(Value::Kind::class_)) return function;
  std::string path = decorator.is(Value::Kind::symbol) ? decorator.text : std::string();
  Value keywords;
  if (decorator.is(Value::Kind::partial) && decorator.object->items[0].is(Value::Kind::symbol)) {
    path = decorator.object->items[0].text;
    keywords = decorator;
  }
  const bool is_task = path.starts_with("airflow.decorators.task") &&
                       !path.starts_with("airflow.decorators.task_group");
  const bool is_other =
      path == "airflow.decorators.dag" || path.starts_with("airflow.decorators.task_group");
  if (is_task || is_other) {
    Object& object = *function.object;
    object.attributes.insert_or_assign(
        "@", Value::string(is_task ? "task" : path.substr(path.rfind('.') + 1)));
    if (keywords.object) object.attributes.insert_or_assign("@keywords", keywords);
    return function;
  }
  const bool is_known = path == "builtins.staticmethod" || path.starts_with("functools.") ||
                        path.starts_with("kaapana");
  if (path == "builtins.staticmethod") {
    function.object->attributes.insert_or_assign("@static", Value::boolean(true));
  }
  if (is_known) return function;
  if (decorator.is(Value::Kind::function)) {
    CallArguments arguments;
    arguments.positional.push_back(function);
    return call(decorator, std::move(arguments), at);
  }
  return path == "builtins.property" || path == "builtins.classmethod" ? Value{} : function;
}

Value Interpreter::call_decorated(const Value& function, CallArguments arguments, Node at) {
  const Object& object = *function.object;
  const std::string kind = object.attributes.find("@")->second.text;
  CallArguments given;
  if (const auto found = object.attributes.find("@keywords"); found != object.attributes.end()) {
    const Object& partial = *found->second.object;
    given.positional.assign(partial.items.begin() + 1, partial.items.end());
    for (const auto& [name, value] : partial.attributes) given.set(name, value);
    given.is_open = partial.is_open;
  }
  Value plain = function;
  plain.object = std::make_shared<Object>(object);
  plain.object->attributes.erase("@");
  plain.object->attributes.erase("@keywords");
  if (kind == "dag") {
    if (given.positional.empty() && !given.find("dag_id")) {
      given.set("dag_id", Value::string(function.text));
    }
    const std::size_t dag = make_dag(given, at);
    dags_[dag].is_entered = true;
    contexts_.push_back(Value::indexed(Value::Kind::dag, dag));
    call_function(plain, std::move(arguments), {}, at);
    contexts_.pop_back();
    return Value::indexed(Value::Kind::dag, dag);
  }
  if (kind == "task_group") {
    const Value* id = given.get("group_id", 0);
    bool is_unknown = false;
    const std::size_t dag = dag_for(given, 99, is_unknown);
    const std::size_t parent = dag == kNoDag ? kNoGroup : current_group(dag);
    Value name = id ? *id : Value::string(function.text);
    const Value* prefix = given.find("prefix_group_id");
    const std::size_t group = add_group(name, !prefix || prefix->truth() != false, dag, parent);
    const Value value = Value::indexed(Value::Kind::group, group);
    contexts_.push_back(value);
    Value result = call_function(plain, std::move(arguments), {}, at);
    contexts_.pop_back();
    return result.is(Value::Kind::none) ? value : result;
  }
  Value self = Value::with(Value::Kind::instance, {Value{}});
  const Value* id = given.find("task_id");
  Value name = id ? *id : Value::string(function.text);
  bool is_unknown = false;
  const std::size_t dag = dag_for(given, 99, is_unknown);
  if (name.is(Value::Kind::string) && dag != kNoDag) {
    name.text = unique_id(name.text, dag, current_group(dag));
  }
  const std::size_t task = add_task(self, given.is_open ? Value{} : name, given, at);
  tasks_[task].class_path = "airflow.decorators.task";
  for (const Value& argument : arguments.positional) {
    if (argument.is(Value::Kind::result)) {
      relate(argument, Value::indexed(Value::Kind::task, task), at);
    }
  }
  const auto add_upstream = [&](const Value& argument) {
    if (!argument.is_sequence()) return;
    for (const Value& item : argument.object->items) {
      if (item.is(Value::Kind::result)) relate(item, Value::indexed(Value::Kind::task, task), at);
    }
  };
  for (const Value& argument : arguments.positional) add_upstream(argument);
  for (const CallArguments::Keyword& keyword : arguments.keywords) {
    add_upstream(keyword.value);
    if (keyword.value.is(Value::Kind::result)) {
      relate(keyword.value, Value::indexed(Value::Kind::task, task), at);
    }
  }
  return Value::indexed(Value::Kind::result, task);
}

Value Interpreter::make_instance(const Value& class_value, CallArguments arguments, Node at) {
  Value self = Value::with(Value::Kind::instance, {class_value});
  const std::size_t tasks = tasks_.size();
  constructions_.push_back({self.object.get(), arguments});
  construct(class_value, self, std::move(arguments), at);
  constructions_.pop_back();
  if (self.object->task) return Value::indexed(Value::Kind::task, *self.object->task);
  if (tasks_.size() == tasks && may_be_operator(class_value)) {
    construct_airflow(self, {.positional = {}, .keywords = {}, .is_open = true}, false, at);
    return Value::indexed(Value::Kind::task, *self.object->task);
  }
  return self;
}

void Interpreter::construct(const Value& class_value, const Value& self, CallArguments arguments,
                            Node at) {
  if (class_value.is(Value::Kind::symbol)) {
    if (const TaskNaming* naming = names_.find(class_value.text)) {
      construct_known(*naming, self, std::move(arguments), at);
    } else if (is_airflow(class_value.text)) {
      construct_airflow(self, arguments, true, at);
    } else if (is_operator_name(class_value.text)) {
      construct_airflow(self, arguments, false, at);
    }
    return;
  }
  if (!class_value.is(Value::Kind::class_)) return;
  const auto own = class_value.object->attributes.find("__init__");
  if (own != class_value.object->attributes.end() && own->second.is(Value::Kind::function)) {
    arguments.positional.insert(arguments.positional.begin(), self);
    call_function(own->second, std::move(arguments), class_value, at);
    return;
  }
  for (const Value& base : class_value.object->items) {
    construct(base, self, arguments, at);
    if (self.object->task) return;
  }
}

Value Interpreter::call_super(const Value& super, const std::string& method,
                              CallArguments arguments, Node at) {
  const Value owner = super.object->items[0];
  const Value self = super.object->items[1];
  for (const Value& base : owner.object->items) {
    if (method == "__init__") {
      construct(base, self, arguments, at);
      if (self.object && self.object->task) return Value::none();
      continue;
    }
    const Value function = class_attribute(base, method);
    if (!function.is(Value::Kind::function)) continue;
    arguments.positional.insert(arguments.positional.begin(), self);
    return call_function(function, std::move(arguments), base, at);
  }
  return {};
}

Value Interpreter::call_symbol(const std::string& path, CallArguments arguments, Node at) {
  if (path.starts_with("builtins.")) {
    if (auto value = call_builtin(std::string_view(path).substr(9), arguments, at)) return *value;
    return call_unknown(path, arguments, at);
  }
  if (path.ends_with(".__init__") && !arguments.positional.empty()) {
    const Value self = arguments.positional.front();
    if (self.is(Value::Kind::instance)) {
      arguments.positional.erase(arguments.positional.begin());
      construct(Value::symbol(path.substr(0, path.size() - 9)), self, std::move(arguments), at);
      return Value::none();
    }
  }
  const std::string_view name = std::string_view(path).substr(path.rfind('.') + 1);
  if (names_.find(path) || is_airflow_operator(path)) {
    return make_instance(Value::symbol(path), std::move(arguments), at);
  }
  if (is_airflow(path)) {
    if (name == "DAG") return Value::indexed(Value::Kind::dag, make_dag(arguments, at));
    if (name == "TaskGroup") return make_group(arguments, at);
    if (name == "chain" || name == "chain_linear" || name == "cross_downstream") {
      return call_relation(name, arguments, at);
    }
    if (name == "Label") return Value::symbol("airflow.Label()");
    if (path.starts_with("airflow.decorators.")) {
      const bool is_plain =
          arguments.positional.size() == 1 && arguments.positional[0].is(Value::Kind::function);
      if (is_plain) return decorate(arguments.positional[0], Value::symbol(path), at);
      Value partial = Value::with(Value::Kind::partial, {Value::symbol(path)});
      partial.object->items.insert(partial.object->items.end(), arguments.positional.begin(),
                                   arguments.positional.end());
      for (auto& keyword : arguments.keywords) {
        partial.object->attributes.emplace(keyword.name, keyword.value);
      }
      partial.object->is_open = arguments.is_open;
      return partial;
    }
  }
  if (path == "functools.partial" && !arguments.positional.empty()) {
    Value partial = Value::with(Value::Kind::partial, std::move(arguments.positional));
    for (auto& keyword : arguments.keywords) {
      partial.object->attributes.emplace(keyword.name, keyword.value);
    }
    partial.object->is_open = arguments.is_open;
    return partial;
  }
  if (path == "collections.OrderedDict") {
    if (auto value = call_builtin("dict", arguments, at)) return *value;
  }
  if ((path == "copy.copy" || path == "copy.deepcopy") && !arguments.positional.empty()) {
    Value copy = arguments.positional[0];
    if (copy.is(Value::Kind::dict) || copy.is_sequence()) {
      copy.object = std::make_shared<Object>(*copy.object);
    }
    return copy;
  }
  if (is_operator_name(path)) return make_instance(Value::symbol(path), std::move(arguments), at);
  if (is_harmless(path)) return {};
  return call_unknown(path, arguments, at);
}

Value Interpreter::call_unknown(const std::string& what, const CallArguments& arguments, Node at) {
  if (arguments.find("task_id") && arguments.find("task_id")->is(Value::Kind::string)) {
    Value self = Value::with(Value::Kind::instance, {Value::symbol(what)});
    construct_airflow(self, arguments, false, at);
    return Value::indexed(Value::Kind::task, *self.object->task);
  }
  const auto reaches = [&](const Value& value) { return reaches_graph(value); };
  bool touches = std::ranges::any_of(arguments.positional, reaches);
  for (const CallArguments::Keyword& keyword : arguments.keywords) {
    touches = touches || reaches(keyword.value);
  }
  if (!touches || is_harmless(what)) return {};
  Endpoints ends;
  for (const Value& value : arguments.positional) collect(value, ends, false);
  for (const CallArguments::Keyword& keyword : arguments.keywords)
    collect(keyword.value, ends, false);
  const std::string reason = what + "() cannot be read: it may make tasks or edges";
  bool has_dag = false;
  const auto note_dag = [&](const Value& value) {
    if (!value.is(Value::Kind::dag)) return;
    has_dag = true;
    add_gap_to(value.index(), at, reason);
  };
  for (const Value& value : arguments.positional) note_dag(value);
  for (const CallArguments::Keyword& keyword : arguments.keywords) note_dag(keyword.value);
  if (!has_dag) add_gap(at, reason, ends.found);
  return {};
}

}  // namespace dagfix
