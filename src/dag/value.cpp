#include "dag/value.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace dagfix {

namespace {

constexpr std::size_t kMostChoices = 8;
constexpr std::size_t kMostSpelled = 4000;
constexpr int kMostNesting = 6;
constexpr std::string_view kUnknown = "?";

void add_choice(std::vector<Value>& choices, const Value& value) {
  if (value.is(Value::Kind::choice)) {
    for (const Value& one : value.object->items) add_choice(choices, one);
    return;
  }
  if (std::ranges::none_of(choices, [&](const Value& known) { return known.same(value); })) {
    choices.push_back(value);
  }
}

void spell(const Value& value, int depth, std::string& out);

void spell_items(const Value& value, std::string_view open, std::string_view close, int depth,
                 std::string& out) {
  out += open;
  const Object& object = *value.object;
  for (std::size_t i = 0; i < object.items.size() && out.size() <= kMostSpelled; ++i) {
    if (i > 0) out += ", ";
    if (value.is(Value::Kind::dict)) {
      spell(object.keys[i], depth, out);
      out += ": ";
    }
    spell(object.items[i], depth, out);
    if (object.items[i].may) out += kUnknown;
  }
  if (object.is_open) out += kUnknown;
  out += close;
}

void spell(const Value& value, int depth, std::string& out) {
  using Kind = Value::Kind;
  const bool is_container = value.is_sequence() || value.is(Kind::dict) || value.is(Kind::choice);
  if (is_container && depth == 0) {
    out += kUnknown;
    return;
  }
  switch (value.kind) {
    case Kind::string:
      out += '"';
      out += value.text;
      out += '"';
      return;
    case Kind::list:
      return spell_items(value, "[", "]", depth - 1, out);
    case Kind::tuple:
      return spell_items(value, "(", ",)", depth - 1, out);
    case Kind::set:
      return spell_items(value, "set(", ")", depth - 1, out);
    case Kind::dict:
      return spell_items(value, "{", "}", depth - 1, out);
    case Kind::choice:
      return spell_items(value, "?(", ")", depth - 1, out);
    case Kind::task:
    case Kind::result:
      out += "<task " + std::to_string(value.number) + ">";
      return;
    case Kind::dag:
    case Kind::group:
      out += (value.is(Kind::dag) ? "<dag " : "<group ") + std::to_string(value.number) + ">";
      return;
    case Kind::symbol:
      out += value.text;
      return;
    default:
      out += value.shown().value_or(std::string(kUnknown));
  }
}

}  // namespace

bool Value::same(const Value& other) const {
  if (kind != other.kind || number != other.number || text != other.text) return false;
  if (object == other.object) return kind != Kind::unknown;
  if (!object || !other.object || (!is(Kind::tuple) && !is(Kind::method) && !is(Kind::bound))) {
    return false;
  }
  return std::ranges::equal(object->items, other.object->items,
                            [](const Value& a, const Value& b) { return a.same(b); });
}

Value Value::with(Kind kind, std::vector<Value> items) {
  Value value{kind, false, 0, {}, std::make_shared<Object>()};
  value.object->items = std::move(items);
  return value;
}

Value Value::either(const Value& a, const Value& b) {
  std::vector<Value> choices;
  add_choice(choices, a);
  add_choice(choices, b);
  if (choices.size() == 1) return choices.front();
  if (choices.size() > kMostChoices) return {};
  return with(Kind::choice, std::move(choices));
}

std::optional<std::string> Value::shown() const {
  switch (kind) {
    case Kind::string:
    case Kind::real:
      return text;
    case Kind::integer:
      return std::to_string(number);
    case Kind::boolean:
      return number != 0 ? "True" : "False";
    case Kind::none:
      return "None";
    default:
      return std::nullopt;
  }
}

std::string Value::spelled() const {
  std::string out;
  spell(*this, kMostNesting, out);
  return out.size() > kMostSpelled ? std::string(kUnknown) : out;
}

std::optional<bool> Value::truth() const {
  switch (kind) {
    case Kind::none:
      return false;
    case Kind::boolean:
    case Kind::integer:
      return number != 0;
    case Kind::string:
      return !text.empty();
    case Kind::list:
    case Kind::tuple:
    case Kind::set:
    case Kind::dict:
      if (std::ranges::any_of(object->items, [](const Value& item) { return !item.may; })) {
        return true;
      }
      if (object->is_open || !object->items.empty()) return std::nullopt;
      return false;
    case Kind::task:
    case Kind::result:
    case Kind::dag:
    case Kind::group:
    case Kind::function:
    case Kind::class_:
    case Kind::bound:
    case Kind::partial:
      return true;
    case Kind::choice: {
      const auto first = object->items.front().truth();
      const bool agree = std::ranges::all_of(
          object->items, [&](const Value& one) { return first && one.truth() == first; });
      return agree ? first : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

void break_cycles(std::span<const std::weak_ptr<NameScope>> scopes) {
  std::vector<std::shared_ptr<Object>> objects;
  std::unordered_set<const Object*> known;
  const auto visit = [&](const Value& value) {
    if (value.object && known.insert(value.object.get()).second) objects.push_back(value.object);
  };
  std::vector<std::shared_ptr<NameScope>> alive;
  for (const auto& weak : scopes) {
    if (auto scope = weak.lock()) alive.push_back(std::move(scope));
  }
  for (const auto& scope : alive) {
    for (const auto& [name, value] : scope->names) visit(value);
  }
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const Object& object = *objects[i];
    std::ranges::for_each(object.items, visit);
    std::ranges::for_each(object.keys, visit);
    for (const auto& [name, value] : object.attributes) visit(value);
  }
  for (const auto& scope : alive) scope->names.clear();
  for (const auto& object : objects) {
    object->items.clear();
    object->keys.clear();
    object->attributes.clear();
    object->scope.reset();
  }
}

}  // namespace dagfix
