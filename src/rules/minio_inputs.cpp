#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "rules/minio.hpp"

namespace dagfix {

namespace {

bool is_container(Node node) {
  return node.is(Kind::list) || node.is(Kind::tuple) || node.is(Kind::set);
}

bool is_comprehension(Node node) {
  return node.is(Kind::list_comprehension) || node.is(Kind::generator_expression) ||
         node.is(Kind::set_comprehension);
}

/// Whether a star can stand in front as it is.
bool is_primary(Node node) {
  return node.is(Kind::identifier) || node.is(Kind::attribute) || node.is(Kind::call) ||
         node.is(Kind::subscript) || node.is(Kind::parenthesized_expression) ||
         is_container(node) || is_comprehension(node);
}

bool is_out_dir(Node node) {
  return node.is(Kind::attribute) && node.child(Field::attribute).text() == "operator_out_dir";
}

std::string as_list(const std::vector<std::string>& elements) {
  return fmt::format("[{}]", fmt::join(elements, ", "));
}

/// Whether a text can stand between double quotes as it is.
bool is_plain(std::string_view text) {
  return text.find_first_of("\"\\\r\n\t{}") == std::string_view::npos;
}

/// Whether every name in an expression means the same at another place.
bool means_the_same(const SemanticModel& model, Node expression, Node at) {
  const SyntaxTree& tree = model.tree();
  for (std::uint32_t id = expression.id(); id < tree.subtree_end(expression.id()); ++id) {
    const Node node = tree.node(id);
    if (!node.is(Kind::identifier) || node.field() == Field::attribute) continue;
    if (model.reaching(node.text(), node) != model.reaching(node.text(), at)) return false;
  }
  return true;
}

/// Operators of an upload, or a whole list of them, and where they write.
struct Part {
  std::string text;  ///< An element of the new list; a whole list stands with a star.
  Level level = Level::unknown;
  bool repeatable = true;
  std::string_view shown;
};

class InputPlanner {
 public:
  InputPlanner(const RuleContext& context, GivenArguments& arguments, ArgumentPlan& plan)
      : context_(context), model_(context.model), arguments_(arguments), plan_(plan) {}

  void run() {
    const Node operators = arguments_.value("action_operators");
    const Node directories = arguments_.value("action_operator_dirs");
    if (operators) read_operators(operators);
    if (directories) read_directories(directories);
    if (!plan_.problems.empty()) return;
    if (arguments_.value("action_files")) return plan_files();
    if (parts_.empty()) {
      return problem(
          "without operators it uploaded the whole run directory, which MinioOperator cannot do: "
          "name the operators");
    }
    tell_unknown();
    if (plan_.problems.empty()) write(operators, directories);
  }

 private:
  /// What an element of a list of operators is in the new one.
  Part part_of(Node element) const {
    if (element.is(Kind::list_splat)) {
      return {std::string(element.text()), level_of_all(context_, element), is_repeatable(element),
              first_line(element)};
    }
    return {std::string(element.text()), level_of(context_, element), is_repeatable(element),
            first_line(element)};
  }

  Part whole(Node list) const {
    std::string text(list.text());
    if (!is_primary(list)) text = '(' + text + ')';
    return {"*" + text, level_of_all(context_, list), is_repeatable(list), first_line(list)};
  }

  void read_operators(Node list) {
    if (!is_container(list)) {
      return parts_.push_back(whole(list));
    }
    for (const Node element : list.named_children()) parts_.push_back(part_of(element));
  }

  void read_directories(Node given) {
    Node list = given;
    if (given.is(Kind::identifier)) {
      list = model_.value_of(given);
      // Changed or made elsewhere, the list may hold more.
      if (!operators_in(model_, given) || !means_the_same(model_, list, given)) list = given;
    }
    if (is_comprehension(list)) return read_comprehension(list);
    if (!is_container(list)) {
      return problem("'action_operator_dirs' is not known before the DAG is loaded");
    }
    for (const Node element : list.named_children()) {
      if (is_out_dir(element)) {
        parts_.push_back(part_of(element.child(Field::object)));
      } else if (const Binding* writer = operator_that_writes(element, given)) {
        parts_.push_back({std::string(writer->target.text()), level_of(context_, writer->value),
                          true, first_line(element)});
      } else {
        problem(fmt::format("'action_operator_dirs': {} is no operator's operator_out_dir",
                            element.text()));
      }
    }
  }

  /// [op.operator_out_dir for op in ops]
  void read_comprehension(Node list) {
    const Node body = list.child(Field::body);
    const Node clause = list.child(Kind::for_in_clause);
    const Node target = clause.child(Field::left);
    const Node source = clause.child(Field::right);
    const bool is_simple = list.named_children().size() == 2;
    if (!is_out_dir(body) || body.child(Field::object).text() != target.text() || !is_simple) {
      return problem(
          "'action_operator_dirs' is put together here: write the operators into a list");
    }
    if (is_container(source)) return read_operators(source);
    parts_.push_back(whole(source));
  }

  /// The operator of this file whose output directory a string is; null if none or several are.
  const Binding* operator_that_writes(Node directory, Node at) const {
    const auto wanted = model_.constant(directory);
    const Binding* found = nullptr;
    if (!wanted) return found;
    for (BindingId id = 0; id < model_.bindings().size(); ++id) {
      const Binding& binding = model_.bindings()[id];
      if (binding.kind != BindingKind::assignment || !binding.value.is(Kind::call)) continue;
      if (!binding.target.is(Kind::identifier) || out_dir_of(binding.value) != wanted->value)
        continue;
      const auto seen = model_.reaching(binding.target.text(), at);
      if (found || seen.size() != 1 || seen[0] != id) return nullptr;
      found = &binding;
    }
    return found;
  }

  /// Whether neither an operator nor those that it takes its input from have a parallel_id.
  bool has_no_suffix(Node call) const {
    // A chain is never longer in practice, and may be a circle.
    for (int links = 0; links < 100; ++links) {
      if (!call.is(Kind::call) || keyword_value(call, "parallel_id")) return false;
      const bool is_open = std::ranges::any_of(arguments_of(call), [](Node item) {
        return item.is(Kind::dictionary_splat) || item.is(Kind::list_splat);
      });
      // A class of the project may give one itself.
      const auto symbol = model_.resolve(call.child(Field::function));
      const bool is_own = !symbol || !symbol->certain || !is_kaapana(symbol->path);
      if (is_open || (links > 0 && is_own)) return false;
      const Node input = keyword_value(call, "input_operator");
      if (!input) return true;
      if (!input.is(Kind::identifier)) return false;
      call = model_.value_of(input);
    }
    return false;
  }

  /// The output directory of an operator, where the calls say it.
  std::optional<std::string> out_dir_of(Node call) const {
    if (const Node given = keyword_value(call, "operator_out_dir")) {
      const auto directory = model_.constant(given);
      return directory ? std::optional(directory->value) : std::nullopt;
    }
    if (!has_no_suffix(call)) return {};
    for (const std::string_view keyword : {"task_id", "name"}) {
      const Node given = keyword_value(call, keyword);
      if (!given) continue;
      const auto name = model_.constant(given);
      return name ? std::optional(name->value) : std::nullopt;
    }
    const auto symbol = model_.resolve(call.child(Field::function));
    if (!symbol || !symbol->certain) return {};
    for (const Rule& rule : context_.rules.book().rules()) {
      const OperatorReplacement& pair = rule.replacement;
      const bool is_it =
          !pair.out_dir.empty() && (pair.old_class == symbol->path ||
                                    (pair.new_class == symbol->path && pair.write_out.empty()));
      if (is_it) return pair.out_dir;
    }
    return {};
  }

  void tell_unknown() {
    for (const Part& part : parts_) {
      if (part.level != Level::unknown) continue;
      if (!part.repeatable) {
        problem(fmt::format("{} would have to stand in both input lists: give it a name first",
                            part.shown));
      } else {
        plan_.notes.push_back(fmt::format(
            "{} stands in both input lists: where it writes is not known here", part.shown));
      }
    }
  }

  std::vector<std::string> texts(Level without) const {
    std::vector<std::string> result;
    for (const Part& part : parts_) {
      if (part.level != without) result.push_back(part.text);
    }
    return result;
  }

  void write(Node operators, Node directories) {
    const auto batch = texts(Level::run);
    const auto run = texts(Level::batch);
    const GivenArgument& holder =
        *arguments_.find(operators ? "action_operators" : "action_operator_dirs");
    if (operators && directories) arguments_.drop(*arguments_.find("action_operator_dirs"));
    const bool as_is = !directories;
    GivenArguments::Replacement replacement;
    const auto add = [&](const char* name, const std::vector<std::string>& list) {
      if (list.empty()) return;
      const bool all = list.size() == parts_.size();
      const bool one_list = all && parts_.size() == 1 && list[0].starts_with('*');
      std::string text = as_is && all ? std::string(holder.value.text())
                         : one_list   ? list[0].substr(1)
                                      : as_list(list);
      replacement.emplace_back(name, std::move(text));
    };
    add("batch_input_operators", batch);
    add("none_batch_input_operators", run);
    const bool copies = !as_is || replacement.size() > 1;
    for (const Node list : {operators, directories}) {
      if (copies && list && has_comment(context_.tree(), list)) {
        return problem("its lists of operators have comments inside: rewrite them by hand");
      }
    }
    arguments_.replace(holder, std::move(replacement));
  }

  /// Named files of operators that write once per run, or of the run directory itself.
  void plan_files() {
    const Node zip = model_.value_of(arguments_.value("zip_files"));
    if (zip && !zip.is(Kind::false_)) {
      return problem("with zip_files=True 'action_files' had no effect: drop one of the two");
    }
    const Node files = model_.value_of(arguments_.value("action_files"));
    std::vector<std::string> names;
    for (const Node element : is_container(files) ? files.named_children() : std::vector<Node>{}) {
      const auto name = model_.constant(element);
      if (name && is_plain(name->value)) names.push_back(name->value);
    }
    if (names.empty() || names.size() != files.named_children().size()) {
      return problem("'action_files' is not known before the DAG is loaded");
    }
    std::vector<std::string> sources;
    for (const Part& part : parts_) {
      if (part.level != Level::run || !is_simple_name(part.text)) {
        return problem(
            "'action_files' picked these files out of every series, source_files are relative to "
            "the run directory: upload by whitelisted_file_extensions instead");
      }
      for (const std::string& name : names) {
        sources.push_back(fmt::format("f\"{{{}.operator_out_dir}}/{}\"", part.text, name));
      }
    }
    plan_.safety = Safety::unsafe;
    plan_.notes.emplace_back("a file that is missing fails the task now");
    if (parts_.empty()) return rename_files();
    for (const char* holder : {"action_operators", "action_operator_dirs"}) {
      if (const GivenArgument* argument = arguments_.find(holder)) arguments_.drop(*argument);
    }
    const GivenArgument& argument = *arguments_.find("action_files");
    if (has_comment(context_.tree(), argument.item)) {
      return problem("'action_files' has comments inside: rewrite it by hand");
    }
    arguments_.replace(argument, {{"source_files", as_list(sources)}});
    plan_.notes.emplace_back("the files are looked for in the operator's directory only");
  }

  void rename_files() { arguments_.rename(*arguments_.find("action_files"), "source_files"); }

  static bool is_simple_name(std::string_view text) {
    return text.find_first_of("*( [\"'") == std::string_view::npos;
  }

  void problem(std::string text) { plan_.problems.push_back(std::move(text)); }

  const RuleContext& context_;
  const SemanticModel& model_;
  GivenArguments& arguments_;
  ArgumentPlan& plan_;
  std::vector<Part> parts_;
};

}  // namespace

void plan_minio_inputs(const RuleContext& context, GivenArguments& arguments, ArgumentPlan& plan) {
  InputPlanner(context, arguments, plan).run();
}

}  // namespace dagfix
