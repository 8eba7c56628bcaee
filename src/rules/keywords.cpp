#include "rules/keywords.hpp"

#include <algorithm>
#include <array>

#include "rules/arguments.hpp"

namespace dagfix {

namespace {

constexpr int kMostSteps = 6;

/// Collects what a dictionary holds where it is unpacked. False: it may hold more.
class KeywordReader {
 public:
  KeywordReader(const SemanticModel& model, Node splat, std::vector<GivenKeyword>& out)
      : model_(model), splat_(splat), out_(out) {}

  bool add(Node dictionary, int depth) {
    if (depth == 0) return false;
    switch (dictionary.kind()) {
      case Kind::dictionary:
        return add_items(dictionary.named_children(), depth);
      case Kind::call:
        return add_call(dictionary, depth);
      case Kind::identifier:
        return add_name(dictionary, depth);
      case Kind::parenthesized_expression:
        return add(dictionary.named_children()[0], depth - 1);
      case Kind::binary_operator: {
        const bool left = add(dictionary.child(Field::left), depth - 1);
        return add(dictionary.child(Field::right), depth - 1) && left;
      }
      default:
        return false;
    }
  }

 private:
  void keep(std::string name, Node place, Node value) {
    out_.push_back({std::move(name), place, value, splat_, false});
  }

  bool add_key(Node key, Node value) {
    auto text = model_.constant(key);
    if (!text) return false;
    keep(std::move(text->value), key, value);
    return true;
  }

  /// Of `{...}`, dict(...) or update(...).
  bool add_items(const std::vector<Node>& items, int depth) {
    bool is_complete = true;
    for (const Node item : items) {
      bool is_known = false;
      if (item.is(Kind::pair)) {
        is_known = add_key(item.child(Field::key), item.child(Field::value));
      } else if (item.is(Kind::keyword_argument)) {
        keep(std::string(item.child(Field::name).text()), item, item.child(Field::value));
        is_known = true;
      } else if (item.is(Kind::dictionary_splat)) {
        is_known = add(item.named_children()[0], depth - 1);
      } else {
        is_known = add(item, depth - 1);
      }
      is_complete = is_complete && is_known;
    }
    return is_complete;
  }

  /// dict(...), x.copy()
  bool add_call(Node call, int depth) {
    const Node function = call.child(Field::function);
    if (function.text() == "dict") return add_items(arguments_of(call), depth);
    return function.is(Kind::attribute) && function.child(Field::attribute).text() == "copy" &&
           add(function.child(Field::object), depth - 1);
  }

  bool add_name(Node name, int depth) {
    const auto found = model_.reaching(name.text(), name);
    if (found.size() != 1) return false;
    const Binding& binding = model_.bindings()[found[0]];
    const std::size_t first = out_.size();
    bool is_complete = binding.kind == BindingKind::assignment && add(binding.value, depth - 1);
    for (const Node read : model_.reads_of(found[0])) {
      if (read.begin() >= splat_.begin() || read == name) continue;
      const Change change = add_change(read, depth);
      if (change == Change::unknown) out_.resize(first);
      is_complete = is_complete && change == Change::known;
    }
    return is_complete;
  }

  enum class Change : std::uint8_t {
    known,
    more,     ///< It may get further keys.
    unknown,  ///< It may lose keys.
  };

  /// What a read of a dictionary's name does to the dictionary.
  Change add_change(Node read, int depth) {
    const Node parent = read.parent();
    if (parent.is(Kind::dictionary_splat) || parent.is(Kind::binary_operator)) return Change::known;
    if (parent.is(Kind::subscript) && read.field() == Field::value) return set_item(parent);
    if (parent.is(Kind::attribute) && read.field() == Field::object) return method(parent, depth);
    const bool is_copied =
        parent.is(Kind::argument_list) && parent.parent().child(Field::function).text() == "dict";
    return is_copied ? Change::known : Change::unknown;
  }

  /// settings["key"] = value
  Change set_item(Node subscript) {
    const Node parent = subscript.parent();
    if (parent.is(Kind::delete_statement)) return Change::unknown;
    if (!parent.is(Kind::assignment) || subscript.field() != Field::left) return Change::known;
    const bool is_known = add_key(subscript.child(Field::subscript), parent.child(Field::right));
    return is_known ? Change::known : Change::more;
  }

  Change method(Node attribute, int depth) {
    constexpr std::array<std::string_view, 5> kReaders{"copy", "get", "items", "keys", "values"};
    const std::string_view name = attribute.child(Field::attribute).text();
    if (std::ranges::find(kReaders, name) != kReaders.end()) return Change::known;
    const Node call = attribute.parent();
    if (!call.is(Kind::call)) return Change::unknown;
    const auto arguments = arguments_of(call);
    bool is_known = false;
    if (name == "update") {
      is_known = add_items(arguments, depth);
    } else if (name == "setdefault" && arguments.size() == 2) {
      is_known = add_key(arguments[0], arguments[1]);
    } else {
      return Change::unknown;
    }
    return is_known ? Change::known : Change::more;
  }

  const SemanticModel& model_;
  Node splat_;
  std::vector<GivenKeyword>& out_;
};

}  // namespace

bool read_keywords(const SemanticModel& model, const std::vector<Node>& arguments,
                   std::vector<GivenKeyword>& out) {
  bool is_complete = true;
  for (const Node item : arguments) {
    if (item.is(Kind::keyword_argument)) {
      const Node name = item.child(Field::name);
      out.push_back({std::string(name.text()), name, item.child(Field::value), {}});
    } else if (item.is(Kind::dictionary_splat)) {
      const Node dictionary = unpacked_dictionary(model, item);
      const auto entries = dictionary ? dictionary_entries(model, dictionary) : std::nullopt;
      if (!entries) {
        KeywordReader reader(model, item, out);
        is_complete = reader.add(item.named_children()[0], kMostSteps) && is_complete;
      }
      for (const DictionaryEntry& entry : entries.value_or(std::vector<DictionaryEntry>())) {
        out.push_back({entry.key, entry.node, entry.value, item});
      }
    }
  }
  return is_complete;
}

}  // namespace dagfix
