#include <fmt/format.h>

#include <algorithm>

#include "rules/arguments.hpp"
#include "rules/code/conf.hpp"
#include "rules/code/rules.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kOld = "form_data";
constexpr std::string_view kNew = "workflow_form";

bool mentions_new_key(Node node) {
  return node && node.text().find(kNew) != std::string_view::npos;
}

/// Whether `branch` of an if statement runs only when there is no new key.
bool is_second_branch(Node statement, Node branch) {
  const Node test = statement.child(Field::condition);
  const bool negated = test.text().find("not") != std::string_view::npos;
  if (branch.field() == Field::consequence) return negated && mentions_new_key(test);
  if (branch == test) return false;
  for (Node part = statement.first_child(); part && !(part == branch); part = part.next_sibling()) {
    const bool is_test = part.field() == Field::condition;
    if (mentions_new_key(is_test ? part : part.child(Field::condition))) return true;
  }
  return false;
}

/// Whether the old key is only the second choice after the new one: then the code works already.
bool is_fallback(Node node) {
  Node child = node;
  for (Node outer = node.parent(); outer; child = outer, outer = outer.parent()) {
    switch (outer.kind()) {
      case Kind::boolean_operator:
      case Kind::conditional_expression:
        if (mentions_new_key(outer)) return true;
        break;
      case Kind::argument_list: {
        // conf.get("workflow_form", conf.get("form_data"))
        const Node method = outer.parent().child(Field::function).child(Field::attribute);
        if (method.text() == "get" && mentions_new_key(outer)) return true;
        break;
      }
      case Kind::if_statement:
        if (is_second_branch(outer, child)) return true;
        break;
      case Kind::except_clause:
        if (mentions_new_key(outer.parent().child(Field::body))) return true;
        break;
      case Kind::function_definition:
      case Kind::class_definition:
      case Kind::module:
        return false;
      default:
        break;
    }
  }
  return false;
}

/// The value of the new key beside the old one in a dictionary.
Node sibling_value(const SemanticModel& model, Node pair) {
  for (const Node other : pair.parent().named_children()) {
    const auto key = model.constant(other.child(Field::key));
    if (key && key->value == kNew) return other.child(Field::value);
  }
  return {};
}

/// request.form["form_data"], session["form_data"] ...
bool is_http(Node container) {
  const std::string_view text = container.text();
  return text.starts_with("request.") || text.starts_with("session") ||
         text.starts_with("self.request.");
}

/// Whether a dictionary is what an HTTP client sends as a form, as files or as a header.
bool is_http_form(Node dictionary) {
  const Node keyword = dictionary.parent();
  if (!keyword.is(Kind::keyword_argument)) return false;
  const std::string_view name = keyword.child(Field::name).text();
  return name == "data" || name == "files" || name == "params" || name == "headers";
}

class FormDataChecker {
 public:
  explicit FormDataChecker(const RuleContext& context) : context_(context), conf_(context.model) {}

  void run() {
    for (std::uint32_t id = 0; id < context_.tree().size(); ++id) {
      const Node node = context_.tree().node(id);
      if (const auto use = key_use(node)) {
        check(*use, node);
      } else if (node.is(Kind::string)) {
        check_template(node);
        check_selection(node);
      } else if (node.is(Kind::keyword_argument)) {
        check_keyword(node);
      }
    }
  }

 private:
  void check(const KeyUse& use, Node node) {
    const auto constant = context_.model.constant(use.key);
    if (!constant || constant->value != kOld || is_fallback(node)) return;
    const bool certain = conf_.is_conf(use.container);
    if (is_http(use.container)) return;
    if (!certain && (is_http_form(use.container) || !conf_.file_is_kaapanas())) return;
    DraftFinding finding = describe(use.key.range());
    if (const Node both = node.is(Kind::pair) ? sibling_value(context_.model, node) : Node()) {
      if (both.text() == node.child(Field::value).text()) return;
      finding.remedy = fmt::format("move its values into '{}', which is given as well", kNew);
      return context_.report(std::move(finding));
    }
    if (is_given_new_value(node)) return;
    if (is_copied_to_new_key(node)) {
      finding.remedy = fmt::format("remove this line: a run's conf has '{}' by itself", kNew);
      return context_.report(std::move(finding));
    }
    if (is_assigned_beside_new_key(node)) {
      finding.remedy = fmt::format("'{}' is assigned here as well: join the two", kNew);
      return context_.report(std::move(finding));
    }
    const auto content =
        constant->literal ? plain_content(constant->literal) : std::optional<ByteRange>();
    if (!content) {
      finding.remedy += "; the key is put together from parts: change them by hand";
      return context_.report(std::move(finding));
    }
    if (constant->through_name) {
      finding.related.push_back({constant->literal.range(), "the key is spelled here"});
      if (!all_reads_are_keys(use.key)) {
        finding.remedy += "; the constant is used for other things, too: change it by hand";
        return context_.report(std::move(finding));
      }
    }
    FixDraft fix;
    fix.safety = certain ? conf_.safety_of(use.container) : Safety::unsafe;
    // Another file may import a constant from a module that makes no DAG.
    if (constant->through_name && context_.dags.empty()) fix.safety = Safety::unsafe;
    fix.title = fmt::format("rename the key to {}", kNew);
    fix.edits = {{*content, std::string(kNew)}};
    finding.fix = std::move(fix);
    context_.report(std::move(finding));
  }

  /// conf["form_data"] = conf["workflow_form"], which keeps older readers going.
  static bool is_given_new_value(Node node) {
    const Node assignment = node.parent();
    return assignment.is(Kind::assignment) && assignment.child(Field::left) == node &&
           mentions_new_key(assignment.child(Field::right));
  }

  /// conf["workflow_form"] = conf["form_data"]
  static bool is_copied_to_new_key(Node node) {
    const Node assignment = node.parent();
    const Node left = assignment.child(Field::left);
    return assignment.is(Kind::assignment) && assignment.child(Field::right) == node &&
           left.is(Kind::subscript) && mentions_new_key(left.child(Field::subscript));
  }

  /// conf["form_data"] = ... where conf["workflow_form"] = ... stands, too.
  static bool is_assigned_beside_new_key(Node node) {
    const Node assignment = node.parent();
    if (!node.is(Kind::subscript) || !assignment.is(Kind::assignment) ||
        node.field() != Field::left) {
      return false;
    }
    for (Node other = assignment.parent().parent().first_child(); other;
         other = other.next_sibling()) {
      const Node left = other.first_child().child(Field::left);
      if (left.is(Kind::subscript) && mentions_new_key(left.child(Field::subscript))) return true;
    }
    return false;
  }

  /// Whether a variable is read only as key of a conf, and nowhere with this rule suppressed.
  bool all_reads_are_keys(Node key) const {
    if (!key.is(Kind::identifier)) return false;
    for (const BindingId binding : context_.model.reaching(key.text(), key)) {
      for (const Node read : context_.model.reads_of(binding)) {
        Node owner = read.parent();
        if (owner.is(Kind::argument_list)) owner = owner.parent();
        const auto use = key_use(owner);
        if (!use || !(use->key == read) || !conf_.is_conf(use->container)) return false;
        if (context_.is_suppressed(read.range())) return false;
      }
    }
    return true;
  }

  /// dict(form_data=...) that becomes a conf.
  void check_keyword(Node keyword) {
    const Node name = keyword.child(Field::name);
    const Node call = keyword.parent().parent();
    if (name.text() != kOld || call.child(Field::function).text() != "dict") return;
    if (!conf_.is_conf(call)) return;
    DraftFinding finding = describe(name.range());
    if (keyword_value(call, kNew)) {
      finding.remedy = fmt::format("move its values into '{}', which is given as well", kNew);
      return context_.report(std::move(finding));
    }
    FixDraft fix;
    fix.title = fmt::format("rename the key to {}", kNew);
    fix.edits = {{name.range(), std::string(kNew)}};
    finding.fix = std::move(fix);
    context_.report(std::move(finding));
  }

  /// "{{ dag_run.conf['form_data'] }}" and the like.
  void check_template(Node literal) {
    const std::string_view text = literal.text();
    const auto at = text.find(kOld);
    const bool jinja =
        text.find("{{") != std::string_view::npos && text.find("conf") != std::string_view::npos;
    if (at == std::string_view::npos || !jinja || literal.child(Kind::interpolation)) return;
    const auto begin = literal.begin() + static_cast<std::uint32_t>(at);
    DraftFinding finding = describe({begin, begin + static_cast<std::uint32_t>(kOld.size())});
    finding.remedy += " in this template";
    context_.report(std::move(finding));
  }

  /// for key in ("form_data", ...), case {"form_data": form}, itemgetter("form_data"), key == ...
  void check_selection(Node literal) {
    if (string_value(literal) != kOld || !selects(literal) || !conf_.file_is_kaapanas()) return;
    if (is_fallback(literal) || mentions_new_key(literal.parent())) return;
    DraftFinding finding = describe(literal.range());
    finding.severity = Severity::warning;
    finding.remedy = fmt::format("use '{}' here if this selects the form in a run's conf", kNew);
    context_.report(std::move(finding));
  }

  static bool selects(Node literal) {
    const Node parent = literal.parent();
    switch (parent.kind()) {
      case Kind::list:
      case Kind::tuple:
      case Kind::set:
      case Kind::case_pattern:
      case Kind::dict_pattern:
        return true;
      case Kind::comparison_operator: {
        const Node word = parent.child(Field::operators);
        return word.is(Kind::op_eq) || word.is(Kind::op_ne);
      }
      case Kind::argument_list:
        return parent.parent().child(Field::function).text().ends_with("itemgetter");
      default:
        return false;
    }
  }

  static DraftFinding describe(ByteRange range) {
    DraftFinding finding;
    finding.range = range;
    finding.message = fmt::format(
        "a run's conf has no '{}' since 0.5.0: the form's values are in '{}'", kOld, kNew);
    finding.remedy = fmt::format("use '{}'", kNew);
    return finding;
  }

  const RuleContext& context_;
  ConfFinder conf_;
};

}  // namespace

void check_form_data_key(const RuleContext& context) { FormDataChecker(context).run(); }

}  // namespace dagfix
