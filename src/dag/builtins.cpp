#include <algorithm>
#include <charconv>
#include <numeric>

#include "dag/interpreter.hpp"

namespace dagfix {

namespace {

constexpr std::int64_t kLongestRange = 2000;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  if (from.empty()) return text;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string stripped(std::string_view text, std::string_view what, bool left, bool right) {
  while (left && !text.empty() && what.find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  while (right && !text.empty() && what.find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// str.format() with {}, {0} and {name}.
std::optional<std::string> formatted(std::string_view pattern, const CallArguments& arguments) {
  std::string text;
  std::size_t next = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const bool is_double = i + 1 < pattern.size() && pattern[i + 1] == c;
    if ((c == '{' || c == '}') && is_double) {
      text += c;
      ++i;
      continue;
    }
    if (c != '{') {
      text += c;
      continue;
    }
    const auto close = pattern.find('}', i);
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view name = pattern.substr(i + 1, close - i - 1);
    const Value* value = nullptr;
    std::size_t number = 0;
    if (name.empty()) {
      value = arguments.get("", next++);
    } else if (std::from_chars(name.data(), name.data() + name.size(), number).ptr ==
               name.data() + name.size()) {
      value = arguments.get("", number);
    } else {
      value = arguments.find(name);
    }
    const auto shown = value ? value->shown() : std::nullopt;
    if (!shown) return std::nullopt;
    text += *shown;
    i = close;
  }
  return text;
}

Value strings(std::vector<std::string> parts) {
  std::vector<Value> items;
  for (std::string& part : parts) items.push_back(Value::string(std::move(part)));
  return Value::with(Value::Kind::list, std::move(items));
}

std::optional<Value> range_of(const CallArguments& arguments) {
  std::int64_t bounds[3] = {0, 0, 1};
  const auto& given = arguments.positional;
  if (given.empty() || given.size() > 3) return std::nullopt;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!given[i].is(Value::Kind::integer)) return std::nullopt;
    bounds[i] = given[i].number;
  }
  if (given.size() == 1) std::swap(bounds[0], bounds[1]);
  if (bounds[2] == 0) return std::nullopt;
  std::vector<Value> items;
  for (std::int64_t i = bounds[0]; bounds[2] > 0 ? i < bounds[1] : i > bounds[1]; i += bounds[2]) {
    if (static_cast<std::int64_t>(items.size()) >= kLongestRange) return std::nullopt;
    items.push_back(Value::integer(i));
  }
  return Value::with(Value::Kind::list, std::move(items));
}

std::optional<Value> sorted(std::vector<Value> items, const CallArguments& arguments) {
  if (arguments.find("key")) return std::nullopt;
  const auto all = [&](Value::Kind kind) {
    return std::ranges::all_of(items, [&](const Value& item) { return item.is(kind); });
  };
  if (!all(Value::Kind::string) && !all(Value::Kind::integer)) return std::nullopt;
  std::ranges::stable_sort(items, [](const Value& a, const Value& b) {
    return a.is(Value::Kind::string) ? a.text < b.text : a.number < b.number;
  });
  if (const Value* reverse = arguments.find("reverse")) {
    if (!reverse->truth()) return std::nullopt;
    if (*reverse->truth()) std::ranges::reverse(items);
  }
  return Value::with(Value::Kind::list, std::move(items));
}

}  // namespace

Value Interpreter::made(Value::Kind kind, std::vector<Value> items) const {
  Value value = Value::with(kind, std::move(items));
  value.object->unsure = unsure_;
  return value;
}

bool Interpreter::is_outer(const Value& container) const {
  return unsure_ > container.object->unsure;
}

void Interpreter::set_item(const Value& container, const Value& key, const Value& value) {
  if (container.is(Value::Kind::list) && key.is(Value::Kind::integer)) {
    auto& items = container.object->items;
    const auto at =
        key.number < 0 ? key.number + static_cast<std::int64_t>(items.size()) : key.number;
    if (at >= 0 && at < static_cast<std::int64_t>(items.size())) {
      Value& item = items[static_cast<std::size_t>(at)];
      item = is_outer(container) ? Value::either(item, value) : value;
    }
    return;
  }
  if (!container.is(Value::Kind::dict)) return;
  Object& dict = *container.object;
  if (dict.scope && key.is(Value::Kind::string)) {  // globals()
    dict.scope->names.insert_or_assign(key.text, value);
    return;
  }
  if (dict.scope && value.is(Value::Kind::dag)) dags_[value.index()].is_entered = true;
  for (std::size_t i = 0; i < dict.keys.size(); ++i) {
    if (!dict.keys[i].same(key)) continue;
    dict.items[i] = is_outer(container) ? Value::either(dict.items[i], value) : value;
    return;
  }
  dict.keys.push_back(key);
  dict.items.push_back(value);
  dict.items.back().may = is_outer(container);
  dict.keys.back().may = dict.items.back().may;
  if (key.is(Value::Kind::unknown)) dict.is_open = true;
}

std::optional<Value> Interpreter::call_builtin(std::string_view name,
                                               const CallArguments& arguments, Node at) {
  const auto& given = arguments.positional;
  std::vector<Value> first;
  const bool is_complete = !given.empty() && elements_of(given[0], first);
  const auto listed = [&](Value::Kind kind, std::vector<Value> items) {
    Value value = made(kind, std::move(items));
    value.object->is_open = !is_complete;
    return value;
  };
  if (name == "range") {
    auto range = range_of(arguments);
    if (!range) return Value{};
    range->object->unsure = unsure_;
    return range;
  }
  if (name == "list" || name == "tuple" || name == "set" || name == "reversed" || name == "iter" ||
      name == "frozenset") {
    if (name == "reversed") std::ranges::reverse(first);
    const auto kind = name == "tuple"                        ? Value::Kind::tuple
                      : name == "set" || name == "frozenset" ? Value::Kind::set
                                                             : Value::Kind::list;
    if (given.empty()) return made(kind, {});
    return listed(kind, std::move(first));
  }
  if (name == "sorted") {
    if (is_complete) {
      if (auto value = sorted(first, arguments)) return value;
    }
    Value open = made(Value::Kind::list, {});
    if (is_complete && first.size() < 2) return listed(Value::Kind::list, std::move(first));
    open.object->is_open = true;
    return open;
  }
  if (name == "len") {
    const bool is_sure = std::ranges::none_of(first, [](const Value& item) { return item.may; });
    const bool is_counted = is_complete && is_sure;
    return is_counted ? Value::integer(static_cast<std::int64_t>(first.size())) : Value{};
  }
  if (name == "enumerate") {
    const Value* start = arguments.get("start", 1);
    if (start && !start->is(Value::Kind::integer)) return Value{};
    std::int64_t number = start ? start->number : 0;
    std::vector<Value> pairs;
    for (const Value& item : first) {
      Value pair = Value::with(Value::Kind::tuple, {Value::integer(number++), item});
      pair.may = item.may;
      pairs.push_back(std::move(pair));
    }
    return listed(Value::Kind::list, std::move(pairs));
  }
  if (name == "zip") {
    std::vector<Value> rows;
    bool is_open = arguments.is_open;
    for (std::size_t row = 0;; ++row) {
      std::vector<Value> items;
      for (const Value& source : given) {
        std::vector<Value> elements;
        if (!elements_of(source, elements)) is_open = true;
        if (row < elements.size()) items.push_back(elements[row]);
      }
      if (given.empty() || items.size() < given.size()) break;
      rows.push_back(Value::with(Value::Kind::tuple, std::move(items)));
    }
    Value value = made(Value::Kind::list, std::move(rows));
    value.object->is_open = is_open;
    return value;
  }
  if (name == "dict") {
    Value value = made(Value::Kind::dict, {});
    value.object->is_open = arguments.is_open || (!given.empty() && !is_complete);
    if (!given.empty() && given[0].is(Value::Kind::dict)) {
      value.object->keys = given[0].object->keys;
      value.object->items = given[0].object->items;
    } else {
      for (const Value& pair : first) {
        if (pair.is_sequence() && pair.object->items.size() == 2) {
          set_item(value, pair.object->items[0], pair.object->items[1]);
        }
      }
    }
    for (const auto& keyword : arguments.keywords) {
      set_item(value, Value::string(keyword.name), keyword.value);
    }
    return value;
  }
  if (name == "str") {
    if (given.empty()) return Value::string("");
    const auto shown = given[0].shown();
    return shown ? Value::string(*shown) : Value{};
  }
  if (name == "int") {
    if (!given.empty() && given[0].is(Value::Kind::integer)) return given[0];
    std::int64_t number = 0;
    if (given.empty() || !given[0].is(Value::Kind::string)) return Value{};
    const std::string& text = given[0].text;
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    return result.ptr == end && !text.empty() ? Value::integer(number) : Value{};
  }
  if (name == "bool") {
    const auto truth = given.empty() ? std::optional(false) : given[0].truth();
    return truth ? Value::boolean(*truth) : Value{};
  }
  if (name == "any" || name == "all") {
    if (!is_complete) return Value{};
    bool is_unknown = false;
    for (const Value& item : first) {
      const auto truth = item.truth();
      is_unknown = is_unknown || !truth || item.may;
      if (truth && !item.may && *truth == (name == "any")) return Value::boolean(name == "any");
    }
    return is_unknown ? Value{} : Value::boolean(name == "all");
  }
  if (name == "globals" || name == "locals" || name == "vars") {
    Value value = made(Value::Kind::dict, {});
    const bool is_global = name == "globals";
    value.object->scope = is_global ? frames_.back().module->globals : frames_.back().scope;
    value.object->is_open = true;
    return value;
  }
  if (name == "getattr" && given.size() >= 2 && given[1].is(Value::Kind::string)) {
    return attribute_of(given[0], given[1].text, at);
  }
  if (name == "setattr" && given.size() == 3 && given[1].is(Value::Kind::string)) {
    if (given[0].is(Value::Kind::instance)) {
      given[0].object->attributes.insert_or_assign(given[1].text, given[2]);
    }
    return Value::none();
  }
  if (name == "map" && given.size() == 2) {
    std::vector<Value> elements;
    const bool is_known = elements_of(given[1], elements);
    Value value = made(Value::Kind::list, {});
    value.object->is_open = !is_known;
    for (const Value& element : elements) {
      CallArguments one;
      one.positional.push_back(element);
      value.object->items.push_back(call(given[0], std::move(one), at));
    }
    return value;
  }
  if (name == "next" && !given.empty()) {
    return is_complete && !first.empty() ? first[0] : Value{};
  }
  static constexpr std::string_view kQuiet[] = {
      "print",    "isinstance", "issubclass", "type",  "repr",  "id",     "hash",
      "hasattr",  "float",      "sum",        "min",   "max",   "abs",    "round",
      "callable", "Exception",  "ValueError", "open",  "super", "object", "staticmethod",
      "property", "format",     "input",      "bytes", "filter"};
  if (std::ranges::find(kQuiet, name) != std::end(kQuiet)) return Value{};
  return std::nullopt;
}

std::optional<Value> Interpreter::call_string_method(const std::string& text, std::string_view name,
                                                     const CallArguments& arguments) {
  const auto& given = arguments.positional;
  const auto string_at = [&](std::size_t at) -> const std::string* {
    return at < given.size() && given[at].is(Value::Kind::string) ? &given[at].text : nullptr;
  };
  const std::string* const first = string_at(0);
  if (name == "format") {
    auto result = formatted(text, arguments);
    return result ? Value::string(*std::move(result)) : Value{};
  }
  if (name == "join" && !given.empty()) {
    std::vector<Value> elements;
    if (!elements_of(given[0], elements)) return Value{};
    std::string joined;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (!elements[i].is(Value::Kind::string) || elements[i].may) return Value{};
      joined += (i > 0 ? text : "") + elements[i].text;
    }
    return Value::string(std::move(joined));
  }
  if (!is_ascii(text)) return Value{};
  if (name == "lower" || name == "upper" || name == "title" || name == "capitalize") {
    std::string changed = text;
    bool is_start = true;
    for (char& c : changed) {
      const bool is_letter = lower(c) >= 'a' && lower(c) <= 'z';
      const bool is_upper = name == "upper" || (name != "lower" && is_start);
      c = is_upper ? upper(c) : lower(c);
      is_start = name == "title" && !is_letter;
    }
    return Value::string(std::move(changed));
  }
  if (name == "strip" || name == "lstrip" || name == "rstrip") {
    if (!given.empty() && !first) return Value{};
    return Value::string(
        stripped(text, first ? *first : " \t\r\n\v\f", name != "rstrip", name != "lstrip"));
  }
  if (name == "replace" && first && string_at(1) && given.size() == 2) {
    return Value::string(replaced(text, *first, *string_at(1)));
  }
  if (name == "removesuffix" && first) {
    return Value::string(text.ends_with(*first) ? text.substr(0, text.size() - first->size())
                                                : text);
  }
  if (name == "removeprefix" && first) {
    return Value::string(text.starts_with(*first) ? text.substr(first->size()) : text);
  }
  if (name == "startswith" && first) return Value::boolean(text.starts_with(*first));
  if (name == "endswith" && first) return Value::boolean(text.ends_with(*first));
  if (name == "split" && first && !first->empty() && given.size() == 1) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    for (std::size_t end; (end = text.find(*first, at)) != std::string::npos;) {
      parts.push_back(text.substr(at, end - at));
      at = end + first->size();
    }
    parts.push_back(text.substr(at));
    return strings(std::move(parts));
  }
  if (name == "zfill" && given.size() == 1 && given[0].is(Value::Kind::integer)) {
    const auto width = static_cast<std::size_t>(std::clamp<std::int64_t>(given[0].number, 0, 64));
    return Value::string(std::string(width > text.size() ? width - text.size() : 0, '0') + text);
  }
  return Value{};
}

std::optional<Value> Interpreter::call_list_method(const Value& list, std::string_view name,
                                                   const CallArguments& arguments) {
  auto& items = list.object->items;
  const auto& given = arguments.positional;
  if ((name == "append" || name == "add") && given.size() == 1) {
    items.push_back(given[0]);
    items.back().may = items.back().may || is_outer(list);
    if (many_ > 0 && is_outer(list)) list.object->is_open = true;
    return Value::none();
  }
  if ((name == "extend" || name == "update") && given.size() == 1) {
    std::vector<Value> added;
    if (!elements_of(given[0], added)) list.object->is_open = true;
    for (Value& element : added) {
      element.may = element.may || is_outer(list);
      items.push_back(std::move(element));
    }
    return Value::none();
  }
  if (name == "insert" && given.size() == 2 && given[0].is(Value::Kind::integer)) {
    const auto size = static_cast<std::int64_t>(items.size());
    const auto at = given[0].number < 0 ? given[0].number + size : given[0].number;
    Value element = given[1];
    element.may = element.may || is_outer(list);
    items.insert(items.begin() + std::clamp<std::int64_t>(at, 0, size), std::move(element));
    return Value::none();
  }
  if (name == "copy") {
    Value copy = made(list.kind, items);
    copy.object->is_open = list.object->is_open;
    return copy;
  }
  if (name == "reverse" && !list.object->is_open && !is_outer(list)) {
    std::ranges::reverse(items);
    return Value::none();
  }
  if (name == "pop" && !items.empty() && !list.object->is_open && !is_outer(list)) {
    const bool is_first =
        given.size() == 1 && given[0].is(Value::Kind::integer) && given[0].number == 0;
    if (given.empty() || is_first) {
      Value element = is_first ? items.front() : items.back();
      items.erase(is_first ? items.begin() : items.end() - 1);
      return element;
    }
  }
  if (name == "index" || name == "count") return Value{};
  // Anything else may have changed what is in it.
  list.object->is_open = true;
  for (Value& item : items) item.may = true;
  return Value{};
}

std::optional<Value> Interpreter::call_dict_method(const Value& dict, std::string_view name,
                                                   const CallArguments& arguments) {
  Object& object = *dict.object;
  const auto& given = arguments.positional;
  if (name == "items" || name == "keys" || name == "values") {
    Value list = made(Value::Kind::list, {});
    list.object->is_open = object.is_open;
    for (std::size_t i = 0; i < object.keys.size(); ++i) {
      Value element = name == "keys" ? object.keys[i]
                      : name == "values"
                          ? object.items[i]
                          : Value::with(Value::Kind::tuple, {object.keys[i], object.items[i]});
      element.may = object.items[i].may;
      list.object->items.push_back(std::move(element));
    }
    return list;
  }
  if ((name == "get" || name == "setdefault" || name == "pop") && !given.empty()) {
    const bool is_plain = given[0].is(Value::Kind::string) || given[0].is(Value::Kind::integer);
    for (std::size_t i = 0; is_plain && i < object.keys.size(); ++i) {
      if (!object.keys[i].same(given[0])) continue;
      Value value = object.items[i];
      if (name == "pop") {
        if (is_outer(dict)) {
          object.items[i].may = object.keys[i].may = true;
        } else {
          object.keys.erase(object.keys.begin() + static_cast<std::ptrdiff_t>(i));
          object.items.erase(object.items.begin() + static_cast<std::ptrdiff_t>(i));
        }
      }
      return value;
    }
    const Value fallback = given.size() > 1 ? given[1] : Value::none();
    if (name == "setdefault") set_item(dict, given[0], fallback);
    return is_plain && !object.is_open ? fallback : Value{};
  }
  if (name == "update") {
    if (arguments.is_open || (given.size() == 1 && !given[0].is(Value::Kind::dict))) {
      object.is_open = true;
    }
    if (given.size() == 1 && given[0].is(Value::Kind::dict)) {
      for (std::size_t i = 0; i < given[0].object->keys.size(); ++i) {
        set_item(dict, given[0].object->keys[i], given[0].object->items[i]);
      }
    }
    for (const auto& keyword : arguments.keywords) {
      set_item(dict, Value::string(keyword.name), keyword.value);
    }
    return Value::none();
  }
  if (name == "copy") {
    Value copy = made(Value::Kind::dict, object.items);
    copy.object->keys = object.keys;
    copy.object->is_open = object.is_open;
    return copy;
  }
  object.is_open = true;
  return Value{};
}

Value Interpreter::call_method(const Value& method, CallArguments arguments, Node at) {
  const Value object = method.object->items[0];
  const std::string& name = method.text;
  const bool is_relative = object.is_task() || object.is(Value::Kind::group);
  if (is_relative && (name == "set_downstream" || name == "set_upstream")) {
    const Value* others = arguments.get("task_or_task_list", 0);
    if (others && name == "set_downstream") relate(object, *others, at);
    if (others && name == "set_upstream") relate(*others, object, at);
    return Value::none();
  }
  if (is_relative && (name == "as_setup" || name == "as_teardown")) return object;
  std::optional<Value> result;
  if (object.is(Value::Kind::string)) result = call_string_method(object.text, name, arguments);
  if (object.is_sequence()) result = call_list_method(object, name, arguments);
  if (object.is(Value::Kind::dict)) result = call_dict_method(object, name, arguments);
  if (result) return *result;
  if (object.is(Value::Kind::function) && object.object->attributes.contains("@")) {
    // my_task.override(task_id="x"), my_task.expand(x=[...]), my_task.partial(y=1)
    if (name == "expand" || name == "expand_kwargs") {
      return call_function(object, std::move(arguments), {}, at);
    }
    if (name == "override" || name == "partial") {
      Value changed = object;
      changed.object = std::make_shared<Object>(*object.object);
      if (name == "partial") return changed;
      Value keywords = Value::with(Value::Kind::partial, {Value{}});
      const auto before = object.object->attributes.find("@keywords");
      if (before != object.object->attributes.end()) {
        keywords.object = std::make_shared<Object>(*before->second.object);
      }
      for (auto& keyword : arguments.keywords) {
        keywords.object->attributes.insert_or_assign(keyword.name, keyword.value);
      }
      keywords.object->is_open = keywords.object->is_open || arguments.is_open;
      changed.object->attributes.insert_or_assign("@keywords", keywords);
      return changed;
    }
  }
  // Methods of tasks and DAGs that make neither tasks nor edges are of no interest.
  if (object.is(Value::Kind::dag) || is_relative) {
    if (object.is(Value::Kind::dag) && (name == "add_task" || name == "add_tasks")) {
      for (const Value& value : arguments.positional) {
        Endpoints ends;
        collect(value, ends, false);
        for (const Endpoint& end : ends.found) {
          if (!end.is_group && tasks_[end.index].dag == kNoDag)
            tasks_[end.index].dag = object.index();
        }
      }
    }
    return {};
  }
  return call_unknown(name, arguments, at);
}

}  // namespace dagfix
