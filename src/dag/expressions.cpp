#include <algorithm>
#include <charconv>
#include <utility>

#include "dag/interpreter.hpp"

namespace dagfix {

namespace {

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits += c;
  }
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// What a format like "03" or "03d" makes of a number.
std::optional<std::string> formatted(const Value& value, std::string_view format) {
  if (format.empty()) return value.shown();
  if (!value.is(Value::Kind::integer)) return std::nullopt;
  if (format.ends_with('d')) format.remove_suffix(1);
  const bool has_zeros = format.starts_with('0');
  const auto width = integer_of(format);
  if (!format.empty() && (!width || *width < 0 || *width > 64)) return std::nullopt;
  std::string text = std::to_string(value.number);
  if (!width || value.number < 0)
    return value.number < 0 && width ? std::nullopt : std::optional(text);
  const std::size_t missing = static_cast<std::size_t>(*width) > text.size()
                                  ? static_cast<std::size_t>(*width) - text.size()
                                  : 0;
  return std::string(missing, has_zeros ? '0' : ' ') + text;
}

/// Less, equal or greater, for what can be ordered here.
std::optional<int> order(const Value& a, const Value& b) {
  const auto is_number = [](const Value& value) {
    return value.is(Value::Kind::integer) || value.is(Value::Kind::boolean);
  };
  if (is_number(a) && is_number(b)) return a.number < b.number ? -1 : a.number > b.number ? 1 : 0;
  if (a.is(Value::Kind::string) && b.is(Value::Kind::string)) {
    const int result = a.text.compare(b.text);
    return result < 0 ? -1 : result > 0 ? 1 : 0;
  }
  return std::nullopt;
}

bool is_opaque(const Value& value) {
  return value.is(Value::Kind::unknown) || value.is(Value::Kind::symbol) ||
         value.is(Value::Kind::method) || value.is(Value::Kind::choice) ||
         value.is(Value::Kind::instance) || value.is(Value::Kind::real);
}

std::optional<bool> equal(const Value& a, const Value& b) {
  if (a.is(Value::Kind::choice) || b.is(Value::Kind::choice)) {
    const Value& choice = a.is(Value::Kind::choice) ? a : b;
    const Value& other = a.is(Value::Kind::choice) ? b : a;
    std::optional<bool> all;
    for (const Value& one : choice.object->items) {
      const auto result = equal(one, other);
      if (!result || (all && *all != *result)) return std::nullopt;
      all = result;
    }
    return all;
  }
  if (a.same(b)) return true;
  if (is_opaque(a) || is_opaque(b)) return std::nullopt;
  if (const auto result = order(a, b)) return *result == 0;
  if (!a.is_sequence() && !a.is(Value::Kind::dict)) return false;
  if (a.kind != b.kind) return false;
  if (a.is(Value::Kind::dict) || a.object->is_open || b.object->is_open) return std::nullopt;
  if (a.object->items.size() != b.object->items.size()) return false;
  for (std::size_t i = 0; i < a.object->items.size(); ++i) {
    const auto result = equal(a.object->items[i], b.object->items[i]);
    if (!result || !*result) return result;
  }
  return true;
}

std::optional<bool> contains(const Value& container, const Value& item) {
  if (container.is(Value::Kind::string) && item.is(Value::Kind::string)) {
    return container.text.find(item.text) != std::string::npos;
  }
  if (!container.is_sequence() && !container.is(Value::Kind::dict)) return std::nullopt;
  const bool is_dict = container.is(Value::Kind::dict);
  bool is_unknown = container.object->is_open;
  for (const Value& known : is_dict ? container.object->keys : container.object->items) {
    const auto result = equal(known, item);
    if (result == true && !known.may) return true;
    if (result != false) is_unknown = true;
  }
  return is_unknown ? std::nullopt : std::optional(false);
}

std::optional<bool> compare(std::string_view op, const Value& a, const Value& b) {
  const auto negated = [](std::optional<bool> value) {
    return value ? std::optional(!*value) : std::nullopt;
  };
  if (op == "==") return equal(a, b);
  if (op == "!=" || op == "<>") return negated(equal(a, b));
  if (op == "in") return contains(b, a);
  if (op == "not in") return negated(contains(b, a));
  if (op == "is" || op == "is not") {
    auto result = equal(a, b);
    // An object of an unknown kind may be None; what is imported from a module is not.
    const bool same_kind = op == "is";
    return same_kind ? result : negated(result);
  }
  const auto result = order(a, b);
  if (!result) return std::nullopt;
  if (op == "<") return *result < 0;
  if (op == "<=") return *result <= 0;
  if (op == ">") return *result > 0;
  if (op == ">=") return *result >= 0;
  return std::nullopt;
}

/// A method of an object.
Value bound(const Value& function, const Value& self) {
  if (function.object->attributes.contains("@static")) return function;
  return Value::with(Value::Kind::bound, {function, self});
}

Value boolean_or_unknown(std::optional<bool> value) {
  return value ? Value::boolean(*value) : Value{};
}

}  // namespace

Value Interpreter::evaluate(Node node) {
  if (!node || !has_budget() || depth_ > kMostDepth) return {};
  ++depth_;
  Value value = evaluate_kind(node);
  --depth_;
  return value;
}

Value Interpreter::evaluate_kind(Node node) {
  switch (node.kind()) {
    case Kind::identifier:
      return look_up(node);
    case Kind::string:
    case Kind::concatenated_string:
      return evaluate_string(node);
    case Kind::integer: {
      const auto value = integer_of(node.text());
      return value ? Value::integer(*value) : Value{};
    }
    case Kind::float_:
      return {Value::Kind::real, false, 0, std::string(node.text()), {}};
    case Kind::true_:
      return Value::boolean(true);
    case Kind::false_:
      return Value::boolean(false);
    case Kind::none:
      return Value::none();
    case Kind::parenthesized_expression: {
      const auto inner = node.named_children();
      return inner.size() == 1 ? evaluate(inner[0]) : Value{};
    }
    case Kind::list:
      return evaluate_elements(node, Value::Kind::list);
    case Kind::tuple:
    case Kind::expression_list:
      return evaluate_elements(node, Value::Kind::tuple);
    case Kind::set:
      return evaluate_elements(node, Value::Kind::set);
    case Kind::dictionary:
      return evaluate_dictionary(node);
    case Kind::list_comprehension:
    case Kind::set_comprehension:
    case Kind::generator_expression:
    case Kind::dictionary_comprehension:
      return evaluate_comprehension(node);
    case Kind::call:
      return evaluate_call(node);
    case Kind::attribute:
      return evaluate_attribute(node);
    case Kind::subscript:
      return evaluate_subscript(node);
    case Kind::binary_operator:
      return evaluate_binary(node);
    case Kind::comparison_operator:
      return evaluate_comparison(node);
    case Kind::boolean_operator:
      return evaluate_boolean(node);
    case Kind::not_operator: {
      const auto truth = evaluate(node.child(Field::argument)).truth();
      return truth ? Value::boolean(!*truth) : Value{};
    }
    case Kind::unary_operator: {
      const Value value = evaluate(node.child(Field::argument));
      const bool is_minus = node.text().starts_with('-');
      return is_minus && value.is(Value::Kind::integer) ? Value::integer(-value.number) : Value{};
    }
    case Kind::conditional_expression: {
      const auto parts = node.named_children();
      if (parts.size() != 3) return {};
      const auto truth = evaluate(parts[1]).truth();
      if (truth) return evaluate(*truth ? parts[0] : parts[2]);
      ++unsure_;
      const Value one = evaluate(parts[0]);
      const Value other = evaluate(parts[2]);
      --unsure_;
      return Value::either(one, other);
    }
    case Kind::named_expression: {
      Value value = evaluate(node.child(Field::value));
      assign(node.child(Field::name), value);
      return value;
    }
    case Kind::assignment: {
      if (!node.child(Field::right)) return {};
      Value value = evaluate(node.child(Field::right));
      assign(node.child(Field::left), value);
      return value;
    }
    case Kind::augmented_assignment:
      assign_augmented(node);
      return {};
    case Kind::lambda: {
      Value value = Value::with(Value::Kind::function, {});
      value.object->node = node;
      value.object->module = frames_.back().module;
      value.object->scope = frames_.back().scope;
      return value;
    }
    case Kind::yield:
      frames_.back().is_generator = true;
      for (const Node part : node.named_children()) evaluate(part);
      return {};
    default:
      return {};
  }
}

Value Interpreter::look_up(Node identifier) {
  const std::string_view name = identifier.text();
  bool is_innermost = true;
  for (const NameScope* scope = frames_.back().scope.get(); scope; scope = scope->parent.get()) {
    if (!scope->is_class || is_innermost) {
      if (const auto found = scope->names.find(name); found != scope->names.end()) {
        return found->second;
      }
    }
    is_innermost = false;
  }
  if (name == "__name__") return Value::string(frames_.back().module->is_main ? "dag" : "module");
  if (const auto symbol = frames_.back().module->model->resolve(identifier)) {
    return imported("", symbol->path);
  }
  Value value = Value::symbol("builtins." + std::string(name));
  return value;
}

Value Interpreter::evaluate_string(Node node) {
  std::string text;
  if (node.is(Kind::concatenated_string)) {
    for (const Node part : node.named_children()) {
      const Value value = evaluate_string(part);
      if (!value.is(Value::Kind::string)) return {};
      text += value.text;
    }
    return Value::string(std::move(text));
  }
  if (const auto value = string_value(node)) return Value::string(*value);
  const Node start = node.child(Kind::string_start);
  const Node stop = node.child(Kind::string_end);
  if (!start || !stop || !node.child(Kind::interpolation)) return {};
  std::uint32_t at = start.end();
  for (Node part = node.first_child(); part; part = part.next_sibling()) {
    if (!part.is(Kind::interpolation)) continue;
    const auto before = string_part(node, {at, part.begin()});
    at = part.end();
    const auto inner = part.named_children();
    const Node format = part.child(Kind::format_specifier);
    if (!before || inner.empty() || part.child(Kind::type_conversion)) return {};
    if (format && format.text().find('{') != std::string_view::npos) return {};
    if (part.text().find('=') != std::string_view::npos && !inner[0].is(Kind::string) &&
        part.text().substr(inner[0].end() - part.begin()).starts_with('=')) {
      return {};
    }
    const auto shown =
        formatted(evaluate(inner[0]), format ? format.text().substr(1) : std::string_view());
    if (!shown) return {};
    text += *before + *shown;
  }
  const auto rest = string_part(node, {at, stop.begin()});
  return rest ? Value::string(text + *rest) : Value{};
}

Value Interpreter::evaluate_binary(Node node) {
  const std::string_view op = node.child(Field::operator_).text();
  const Value left = evaluate(node.child(Field::left));
  const Value right = evaluate(node.child(Field::right));
  return combine(op, left, right, node);
}

Value Interpreter::combine(std::string_view op, const Value& left, const Value& right, Node at) {
  if (op == ">>" || op == "<<") {
    if (left.is(Value::Kind::integer) && right.is(Value::Kind::integer)) return {};
    op == ">>" ? relate(left, right, at) : relate(right, left, at);
    return right;
  }
  if (left.is(Value::Kind::integer) && right.is(Value::Kind::integer)) {
    const std::int64_t a = left.number;
    const std::int64_t b = right.number;
    std::int64_t result = 0;
    if (op == "+" && !__builtin_add_overflow(a, b, &result)) return Value::integer(result);
    if (op == "-" && !__builtin_sub_overflow(a, b, &result)) return Value::integer(result);
    if (op == "*" && !__builtin_mul_overflow(a, b, &result)) return Value::integer(result);
    const bool is_plain = a >= 0 && b > 0;
    if (op == "//" && is_plain) return Value::integer(a / b);
    if (op == "%" && is_plain) return Value::integer(a % b);
    return {};
  }
  if (op == "+" && left.is(Value::Kind::string) && right.is(Value::Kind::string)) {
    return Value::string(left.text + right.text);
  }
  if (op == "%" && left.is(Value::Kind::string)) {
    std::string text;
    std::vector<Value> values =
        right.is(Value::Kind::tuple) ? right.object->items : std::vector<Value>{right};
    std::size_t used = 0;
    for (std::size_t i = 0; i < left.text.size(); ++i) {
      if (left.text[i] != '%' || i + 1 == left.text.size()) {
        text += left.text[i];
        continue;
      }
      const char kind = left.text[++i];
      if (kind == '%') {
        text += '%';
        continue;
      }
      const auto shown = used < values.size() ? values[used].shown() : std::nullopt;
      if (!shown || (kind != 's' && kind != 'd' && kind != 'i')) return {};
      ++used;
      text += *shown;
    }
    return used == values.size() ? Value::string(std::move(text)) : Value{};
  }
  if (op == "+" && left.is_sequence() && right.is_sequence()) {
    Value joined = made(left.kind, left.object->items);
    joined.object->items.insert(joined.object->items.end(), right.object->items.begin(),
                                right.object->items.end());
    joined.object->is_open = left.object->is_open || right.object->is_open;
    return joined;
  }
  if (op == "+" && (left.is_sequence() || right.is_sequence())) {
    Value open = made(Value::Kind::list, (left.is_sequence() ? left : right).object->items);
    open.object->is_open = true;
    return open;
  }
  if (op == "*" && (left.is_sequence() || right.is_sequence())) {
    const Value& list = left.is_sequence() ? left : right;
    const Value& count = left.is_sequence() ? right : left;
    if (!count.is(Value::Kind::integer) || count.number < 0 || count.number > 1000) return {};
    Value repeated = made(list.kind, {});
    for (std::int64_t i = 0; i < count.number; ++i) {
      repeated.object->items.insert(repeated.object->items.end(), list.object->items.begin(),
                                    list.object->items.end());
    }
    repeated.object->is_open = list.object->is_open;
    return repeated;
  }
  if (op == "|" && left.is(Value::Kind::dict) && right.is(Value::Kind::dict)) {
    Value joined = made(Value::Kind::dict, left.object->items);
    joined.object->keys = left.object->keys;
    joined.object->is_open = left.object->is_open || right.object->is_open;
    for (std::size_t i = 0; i < right.object->keys.size(); ++i) {
      set_item(joined, right.object->keys[i], right.object->items[i]);
    }
    return joined;
  }
  return {};
}

Value Interpreter::evaluate_comparison(Node node) {
  std::vector<Node> operands;
  std::vector<std::string_view> operators;
  for (Node child = node.first_child(); child; child = child.next_sibling()) {
    if (child.field() == Field::operators) {
      operators.push_back(child.text());
    } else if (child.named() && !child.is(Kind::comment)) {
      operands.push_back(child);
    }
  }
  if (operands.size() < 2 || operators.size() + 1 != operands.size()) return {};
  bool is_unknown = false;
  Value left = evaluate(operands[0]);
  for (std::size_t i = 0; i < operators.size(); ++i) {
    const Value right = evaluate(operands[i + 1]);
    const auto result = compare(operators[i], left, right);
    if (result == false) return Value::boolean(false);
    is_unknown = is_unknown || !result;
    left = right;
  }
  return is_unknown ? Value{} : boolean_or_unknown(true);
}

Value Interpreter::evaluate_boolean(Node node) {
  const Value left = evaluate(node.child(Field::left));
  const bool is_and = node.child(Field::operator_).text() == "and";
  const auto truth = left.truth();
  if (truth) return *truth == is_and ? evaluate(node.child(Field::right)) : left;
  ++unsure_;
  const Value right = evaluate(node.child(Field::right));
  --unsure_;
  const auto other = right.truth();
  if (other && *other != is_and) {
    // "unknown and False" is false whatever it is, but not always the same object.
    return right.is(Value::Kind::boolean) ? right : Value::either(left, right);
  }
  return Value::either(left, right);
}

Value Interpreter::evaluate_subscript(Node node) {
  const Value container = evaluate(node.child(Field::value));
  const Node key = node.child(Field::subscript);
  if (key.is(Kind::slice)) {
    if (!container.is_sequence()) return {};
    std::int64_t bounds[2] = {0, static_cast<std::int64_t>(container.object->items.size())};
    const auto size = bounds[1];
    int at = 0;
    bool is_known = !container.object->is_open;
    for (Node part = key.first_child(); part; part = part.next_sibling()) {
      if (part.is(Kind::colon)) {
        if (++at > 1) return {};
      } else {
        const Value bound = evaluate(part);
        is_known = is_known && bound.is(Value::Kind::integer);
        bounds[at] = bound.number < 0 ? bound.number + size : bound.number;
      }
    }
    Value part = made(container.kind, {});
    if (!is_known) {
      part.object->items = container.object->items;
      for (Value& item : part.object->items) item.may = true;
      return part;
    }
    for (std::int64_t i = std::max<std::int64_t>(bounds[0], 0); i < std::min(bounds[1], size);
         ++i) {
      part.object->items.push_back(container.object->items[static_cast<std::size_t>(i)]);
    }
    return part;
  }
  return item_of(container, evaluate(key));
}

Value Interpreter::item_of(const Value& container, const Value& key) {
  if (container.is_task()) return Value::indexed(Value::Kind::result, container.index());
  if (container.is(Value::Kind::method) || container.is(Value::Kind::unknown)) return {};
  if (container.is_sequence() && key.is(Value::Kind::integer)) {
    const auto& items = container.object->items;
    const auto size = static_cast<std::int64_t>(items.size());
    const std::int64_t at = key.number < 0 ? key.number + size : key.number;
    const bool is_shifted = std::ranges::any_of(items, [](const Value& item) { return item.may; });
    if (at < 0 || at >= size || is_shifted || (container.object->is_open && key.number < 0)) {
      return {};
    }
    return items[static_cast<std::size_t>(at)];
  }
  if (container.is(Value::Kind::dict)) {
    const Object& dict = *container.object;
    for (std::size_t i = dict.keys.size(); i-- > 0;) {
      const auto result = equal(dict.keys[i], key);
      if (!result) break;
      if (*result) return dict.items[i];
    }
    // Any of them, if the key is not known.
    if (key.is(Value::Kind::string) || dict.items.empty() || dict.is_open) return {};
  }
  if ((container.is(Value::Kind::dict) || container.is_sequence()) &&
      !container.object->items.empty() && !container.object->is_open) {
    Value any = container.object->items[0];
    for (const Value& item : container.object->items) any = Value::either(any, item);
    return any;
  }
  return {};
}

Value Interpreter::evaluate_attribute(Node node) {
  const Value object = evaluate(node.child(Field::object));
  return attribute_of(object, std::string(node.child(Field::attribute).text()), node);
}

Value Interpreter::attribute_of_task(const Value& value, const std::string& name) {
  const Task& task = tasks_[value.index()];
  if (name == "output") return Value::indexed(Value::Kind::result, value.index());
  if (const auto found = task.attributes.find(name); found != task.attributes.end()) {
    return found->second;
  }
  if (name == "task_id") return task.id ? Value::string(*task.id) : Value{};
  if (name == "dag" && task.dag != kNoDag) return Value::indexed(Value::Kind::dag, task.dag);
  if (task.instance) {
    const auto found = task.instance->attributes.find(name);
    if (found != task.instance->attributes.end()) return found->second;
    const Value inherited = class_attribute(task.instance->items[0], name);
    if (inherited.is(Value::Kind::function)) return bound(inherited, value);
    if (!inherited.is(Value::Kind::unknown)) return inherited;
  }
  Value method = Value::with(Value::Kind::method, {value});
  method.text = name;
  return method;
}

Value Interpreter::class_attribute(const Value& class_value, std::string_view name) {
  if (!class_value.is(Value::Kind::class_)) return {};
  const auto found = class_value.object->attributes.find(name);
  if (found != class_value.object->attributes.end()) return found->second;
  for (const Value& base : class_value.object->items) {
    Value inherited = class_attribute(base, name);
    if (!inherited.is(Value::Kind::unknown)) return inherited;
  }
  return {};
}

Value Interpreter::attribute_of(const Value& object, const std::string& name, Node at) {
  switch (object.kind) {
    case Value::Kind::symbol:
      return imported("", object.text + "." + name);
    case Value::Kind::task:
      return attribute_of_task(object, name);
    case Value::Kind::instance: {
      const auto found = object.object->attributes.find(name);
      if (found != object.object->attributes.end()) return found->second;
      if (object.object->task) {
        return attribute_of_task(Value::indexed(Value::Kind::task, *object.object->task), name);
      }
      const Value inherited = class_attribute(object.object->items[0], name);
      return inherited.is(Value::Kind::function) ? bound(inherited, object) : inherited;
    }
    case Value::Kind::class_: {
      Value member = class_attribute(object, name);
      if (!member.is(Value::Kind::unknown)) return member;
      break;
    }
    case Value::Kind::dag:
      if (name == "dag_id") {
        const auto& id = dags_[object.index()].id;
        return id ? Value::string(*id) : Value{};
      }
      break;
    case Value::Kind::choice: {
      Value all = attribute_of(object.object->items[0], name, at);
      for (const Value& one : object.object->items) {
        all = Value::either(all, attribute_of(one, name, at));
      }
      return all;
    }
    case Value::Kind::unknown:
    case Value::Kind::none:
      return {};
    default:
      break;
  }
  Value method = Value::with(Value::Kind::method, {object});
  method.text = name;
  return method;
}

Value Interpreter::evaluate_elements(Node node, Value::Kind kind) {
  Value value = made(kind, {});
  for (const Node element : node.named_children()) {
    if (element.is(Kind::list_splat)) {
      std::vector<Value> unpacked;
      const auto inner = element.named_children();
      const Value source = inner.empty() ? Value{} : evaluate(inner[0]);
      if (!elements_of(source, unpacked)) value.object->is_open = true;
      value.object->items.insert(value.object->items.end(), unpacked.begin(), unpacked.end());
    } else {
      value.object->items.push_back(evaluate(element));
    }
  }
  return value;
}

Value Interpreter::evaluate_dictionary(Node node) {
  Value value = made(Value::Kind::dict, {});
  for (const Node entry : node.named_children()) {
    if (entry.is(Kind::pair)) {
      const Value key = evaluate(entry.child(Field::key));
      const Value item = evaluate(entry.child(Field::value));
      name_task(entry.child(Field::key), item);
      set_item(value, key, item);
    } else if (entry.is(Kind::dictionary_splat)) {
      const auto inner = entry.named_children();
      const Value source = inner.empty() ? Value{} : evaluate(inner[0]);
      if (!source.is(Value::Kind::dict)) {
        value.object->is_open = true;
        continue;
      }
      if (source.object->is_open) value.object->is_open = true;
      for (std::size_t i = 0; i < source.object->keys.size(); ++i) {
        set_item(value, source.object->keys[i], source.object->items[i]);
      }
    }
  }
  return value;
}

bool Interpreter::elements_of(const Value& value, std::vector<Value>& out) {
  switch (value.kind) {
    case Value::Kind::list:
    case Value::Kind::tuple:
    case Value::Kind::set:
      out = value.object->items;
      return !value.object->is_open;
    case Value::Kind::dict:
      out = value.object->keys;
      return !value.object->is_open;
    case Value::Kind::string:
      for (const char c : value.text) {
        if (static_cast<unsigned char>(c) >= 0x80) return false;
        out.push_back(Value::string(std::string(1, c)));
      }
      return true;
    default:
      return false;
  }
}

void Interpreter::comprehend(const std::vector<Node>& clauses, std::size_t at,
                             const std::function<void()>& body) {
  if (at == clauses.size()) return body();
  const Node clause = clauses[at];
  if (clause.is(Kind::if_clause)) {
    const auto parts = clause.named_children();
    const auto truth = parts.empty() ? std::nullopt : evaluate(parts[0]).truth();
    if (truth == false) return;
    if (!truth) ++unsure_;
    comprehend(clauses, at + 1, body);
    if (!truth) --unsure_;
    return;
  }
  std::vector<Value> elements;
  const bool is_complete = elements_of(evaluate(clause.child(Field::right)), elements);
  for (const Value& element : elements) {
    if (!has_budget()) return;
    if (element.may) ++unsure_;
    assign(clause.child(Field::left), element);
    comprehend(clauses, at + 1, body);
    if (element.may) --unsure_;
  }
  if (is_complete) return;
  ++unsure_;
  ++many_;
  assign(clause.child(Field::left), {});
  comprehend(clauses, at + 1, body);
  --many_;
  --unsure_;
}

Value Interpreter::evaluate_comprehension(Node node) {
  const bool is_dict = node.is(Kind::dictionary_comprehension);
  Value value = made(is_dict                            ? Value::Kind::dict
                     : node.is(Kind::set_comprehension) ? Value::Kind::set
                                                        : Value::Kind::list,
                     {});
  std::vector<Node> clauses;
  for (const Node child : node.named_children()) {
    if (child.is(Kind::for_in_clause) || child.is(Kind::if_clause)) clauses.push_back(child);
  }
  const Node body = node.child(Field::body);
  const int many = many_;
  auto scope = make_scope();
  scope->parent = frames_.back().scope;
  const auto outer = std::exchange(frames_.back().scope, scope);
  comprehend(clauses, 0, [&] {
    if (is_dict) {
      const Value key = evaluate(body.child(Field::key));
      set_item(value, key, evaluate(body.child(Field::value)));
    } else {
      Value element = evaluate(body);
      element.may = is_outer(value);
      value.object->items.push_back(std::move(element));
    }
    if (many_ > many) value.object->is_open = true;
  });
  frames_.back().scope = outer;
  return value;
}

}  // namespace dagfix
