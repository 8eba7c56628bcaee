#include <algorithm>
#include <utility>

#include "dag/interpreter.hpp"

namespace dagfix {

namespace {

Value merged(const Value* a, const Value* b) {
  // A name that one of the ways does not bind has to be bound by the other where it is read.
  if (!a) return *b;
  if (!b) return *a;
  return Value::either(*a, *b);
}

void merge_names(NameScope& scope, const std::map<std::string, Value, std::less<>>& other) {
  for (const auto& [name, value] : other) {
    const auto found = scope.names.find(name);
    const Value* here = found == scope.names.end() ? nullptr : &found->second;
    scope.names.insert_or_assign(name, merged(here, &value));
  }
}

bool is_import_error(Node clause) {
  const auto children = clause.named_children();
  if (children.empty() || children[0].is(Kind::block)) return true;
  const std::string_view text = children[0].text();
  return text.find("ImportError") != std::string_view::npos ||
         text.find("ModuleNotFoundError") != std::string_view::npos ||
         text.starts_with("Exception") || text.starts_with("BaseException");
}

}  // namespace

Interpreter::Flow Interpreter::execute_block(Node block) {
  for (const Node statement : block.named_children()) {
    const Flow flow = execute(statement);
    if (flow != Flow::next) return flow;
  }
  return Flow::next;
}

Interpreter::Flow Interpreter::execute(Node statement) {
  if (!has_budget()) return Flow::next;
  switch (statement.kind()) {
    case Kind::expression_statement:
      for (const Node part : statement.named_children()) evaluate(part);
      return Flow::next;
    case Kind::if_statement:
      return execute_if(statement);
    case Kind::for_statement:
      return execute_for(statement);
    case Kind::while_statement:
      return execute_while(statement);
    case Kind::with_statement:
      return execute_with(statement);
    case Kind::try_statement:
      return execute_try(statement);
    case Kind::match_statement:
      return execute_match(statement);
    case Kind::import_statement:
    case Kind::import_from_statement:
      execute_import(statement);
      return Flow::next;
    case Kind::function_definition:
    case Kind::class_definition:
      execute_definition(statement, {});
      return Flow::next;
    case Kind::decorated_definition: {
      std::vector<Node> decorators;
      for (const Node child : statement.named_children()) {
        if (child.is(Kind::decorator)) decorators.push_back(child);
      }
      execute_definition(statement.child(Field::definition), decorators);
      return Flow::next;
    }
    case Kind::return_statement: {
      const auto values = statement.named_children();
      Value value = values.empty() ? Value::none() : evaluate(values[0]);
      frames_.back().returns.push_back(std::move(value));
      return Flow::return_;
    }
    case Kind::break_statement:
      return Flow::break_;
    case Kind::continue_statement:
      return Flow::continue_;
    case Kind::raise_statement:
      return Flow::raise_;
    case Kind::delete_statement:
      execute_delete(statement);
      return Flow::next;
    case Kind::global_statement:
      for (const Node name : statement.named_children()) {
        frames_.back().scope->globals.emplace(name.text());
      }
      return Flow::next;
    default:
      return Flow::next;
  }
}

void Interpreter::execute_delete(Node statement) {
  for (const Node target : statement.named_children()) {
    if (target.is(Kind::identifier)) {
      const auto found = frames_.back().scope->names.find(target.text());
      if (found != frames_.back().scope->names.end()) frames_.back().scope->names.erase(found);
    } else if (target.is(Kind::subscript)) {
      const Value container = evaluate(target.child(Field::value));
      if (container.object) container.object->is_open = true;
    }
  }
}

Interpreter::Flow Interpreter::execute_if(Node statement) {
  const auto known = evaluate(statement.child(Field::condition)).truth();
  const Node consequence = statement.child(Field::consequence);
  // `elif` and `else` clauses follow one another as children.
  std::vector<Node> clauses;
  for (const Node child : statement.named_children()) {
    if (child.is(Kind::elif_clause) || child.is(Kind::else_clause)) {
      clauses.push_back(child);
    }
  }
  std::function<Flow(std::size_t)> rest = [&](std::size_t at) {
    if (at == clauses.size()) return Flow::next;
    const Node clause = clauses[at];
    if (clause.is(Kind::else_clause)) return execute_block(clause.child(Field::body));
    const auto holds = evaluate(clause.child(Field::condition)).truth();
    if (!holds) {
      return execute_branches([&] { return execute_block(clause.child(Field::consequence)); },
                              [&] { return rest(at + 1); });
    }
    return *holds ? execute_block(clause.child(Field::consequence)) : rest(at + 1);
  };
  if (!known) {
    return execute_branches([&] { return execute_block(consequence); }, [&] { return rest(0); });
  }
  return *known ? execute_block(consequence) : rest(0);
}

Interpreter::Flow Interpreter::execute_branches(const std::function<Flow()>& first,
                                                const std::function<Flow()>& second) {
  const std::shared_ptr<NameScope> scope = frames_.back().scope;
  const auto before = scope->names;
  const int unsure = unsure_;
  const int round = round_unsure_;
  unsure_ = unsure + 1;
  const Flow one = first();
  auto after_first = std::exchange(scope->names, before);
  unsure_ = unsure + 1;
  const Flow other = second();
  unsure_ = unsure;
  round_unsure_ = round;
  if (one == Flow::next && other == Flow::next) {
    merge_names(*scope, after_first);
    return Flow::next;
  }
  if (other == Flow::next || one == Flow::next) {
    if (one == Flow::next) scope->names = std::move(after_first);
    // Unless the other way ends in an error, the rest of the block may not run.
    const Flow ended = one == Flow::next ? other : one;
    if (ended != Flow::raise_) ++unsure_;
    if (ended == Flow::continue_) ++round_unsure_;
    return Flow::next;
  }
  merge_names(*scope, after_first);
  if (one == other) return one;
  if (one == Flow::raise_) return other;
  return one == Flow::return_ || other == Flow::raise_ ? one : other;
}

Interpreter::Flow Interpreter::execute_loop_body(Node body, bool is_unknown) {
  const int unsure = unsure_;
  if (!is_unknown) {
    // What a `continue` of an unknown branch leaves open ends with the round.
    const int outer = std::exchange(round_unsure_, 0);
    const Flow flow = execute_block(body);
    unsure_ -= round_unsure_;
    round_unsure_ = outer;
    return flow;
  }
  ++many_;
  const Flow flow =
      execute_branches([&] { return execute_block(body); }, [] { return Flow::next; });
  --many_;
  unsure_ = unsure;
  return flow == Flow::return_ ? Flow::next : flow;
}

Interpreter::Flow Interpreter::execute_for(Node statement) {
  const Node target = statement.child(Field::left);
  const Node body = statement.child(Field::body);
  std::vector<Value> elements;
  const bool is_complete = elements_of(evaluate(statement.child(Field::right)), elements);
  const int unsure = unsure_;
  bool is_broken = false;
  for (const Value& element : elements) {
    if (!has_budget() || tasks_.size() > kMostTasks) break;
    const int before = unsure_;
    if (element.may) ++unsure_;
    assign(target, element);
    const Flow flow = execute_loop_body(body, false);
    if (element.may) unsure_ = before;
    if (flow == Flow::break_) {
      is_broken = true;
      break;
    }
    if (flow == Flow::return_ || flow == Flow::raise_) return flow;
  }
  if (!is_complete && !is_broken) {
    assign(target, {});
    execute_loop_body(body, true);
  }
  unsure_ = unsure;
  for (const Node child : statement.named_children()) {
    if (child.is(Kind::else_clause) && !is_broken) {
      return execute_block(child.child(Field::body));
    }
  }
  return Flow::next;
}

Interpreter::Flow Interpreter::execute_while(Node statement) {
  const Node body = statement.child(Field::body);
  const int unsure = unsure_;
  while (has_budget() && tasks_.size() <= kMostTasks) {
    const auto holds = evaluate(statement.child(Field::condition)).truth();
    if (!holds) {
      execute_loop_body(body, true);
      break;
    }
    if (!*holds) break;
    const Flow flow = execute_loop_body(body, false);
    if (flow == Flow::break_) break;
    if (flow == Flow::return_ || flow == Flow::raise_) return flow;
  }
  unsure_ = unsure;
  return Flow::next;
}

Interpreter::Flow Interpreter::execute_with(Node statement) {
  std::size_t entered = 0;
  for (const Node item : statement.child(Kind::with_clause).named_children()) {
    Node value = item.child(Field::value);
    Node target;
    if (value.is(Kind::as_pattern)) {
      const auto parts = value.named_children();
      if (parts.empty()) continue;
      target = value.child(Kind::as_pattern_target);
      if (target && !target.named_children().empty()) target = target.named_children()[0];
      value = parts[0];
    }
    const Value context = evaluate(value);
    if (context.is(Value::Kind::dag)) dags_[context.index()].is_entered = true;
    if (context.is(Value::Kind::dag) || context.is(Value::Kind::group)) {
      contexts_.push_back(context);
      ++entered;
    }
    const bool is_own = context.is(Value::Kind::dag) || context.is(Value::Kind::group);
    if (target) assign(target, is_own ? context : Value{});
  }
  const Flow flow = execute_block(statement.child(Field::body));
  contexts_.resize(contexts_.size() - entered);
  return flow;
}

bool Interpreter::import_fails(Node body) {
  for (const Node statement : body.named_children()) {
    const bool is_import =
        statement.is(Kind::import_statement) || statement.is(Kind::import_from_statement);
    if (!is_import) continue;
    for (const Import& import : frames_.back().module->model->imports()) {
      if (!(import.statement == statement)) continue;
      if (names_.has_operator_module(import.module) == false) return true;
    }
  }
  return false;
}

Interpreter::Flow Interpreter::execute_try(Node statement) {
  const Node body = statement.child(Field::body);
  std::vector<Node> handlers;
  Node otherwise;
  Node last;
  for (const Node child : statement.named_children()) {
    if (child.is(Kind::except_clause)) handlers.push_back(child);
    if (child.is(Kind::else_clause)) otherwise = child.child(Field::body);
    if (child.is(Kind::finally_clause)) last = child.child(Kind::block);
  }
  Flow flow = Flow::next;
  const auto handler = std::ranges::find_if(handlers, is_import_error);
  if (handler != handlers.end() && import_fails(body)) {
    flow = execute_block(handler->child(Kind::block));
  } else {
    flow = execute_block(body);
    const bool only_imports = std::ranges::all_of(body.named_children(), [&](Node part) {
      if (part.is(Kind::expression_statement)) return true;  // HAS_X = True
      if (part.is(Kind::import_statement) || part.is(Kind::import_from_statement)) {
        return std::ranges::all_of(frames_.back().module->model->imports(), [&](const Import& one) {
          return !(one.statement == part) || names_.has_operator_module(one.module) == true;
        });
      }
      return false;
    });
    if (!only_imports && flow == Flow::next && !handlers.empty()) {
      // It is not known whether something was raised.
      std::function<Flow(std::size_t)> rest = [&](std::size_t at) -> Flow {
        if (at == handlers.size()) return Flow::next;
        return execute_branches([&] { return execute_block(handlers[at].child(Kind::block)); },
                                [&] { return rest(at + 1); });
      };
      flow = rest(0);
    }
    if (flow == Flow::next && otherwise) flow = execute_block(otherwise);
    if (flow == Flow::raise_ && !handlers.empty()) flow = Flow::next;
  }
  if (last) {
    const Flow ended = execute_block(last);
    if (ended != Flow::next) return ended;
  }
  return flow;
}

Interpreter::Flow Interpreter::execute_match(Node statement) {
  evaluate(statement.child(Field::subject));
  std::vector<Node> cases;
  for (const Node child : statement.child(Field::body).named_children()) {
    if (child.is(Kind::case_clause)) cases.push_back(child);
  }
  std::function<Flow(std::size_t)> rest = [&](std::size_t at) -> Flow {
    if (at == cases.size()) return Flow::next;
    return execute_branches([&] { return execute_block(cases[at].child(Field::consequence)); },
                            [&] { return rest(at + 1); });
  };
  return rest(0);
}

void Interpreter::execute_import(Node statement) {
  const LoadedModule& module = *frames_.back().module;
  for (const Import& import : module.model->imports()) {
    if (!(import.statement == statement)) continue;
    if (import.form == Import::Form::from) {
      bind(import.local, imported(import.module, import.name));
    } else if (import.form == Import::Form::module) {
      bind(import.local, Value::symbol(import.has_alias ? import.module : import.local));
    } else if (const LoadedModule* other = load(import.module)) {
      for (const auto& [name, value] : other->globals->names) {
        if (!name.starts_with('_')) bind(name, value);
      }
    } else if (const auto dot = import.module.rfind('.'); dot != std::string::npos) {
      // Kaapana has one class a module, named like the module.
      bind(import.module.substr(dot + 1), Value::symbol(import.module + import.module.substr(dot)));
    }
  }
}

void Interpreter::execute_definition(Node definition, const std::vector<Node>& decorators) {
  const bool is_class = definition.is(Kind::class_definition);
  Value value = Value::with(is_class ? Value::Kind::class_ : Value::Kind::function, {});
  Object& object = *value.object;
  Frame& frame = frames_.back();
  object.node = definition;
  object.module = frame.module;
  object.scope = frame.scope;
  const std::string name(definition.child(Field::name).text());
  value.text = name;
  if (is_class) {
    for (const Node base : definition.child(Field::superclasses).named_children()) {
      if (!base.is(Kind::keyword_argument)) object.items.push_back(evaluate(base));
    }
    auto scope = make_scope();
    scope->parent = frame.scope;
    scope->is_class = true;
    Frame body{frame.module, scope, {}, {}, {}, false};
    frames_.push_back(std::move(body));
    execute_block(definition.child(Field::body));
    frames_.pop_back();
    object.attributes = std::move(scope->names);
  } else {
    // Defaults are evaluated once, where the function is defined.
    for (const Node parameter : definition.child(Field::parameters).named_children()) {
      if (!parameter.is(Kind::default_parameter) && !parameter.is(Kind::typed_default_parameter)) {
        continue;
      }
      object.attributes.insert_or_assign(std::string(parameter.child(Field::name).text()),
                                         evaluate(parameter.child(Field::value)));
    }
  }
  for (std::size_t i = decorators.size(); i-- > 0;) {
    const auto inner = decorators[i].named_children();
    if (inner.empty()) continue;
    value = decorate(std::move(value), evaluate(inner[0]), decorators[i]);
  }
  bind(name, std::move(value));
}

void Interpreter::bind(std::string_view name, Value value) {
  NameScope* scope = frames_.back().scope.get();
  if (scope->globals.contains(name)) scope = frames_.back().module->globals.get();
  scope->names.insert_or_assign(std::string(name), std::move(value));
}

void Interpreter::name_task(Node target, const Value& value) {
  if (!value.is(Value::Kind::task) && !value.is(Value::Kind::result)) return;
  Task& task = tasks_[value.index()];
  const bool is_global = frames_.back().scope == loaded_.front()->globals;
  if (!task.variable.empty() && (task.is_global_variable || !is_global)) return;
  task.variable = target.text();
  task.is_global_variable = is_global;
}

void Interpreter::assign(Node target, const Value& value) {
  switch (target.kind()) {
    case Kind::identifier:
      name_task(target, value);
      bind(target.text(), value);
      return;
    case Kind::parenthesized_expression:
      if (!target.named_children().empty()) assign(target.named_children()[0], value);
      return;
    case Kind::pattern_list:
    case Kind::tuple_pattern:
    case Kind::list_pattern:
    case Kind::expression_list:
    case Kind::tuple:
    case Kind::list:
      return assign_parts(target.named_children(), value);
    case Kind::attribute: {
      const Value object = evaluate(target.child(Field::object));
      const std::string name(target.child(Field::attribute).text());
      name_task(target, value);
      if (object.is(Value::Kind::instance)) object.object->attributes.insert_or_assign(name, value);
      if (object.is(Value::Kind::task))
        tasks_[object.index()].attributes.insert_or_assign(name, value);
      return;
    }
    case Kind::subscript: {
      const Value container = evaluate(target.child(Field::value));
      const auto keys = target.named_children();
      name_task(target, value);
      if (keys.size() == 2) set_item(container, evaluate(keys[1]), value);
      return;
    }
    default:
      return;
  }
}

void Interpreter::assign_parts(const std::vector<Node>& targets, const Value& value) {
  std::vector<Value> elements;
  const bool is_complete = value.is_sequence() && elements_of(value, elements);
  const auto star = std::ranges::find_if(targets, [](Node target) {
    return target.is(Kind::list_splat_pattern) || target.is(Kind::list_splat);
  });
  const bool has_star = star != targets.end();
  const bool fits = is_complete && (has_star ? elements.size() + 1 >= targets.size()
                                             : elements.size() == targets.size());
  std::size_t at = 0;
  for (const Node target : targets) {
    const bool is_star = has_star && target == *star;
    const Node name =
        is_star && !target.named_children().empty() ? target.named_children()[0] : target;
    if (!fits) {
      assign(name, {});
    } else if (is_star) {
      const std::size_t count = elements.size() + 1 - targets.size();
      const auto first = elements.begin() + static_cast<std::ptrdiff_t>(at);
      assign(name, made(Value::Kind::list, {first, first + static_cast<std::ptrdiff_t>(count)}));
      at += count;
    } else {
      assign(name, elements[at++]);
    }
  }
}

void Interpreter::assign_augmented(Node statement) {
  const Node target = statement.child(Field::left);
  const Value left = evaluate(target);
  const Value right = evaluate(statement.child(Field::right));
  std::string_view op = statement.child(Field::operator_).text();
  op.remove_suffix(1);
  if (op == "+" && left.is(Value::Kind::list)) {
    std::vector<Value> added;
    if (!elements_of(right, added)) left.object->is_open = true;
    for (Value& element : added) {
      element.may = element.may || is_outer(left);
      left.object->items.push_back(std::move(element));
    }
    return;
  }
  assign(target, combine(op, left, right, statement));
}

}  // namespace dagfix
