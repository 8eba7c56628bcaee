#include "project/output_level.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace dagfix {

namespace {

constexpr int kMaxDepth = 6;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return result;
}

/// Two places that speak of one output.
Level joined(std::optional<Level> known, Level more) {
  return !known || *known == more ? more : Level::unknown;
}

/// What a directory's expression says by itself.
Level by_words(std::string_view expression) {
  const std::string text = lower(expression);
  if (text.contains("batch")) return Level::batch;
  if (text.contains("run_id") || text.contains("run_dir")) return Level::run;
  return Level::unknown;
}

class ClassReader {
 public:
  explicit ClassReader(const SemanticModel& model) : model_(model) {}

  Level read(Node definition) const {
    std::optional<Level> level;
    const SyntaxTree& tree = model_.tree();
    for (std::uint32_t id = definition.id(); id < tree.subtree_end(definition.id()); ++id) {
      const Node node = tree.node(id);
      if (!node.is(Kind::attribute) || node.child(Field::attribute).text() != "operator_out_dir") {
        continue;
      }
      if (const auto here = level_at(node)) level = joined(level, *here);
    }
    return level.value_or(Level::unknown);
  }

 private:
  /// What a use of `self.operator_out_dir` says; nothing if it is no path that is put together.
  std::optional<Level> level_at(Node out_dir) const {
    const Node parent = out_dir.parent();
    if (parent.is(Kind::argument_list)) {
      const std::string_view function = parent.parent().child(Field::function).text();
      if (function.ends_with("join") && !(parent.named_children()[0] == out_dir)) {
        return level_of(parent.named_children()[0], kMaxDepth);
      }
      return std::nullopt;
    }
    if (parent.is(Kind::binary_operator)) return level_of(parent.child(Field::left), kMaxDepth);
    if (parent.is(Kind::assignment) && parent.child(Field::right) == out_dir) return Level::unknown;
    if (parent.is(Kind::interpolation)) return level_in_string(parent);
    return std::nullopt;
  }

  /// f"{run_dir}/{self.operator_out_dir}"
  std::optional<Level> level_in_string(Node interpolation) const {
    const std::string_view text = interpolation.parent().text();
    const std::size_t at = interpolation.begin() - interpolation.parent().begin();
    if (at == 0 || text[at - 1] != '/') return std::nullopt;
    Node first = interpolation.parent().child(Kind::interpolation);
    if (first == interpolation) return Level::unknown;
    return level_of(first.named_children()[0], kMaxDepth);
  }

  Level level_of(Node directory, int depth) const {
    if (depth == 0) return Level::unknown;
    if (!directory.is(Kind::identifier)) return level_of_expression(directory, depth);
    std::optional<Level> level;
    for (const BindingId id : model_.reaching(directory.text(), directory)) {
      level = joined(level, level_of_binding(model_.bindings()[id], directory.text(), depth - 1));
    }
    return level.value_or(by_words(directory.text()));
  }

  Level level_of_binding(const Binding& binding, std::string_view name, int depth) const {
    if (binding.kind == BindingKind::assignment && binding.value) {
      return level_of(binding.value, depth);
    }
    const Node loop = binding.target.ancestor(Kind::for_statement);
    if (binding.kind == BindingKind::other && loop &&
        loop.child(Field::left).encloses(binding.target)) {
      return level_of(loop.child(Field::right), depth);
    }
    return by_words(name);
  }

  /// The names in it decide if its own words do not speak of batches.
  Level level_of_expression(Node expression, int depth) const {
    const Level own = by_words(expression.text());
    if (own == Level::batch) return own;
    std::optional<Level> level;
    const SyntaxTree& tree = model_.tree();
    for (std::uint32_t id = expression.id(); id < tree.subtree_end(expression.id()); ++id) {
      const Node node = tree.node(id);
      const bool is_variable = node.is(Kind::identifier) && node.field() != Field::attribute &&
                               node.field() != Field::function && node.field() != Field::name;
      if (!is_variable || node == expression) continue;
      const Level inner = level_of(node, depth - 1);
      if (inner == Level::batch) return inner;
      if (inner == Level::run) level = inner;
    }
    return level.value_or(own);
  }

  const SemanticModel& model_;
};

}  // namespace

Level level_of_class(const SemanticModel& model, Node class_definition) {
  return ClassReader(model).read(class_definition);
}

namespace {

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

/// What one line of a script, in lower case, says of the output directory; nothing if it puts no
/// path together.
std::optional<Level> level_of_line(std::string_view line) {
  const auto code = line.find_first_not_of(" \t");
  if (code == std::string_view::npos || line[code] == '#') return std::nullopt;
  // What is assigned counts, not the name that it gets.
  const auto equals = line.find('=');
  if (equals < line.find('(')) line.remove_prefix(equals + 1);
  if (!line.contains("operator_out_dir")) return std::nullopt;
  if (contains_any(line, {"batch_element", "element_dir", "series", "batches_input_dir",
                          "batch_name", "batch_dir"})) {
    return Level::batch;
  }
  if (line.contains("workflow_dir")) return Level::run;
  const bool reads = contains_any(line, {"getenv(", "environ", "assert", "print(", "log", "none"});
  const bool joins = contains_any(line, {"join(", "/ ", "/$", "}/", "path("});
  return reads && !joins ? std::nullopt : std::optional(Level::unknown);
}

}  // namespace

Level level_of_script(std::string_view text) {
  const std::string script = lower(text);
  if (!script.contains("operator_out_dir")) return Level::unknown;
  if (!script.contains("batch")) {
    // A pattern for any depth finds the batch folder without naming it.
    const bool finds_anything = contains_any(script, {"**", "rglob", "os.walk"});
    return script.contains("workflow_dir") && !finds_anything ? Level::run : Level::unknown;
  }
  std::optional<Level> level;
  for (std::size_t at = 0; at < script.size();) {
    const std::size_t end = std::min(script.find('\n', at), script.size());
    const auto here = level_of_line(std::string_view(script).substr(at, end - at));
    if (here) level = joined(level, *here);
    at = end + 1;
  }
  return level.value_or(Level::unknown);
}

std::string image_name(std::string_view expression) {
  const auto slash = expression.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view rest = expression.substr(slash + 1);
  const std::string_view name = rest.substr(0, rest.find_first_of(":\"'"));
  const bool is_plain = std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  });
  return is_plain ? std::string(name) : std::string();
}

std::string labelled_image(std::string_view dockerfile) {
  constexpr std::string_view kLabel = "LABEL IMAGE=";
  const auto at = dockerfile.find(kLabel);
  if (at == std::string_view::npos) return {};
  std::string_view name = dockerfile.substr(at + kLabel.size());
  name = name.substr(0, name.find_first_of("\r\n"));
  if (!name.empty() && (name[0] == '"' || name[0] == '\'')) name.remove_prefix(1);
  return std::string(name.substr(0, name.find_first_of("\"' \t")));
}

}  // namespace dagfix
