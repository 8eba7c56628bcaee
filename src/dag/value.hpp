#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "semantic/model.hpp"

namespace dagfix {

struct Object;
struct LoadedModule;

/// What an expression evaluates to while a graph is read. Copies share their object, as in Python.
struct Value {
  enum class Kind : std::uint8_t {
    unknown,
    none,
    boolean,  // number
    integer,  // number
    real,     // text: as it is spelled
    string,   // text
    list,     // object->items; tuples and sets, too
    tuple,
    set,
    dict,      // object->keys, object->items
    task,      // number: index
    result,    // number: what a task returns (XComArg)
    dag,       // number
    group,     // number
    function,  // object: node, scope
    class_,    // object: node, scope, items are the bases
    instance,  // object: attributes, items[0] is the class
    symbol,    // text: dotted path of something that is imported
    method,    // text: name; object->items[0]: of what
    bound,     // object->items: function, self
    partial,   // object->items: what is called, positional arguments; attributes: keywords
    super,     // object->items: class, self
    choice,    // object->items: one of these, it is not known which
  };

  Kind kind = Kind::unknown;
  bool may = false;  ///< As an element: may be missing.
  std::int64_t number = 0;
  std::string text;
  std::shared_ptr<Object> object;

  bool is(Kind wanted) const { return kind == wanted; }
  bool is_sequence() const {
    return kind == Kind::list || kind == Kind::tuple || kind == Kind::set;
  }
  bool is_task() const { return kind == Kind::task || kind == Kind::result; }
  std::size_t index() const { return static_cast<std::size_t>(number); }
  /// The same value for all that is known; never for two unknown ones.
  bool same(const Value& other) const;

  static Value none() { return {Kind::none, false, 0, {}, {}}; }
  static Value boolean(bool value) { return {Kind::boolean, false, value ? 1 : 0, {}, {}}; }
  static Value integer(std::int64_t value) { return {Kind::integer, false, value, {}, {}}; }
  static Value string(std::string value) { return {Kind::string, false, 0, std::move(value), {}}; }
  static Value symbol(std::string path) { return {Kind::symbol, false, 0, std::move(path), {}}; }
  static Value indexed(Kind kind, std::size_t index) {
    return {kind, false, static_cast<std::int64_t>(index), {}, {}};
  }
  static Value with(Kind kind, std::vector<Value> items);
  /// Any of two values; one of them if they are the same.
  static Value either(const Value& a, const Value& b);
  /// How Python's str() shows it, for strings and numbers.
  std::optional<std::string> shown() const;
  /// As Python would write it, with "?" for what is not known; nothing but "?" if it is very long.
  std::string spelled() const;
  /// Whether Python takes it for true.
  std::optional<bool> truth() const;
};

/// Names of a module, function or class body.
struct NameScope {
  std::map<std::string, Value, std::less<>> names;
  std::set<std::string, std::less<>> globals;  // declared by `global`
  std::shared_ptr<NameScope> parent;           // of the enclosing function or module
  bool is_class = false;
};

struct Object {
  std::vector<Value> items;
  std::vector<Value> keys;
  bool is_open = false;  ///< There may be more items than these.
  int unsure = 0;        ///< How many unknown conditions lay above the place where it was made.
  std::map<std::string, Value, std::less<>> attributes;
  Node node;
  const LoadedModule* module = nullptr;
  std::shared_ptr<NameScope> scope;
  std::optional<std::size_t> task;  ///< instance: the task that it is
};

/// Empties scopes and all objects that can be reached from them: a function refers to the scope
/// that holds it, and an object may hold itself.
void break_cycles(std::span<const std::weak_ptr<NameScope>> scopes);

}  // namespace dagfix
