#include "rules/operator_lists.hpp"

#include <algorithm>
#include <array>

#include "rules/arguments.hpp"
#include "rules/class_uses.hpp"

namespace dagfix {

namespace {

constexpr int kMaxDepth = 8;

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

/// A keyword of the producer that says where it writes.
Level level_by_keyword(const RuleContext& context, Node call) {
  const auto level = context.model.constant(keyword_value(call, "level"));
  if (level && level->value == "batch") return Level::run;
  const Node batch_level = context.model.value_of(keyword_value(call, "batch_level"));
  if (batch_level.is(Kind::true_)) return Level::run;
  return Level::unknown;
}

/// DcmSendOperator(level="batch", input_operator=x) reads what x wrote below the run directory.
Level level_by_consumer(const RuleContext& context, Node producer) {
  for (const SymbolUse& use : context.model.uses()) {
    const Node call = use.expression.parent();
    if (short_name(use.symbol.path) != "DcmSendOperator" || !call.is(Kind::call)) continue;
    const Node input = keyword_value(call, "input_operator");
    const auto level = context.model.constant(keyword_value(call, "level"));
    if (level && level->value == "batch" && input.text() == producer.text()) return Level::run;
  }
  return Level::unknown;
}

bool holds(const RuleContext& context, const OperatorLevel& entry, Node call) {
  const Node given = keyword_value(call, entry.keyword);
  const auto text = context.model.constant(given);
  return given && (text ? text->value : context.model.value_of(given).text()) == entry.value;
}

/// What the table says of a class; nothing if it is not in it.
std::optional<Level> level_by_table(const RuleContext& context, std::string_view path, Node call) {
  const auto level_in = [](const OperatorLevel& entry) {
    return entry.level == "batch" ? Level::batch : Level::run;
  };
  const OperatorLevel* usual = nullptr;
  bool is_listed = false;
  bool is_special = false;
  for (const OperatorLevel& entry : context.rules.book().levels()) {
    if (entry.class_path != path) continue;
    is_listed = true;
    if (entry.keyword.empty()) {
      usual = &entry;
    } else if (holds(context, entry, call)) {
      return level_in(entry);
    } else if (keyword_value(call, entry.keyword)) {
      is_special = true;
    }
  }
  if (usual && !is_special) return level_in(*usual);
  return is_listed ? std::optional(Level::unknown) : std::nullopt;
}

/// A class that the project defines: its methods, the scripts of its container, its base.
Level level_by_project(const RuleContext& context, std::string path, Node call) {
  const FileResolver resolver(context.project, context.file.path());
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const std::string moved = resolver.canonical(path).value_or(path);
    if (const auto level = level_by_table(context, moved, call)) return *level;
    const ClassSummary* summary = context.project.find_class(moved, context.file.path());
    if (!summary) return Level::unknown;
    if (!summary->image.empty()) return context.project.level_of_image(summary->image);
    if (summary->level != Level::unknown) return summary->level;
    if (summary->bases.size() != 1) return Level::unknown;
    path = summary->bases[0];
  }
  return Level::unknown;
}

/// A class that this file defines.
Level level_by_own_class(const RuleContext& context, Node function, Node call) {
  const auto found = context.model.reaching(function.text(), function);
  if (!function.is(Kind::identifier) || found.size() != 1) return Level::unknown;
  const Binding& binding = context.model.bindings()[found[0]];
  if (binding.kind != BindingKind::class_) return Level::unknown;
  const Node definition = binding.value;
  const SyntaxTree& tree = context.tree();
  for (std::uint32_t id = definition.id(); id < tree.subtree_end(definition.id()); ++id) {
    const Node node = tree.node(id);
    if (!node.is(Kind::keyword_argument) || node.child(Field::name).text() != "image") continue;
    return context.project.level_of_image(image_name(node.child(Field::value).text()));
  }
  const Level own = level_of_class(context.model, definition);
  if (own != Level::unknown) return own;
  const auto bases = definition.child(Field::superclasses).named_children();
  const auto symbol = bases.size() == 1 ? context.model.resolve(bases[0]) : std::nullopt;
  return symbol && symbol->certain ? level_by_project(context, symbol->path, call) : Level::unknown;
}

Level level_by_class(const RuleContext& context, Node call) {
  const Node function = call.child(Field::function);
  const auto symbol = context.model.resolve(function);
  if (!symbol) return level_by_own_class(context, function, call);
  if (!symbol->certain) return Level::unknown;
  const Level level = level_by_project(context, symbol->path, call);
  if (level != Level::unknown) return level;
  // KaapanaBaseOperator(image=...) is given its container here.
  const Node image = keyword_value(call, "image");
  return image ? context.project.level_of_image(image_name(image.text())) : Level::unknown;
}

/// What a read of a list's name does to the list.
class ListReader {
 public:
  ListReader(const SemanticModel& model, std::vector<Node>& out) : model_(model), out_(out) {}

  bool add(Node list, int depth) {
    if (depth == 0) return false;
    switch (list.kind()) {
      case Kind::list:
      case Kind::tuple:
      case Kind::set:
        return add_elements(list, depth);
      case Kind::parenthesized_expression:
      case Kind::list_splat:
        return add_only_child(list, depth);
      case Kind::binary_operator:
        return list.child(Field::operator_).is(Kind::plus) &&
               add(list.child(Field::left), depth - 1) && add(list.child(Field::right), depth - 1);
      case Kind::list_comprehension:
      case Kind::generator_expression:
      case Kind::set_comprehension:
        return add_comprehension(list, depth);
      case Kind::call:
        return add_copy(list, depth);
      case Kind::identifier:
        return add_name(list, depth);
      default:
        return false;
    }
  }

 private:
  bool add_elements(Node list, int depth) {
    for (const Node element : list.named_children()) {
      if (!element.is(Kind::list_splat)) {
        out_.push_back(element);
      } else if (!add(element, depth - 1)) {
        return false;
      }
    }
    return true;
  }

  bool add_only_child(Node node, int depth) {
    const auto inner = node.named_children();
    return inner.size() == 1 && add(inner[0], depth - 1);
  }

  /// [op for op in ops], [Make(...) for i in ...]
  bool add_comprehension(Node list, int depth) {
    const Node body = list.child(Field::body);
    const Node clause = list.child(Kind::for_in_clause);
    if (body.is(Kind::call)) {
      out_.push_back(body);
      return true;
    }
    return body.is(Kind::identifier) && body.text() == clause.child(Field::left).text() &&
           add(clause.child(Field::right), depth - 1);
  }

  /// list(ops), sorted(ops)
  bool add_copy(Node call, int depth) {
    constexpr std::array<std::string_view, 4> kCopies{"list", "tuple", "set", "sorted"};
    const auto arguments = arguments_of(call);
    return is_one_of(call.child(Field::function).text(), kCopies) && arguments.size() == 1 &&
           add(arguments[0], depth - 1);
  }

  bool add_name(Node name, int depth) {
    const auto found = model_.reaching(name.text(), name);
    if (found.size() != 1) return false;
    const Binding& binding = model_.bindings()[found[0]];
    if (binding.kind != BindingKind::assignment || !binding.value) return false;
    if (!add(binding.value, depth - 1)) return false;
    return std::ranges::all_of(model_.reads_of(found[0]),
                               [&](Node read) { return add_change(read, depth); });
  }

  /// False: the read may put something into the list that is not seen.
  bool add_change(Node read, int depth) {
    constexpr std::array<std::string_view, 8> kHarmless{"pop",     "remove", "clear", "sort",
                                                        "reverse", "index",  "count", "copy"};
    const Node parent = read.parent();
    if (parent.is(Kind::argument_list)) {
      const Node function = parent.parent().child(Field::function);
      constexpr std::array<std::string_view, 8> kReaders{"list", "tuple", "set", "sorted",
                                                         "len",  "print", "zip", "enumerate"};
      return is_one_of(function.text(), kReaders) || function.text().ends_with("chain") ||
             function.text().ends_with(".extend");
    }
    if (parent.is(Kind::subscript))
      return !parent.parent().is(Kind::assignment) || parent.field() != Field::left;
    if (!parent.is(Kind::attribute) || read.field() != Field::object) {
      return !parent.is(Kind::augmented_assignment) || read.field() != Field::left;
    }
    const std::string_view method = parent.child(Field::attribute).text();
    if (is_one_of(method, kHarmless)) return true;
    const auto arguments =
        parent.parent().is(Kind::call) ? arguments_of(parent.parent()) : std::vector<Node>{};
    if (method == "append" && arguments.size() == 1) {
      out_.push_back(arguments[0]);
      return true;
    }
    return method == "extend" && arguments.size() == 1 && add(arguments[0], depth - 1);
  }

  const SemanticModel& model_;
  std::vector<Node>& out_;
};

}  // namespace

Level level_of(const RuleContext& context, Node operator_expression) {
  if (operator_expression.is(Kind::conditional_expression)) {
    const auto parts = operator_expression.named_children();
    if (parts.size() != 3) return Level::unknown;
    const Level first = level_of(context, parts[0]);
    return first == level_of(context, parts[2]) ? first : Level::unknown;
  }
  const Node call = context.model.value_of(operator_expression);
  if (!call.is(Kind::call)) return Level::unknown;
  const Level by_class = level_by_class(context, call);
  if (by_class != Level::unknown) return by_class;
  const Level by_keyword = level_by_keyword(context, call);
  return by_keyword != Level::unknown ? by_keyword
                                      : level_by_consumer(context, operator_expression);
}

Level level_of_all(const RuleContext& context, Node list) {
  const auto operators = operators_in(context.model, list);
  if (!operators || operators->empty()) return Level::unknown;
  const Level first = level_of(context, operators->front());
  const bool agree = std::ranges::all_of(
      *operators, [&](Node other) { return level_of(context, other) == first; });
  return agree ? first : Level::unknown;
}

std::optional<std::vector<Node>> operators_in(const SemanticModel& model, Node list) {
  std::vector<Node> operators;
  if (!ListReader(model, operators).add(list, kMaxDepth)) return std::nullopt;
  return operators;
}

bool is_repeatable(Node expression) {
  switch (expression.kind()) {
    case Kind::call: {
      constexpr std::array<std::string_view, 4> kCopies{"list", "tuple", "set", "sorted"};
      const Node function = expression.child(Field::function);
      return function.is(Kind::identifier) && is_one_of(function.text(), kCopies) &&
             std::ranges::all_of(arguments_of(expression), is_repeatable);
    }
    case Kind::named_expression:
    case Kind::await_:
    case Kind::yield:
    case Kind::lambda:
      return false;
    default:
      return std::ranges::all_of(expression.named_children(), is_repeatable);
  }
}

}  // namespace dagfix
