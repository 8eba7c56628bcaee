#include <algorithm>
#include <optional>
#include <vector>

#include "runtime/mask.hpp"
#include "syntax/tree.hpp"

// Python is masked by its strings, so that what is masked can still be parsed and checked.
namespace dagfix::runtime {

namespace {

bool is_literal(Node node) { return node.is(Kind::string) || node.is(Kind::concatenated_string); }

/// What a call is of: "get" of os.environ.get(...).
std::string_view callee_of(Node call) {
  const std::string_view text = call.first_child().text();
  return text.substr(text.rfind('.') + 1);
}

/// os.environ.get("X_PASSWORD", "here"), SecretStr("here").
bool is_secret_argument(Node arguments, Node argument) {
  const Node call = arguments.parent();
  if (call.is(Kind::call) && is_secret_key(callee_of(call))) return true;
  const auto all = arguments.named_children();
  return std::ranges::any_of(all, [&](Node other) {
    return other != argument && is_literal(other) && is_secret_key(other.text());
  });
}

bool is_secret_operand(Node comparison, Node operand) {
  const auto all = comparison.named_children();
  return std::ranges::any_of(
      all, [&](Node other) { return other != operand && is_secret_key(other.text()); });
}

/// Whether what a value stands in says that it may be a secret.
bool is_secret(Node value) {
  for (Node at = value, up = at.parent(); up; at = up, up = up.parent()) {
    switch (up.kind()) {
      case Kind::assignment:
      case Kind::augmented_assignment:
      case Kind::named_expression:
      case Kind::default_parameter:
      case Kind::typed_default_parameter:
      case Kind::keyword_argument:
      case Kind::pair:
        if (up.first_child() == at) return false;  // the key itself
        if (is_secret_key(up.first_child().text())) return true;
        break;
      case Kind::comparison_operator:
        if (is_secret_operand(up, at)) return true;
        break;
      case Kind::argument_list:
        if (is_secret_argument(up, at)) return true;
        break;
      case Kind::return_statement: {
        const Node function = up.ancestor(Kind::function_definition);
        return function && is_secret_key(function.child(Kind::identifier).text());
      }
      case Kind::expression_statement:
      case Kind::block:
      case Kind::module:
        return false;
      default:
        break;
    }
  }
  return false;
}

std::string masked_content(Node content) {
  const std::string_view text = content.text();
  const bool is_reference = text.starts_with("{{") || text.starts_with('$');
  return !is_reference && is_secret(content.parent()) ? mask_value(text) : mask_text(text);
}

/// What takes the place of a node; nothing if it stays.
std::optional<std::string> masked_node(Node node) {
  if (node.is(Kind::string_content)) return masked_content(node);
  if (node.is(Kind::comment)) return mask_text(node.text());
  const bool is_number = node.is(Kind::integer) || node.is(Kind::float_);
  if (is_number && is_secret(node)) return "\"(masked)\"";
  return std::nullopt;
}

}  // namespace

std::string mask_python(std::string_view text) {
  const SyntaxTree tree = SyntaxTree::parse(text);
  std::string out;
  std::size_t done = 0;
  for (std::uint32_t id = 0; id < tree.size(); ++id) {
    const Node node = tree.node(id);
    if (node.begin() < done) continue;
    const auto masked = masked_node(node);
    if (!masked) continue;
    out.append(text.substr(done, node.begin() - done));
    out.append(*masked);
    done = node.end();
  }
  out.append(text.substr(done));
  // Where Python's grammar does not hold, strings may not be what they look like.
  return tree.errors().empty() ? out : mask_text(out);
}

}  // namespace dagfix::runtime
