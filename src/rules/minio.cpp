#include "rules/minio.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "fix/edits.hpp"
#include "rules/class_uses.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kReporting =
    "kaapana.operators.JupyterlabReportingOperator.JupyterlabReportingOperator";

/// From here on LocalMinioOperator's "get" runs without an error and writes no file.
constexpr Version kGetIsBroken{0, 5, 0};

bool is_container(Node node) {
  return node.is(Kind::list) || node.is(Kind::tuple) || node.is(Kind::set);
}

std::vector<Node> elements_of(Node node) {
  return is_container(node) ? node.named_children() : std::vector<Node>{node};
}

std::string as_list(const std::vector<std::string>& elements) {
  return fmt::format("[{}]", fmt::join(elements, ", "));
}

/// Whether a text can stand between double quotes as it is.
bool is_plain(std::string_view text) {
  return text.find_first_of("\"\\\r\n\t") == std::string_view::npos;
}

bool has_comment(const SyntaxTree& tree, Node node) {
  for (std::uint32_t id = node.id(); id < tree.subtree_end(node.id()); ++id) {
    if (tree.node(id).is(Kind::comment)) return true;
  }
  return false;
}

class MinioPlanner {
 public:
  MinioPlanner(const RuleContext& context, const OperatorReplacement& replacement, Node call)
      : context_(context), data_(replacement), call_(call), items_(arguments_of(call)) {
    replaced_.resize(items_.size());
    drop_.assign(items_.size(), false);
  }

  ArgumentPlan run() {
    if (!read()) return std::move(plan_);
    read_action();
    if (!plan_.problems.empty()) return std::move(plan_);
    for (const std::string_view name : {"minio_host", "minio_port", "local_root_dir"}) drop(name);
    if (action_ == "put") {
      plan_inputs();
      plan_whitelist();
      plan_upload_place();
    } else {
      plan_download();
    }
    check_rest();
    check_form();
    if (plan_.problems.empty()) {
      write();
    } else if (action_ == "get" && context_.rules.to() >= kGetIsBroken) {
      problem("left as it is, it fetches nothing since 0.5.0");
    }
    return std::move(plan_);
  }

 private:
  /// Sorts the arguments by parameter; false if they cannot be seen.
  bool read() {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const Node item = items_[i];
      std::string name;
      if (item.is(Kind::keyword_argument)) {
        name = item.child(Field::name).text();
      } else if (item.is(Kind::dictionary_splat) || item.is(Kind::list_splat) ||
                 i >= data_.positional.size()) {
        problem(fmt::format("the arguments in '{}' cannot be seen from here", item.text()));
        return false;
      } else {
        name = data_.positional[i];
      }
      if (!given_.emplace(name, i).second) {
        problem(fmt::format("'{}' is given twice", name));
        return false;
      }
    }
    return true;
  }

  Node value(std::string_view name) const {
    const auto found = given_.find(name);
    if (found == given_.end()) return {};
    const Node item = items_[found->second];
    const Node given = item.is(Kind::keyword_argument) ? item.child(Field::value) : item;
    return context_.model.value_of(given).is(Kind::none) ? Node() : given;
  }

  void drop(std::string_view name) {
    const auto found = given_.find(name);
    if (found == given_.end()) return;
    if (name == "local_root_dir") {
      const auto place = context_.model.constant(value(name));
      if (value(name) && (!place || place->value != "{run_dir}")) {
        return problem("'local_root_dir': MinioOperator always works in the run directory");
      }
    }
    drop_[found->second] = true;
  }

  void replace(std::string_view name, std::string text) {
    const Node item = items_[given_.find(name)->second];
    const Node given = item.child(Field::value);
    const bool kept = given && text.ends_with(given.text());
    if (!kept && has_comment(context_.tree(), item)) {
      return problem(fmt::format("'{}' has comments inside: rewrite it by hand", name));
    }
    replaced_[given_.find(name)->second] = std::move(text);
  }

  void rename(std::string_view name, std::string_view to) {
    replace(name, fmt::format("{}={}", to, value(name).text()));
  }

  void read_action() {
    const Node given = value("action");
    action_ = "get";
    if (given) {
      const auto constant = context_.model.constant(given);
      if (!constant) return problem("'action' is not known before the DAG is loaded");
      action_ = constant->value;
    }
    if (action_ != "get" && action_ != "put") {
      return problem(fmt::format("MinioOperator has no action '{}'", action_));
    }
    if (!given_.contains("action")) append_.push_back("action=\"get\"");
    if (!value("name")) {
      drop("name");
      append_.push_back(fmt::format("name=\"minio-actions-{}\"", action_));
      note("name= keeps the task id and the output directory");
    }
  }

  void plan_inputs() {
    std::vector<std::string> batch;
    std::vector<std::string> run;
    bool renamed = true;
    if (value("action_files")) {
      return problem(
          "'action_files' of an upload: Local uploaded only these files, "
          "source_files come on top of all files of the operators");
    }
    const Node operators = value("action_operators");
    const Node directories = value("action_operator_dirs");
    if (!operators && !directories) {
      return problem(
          "without operators it uploaded the whole run directory, which MinioOperator "
          "cannot do: name the operators");
    }
    if (directories && !is_container(directories)) {
      return problem("'action_operator_dirs' is not known before the DAG is loaded");
    }
    if (operators && !is_container(operators)) {
      if (!operators.is(Kind::identifier) && !operators.is(Kind::attribute)) {
        return problem("'action_operators' is put together here: give the list a name first");
      }
      add(operators.text(), Level::unknown, batch, run);
      if (directories) return problem("its lists of operators cannot be joined");
      replace_by_both("action_operators", operators.text());
      return note("both input lists: where these operators write is not known here");
    }
    for (const Node element : operators ? elements_of(operators) : std::vector<Node>{}) {
      // What is written into both lists must not do anything.
      if (!element.is(Kind::identifier) && !element.is(Kind::attribute) &&
          !element.is(Kind::subscript)) {
        return problem(fmt::format("'action_operators': give {} a name first", element.text()));
      }
      add_operator(element, batch, run);
    }
    for (const Node element : directories ? elements_of(directories) : std::vector<Node>{}) {
      const bool is_out_dir = element.is(Kind::attribute) &&
                              element.child(Field::attribute).text() == "operator_out_dir";
      if (!is_out_dir) {
        return problem(fmt::format("'action_operator_dirs': {} is no operator's operator_out_dir",
                                   element.text()));
      }
      add_operator(element.child(Field::object), batch, run);
      renamed = false;
    }
    if (batch.empty() && run.empty()) {
      return problem(
          "with an empty list it uploaded the whole run directory, which MinioOperator "
          "cannot do: name the operators");
    }
    write_inputs(operators, batch, run, renamed);
  }

  void add_operator(Node element, std::vector<std::string>& batch, std::vector<std::string>& run) {
    const Level level = level_of(context_, element);
    if (level == Level::unknown) {
      note(fmt::format("{} stands in both input lists: where it writes is not known here",
                       element.text()));
    }
    add(element.text(), level, batch, run);
  }

  static void add(std::string_view text, Level level, std::vector<std::string>& batch,
                  std::vector<std::string>& run) {
    if (level != Level::run) batch.emplace_back(text);
    if (level != Level::batch) run.emplace_back(text);
  }

  void write_inputs(Node operators, const std::vector<std::string>& batch,
                    const std::vector<std::string>& run, bool renamed) {
    const std::string_view holder = operators ? "action_operators" : "action_operator_dirs";
    if (operators && given_.contains("action_operator_dirs")) drop("action_operator_dirs");
    if (renamed && run.empty()) return rename(holder, "batch_input_operators");
    if (renamed && batch.empty()) return rename(holder, "none_batch_input_operators");
    if (renamed && batch == run) return replace_by_both(holder, operators.text());
    std::vector<std::string> parts;
    if (!batch.empty()) parts.push_back("batch_input_operators=" + as_list(batch));
    if (!run.empty()) parts.push_back("none_batch_input_operators=" + as_list(run));
    replace(holder, fmt::format("{}", fmt::join(parts, separator_of(holder))));
  }

  void replace_by_both(std::string_view holder, std::string_view list) {
    replace(holder, fmt::format("batch_input_operators={0}{1}none_batch_input_operators={0}", list,
                                separator_of(holder)));
  }

  std::string separator_of(std::string_view name) const {
    return separator_behind(context_.tree().text(), items_[given_.find(name)->second]);
  }

  void plan_whitelist() {
    const Node given = value("file_white_tuples");
    const Node zip = context_.model.value_of(value("zip_files"));
    if (zip && !zip.is(Kind::false_) && !zip.is(Kind::true_)) {
      return problem("'zip_files' is not known before the DAG is loaded");
    }
    std::vector<std::string> extensions;
    if (given) {
      for (const Node element : elements_of(context_.model.value_of(given))) {
        const auto extension = context_.model.constant(element);
        if (!extension) return problem("'file_white_tuples' is not known before the DAG is loaded");
        extensions.push_back(extension->value);
      }
    }
    if (zip.is(Kind::true_)) return plan_zip_whitelist(extensions);
    if (!given) {
      if (given_.contains("file_white_tuples")) drop("file_white_tuples");
      return;
    }
    std::vector<std::string> kept;
    for (const std::string& extension : extensions) {
      if (extension == "*") {
        return problem(
            "'file_white_tuples' lets every file pass, MinioOperator cannot: list the "
            "endings");
      }
      if (!is_plain(extension)) return problem("'file_white_tuples' has odd characters");
      kept.push_back(fmt::format("\"{}{}\"", extension.starts_with('.') ? "" : ".", extension));
    }
    replace("file_white_tuples", "whitelisted_file_extensions=" + as_list(kept));
    note(
        "the endings are compared with upper and lower case now, and a task without any file "
        "fails");
  }

  /// Local filtered the archive by the whitelist, MinioOperator filters what goes into it.
  void plan_zip_whitelist(const std::vector<std::string>& extensions) {
    if (!std::ranges::all_of(extensions, [](const std::string& e) { return e == ".zip"; })) {
      return problem(
          "'file_white_tuples' with zip_files=True kept the archive back; drop it or "
          "upload nothing");
    }
    drop("file_white_tuples");
    plan_.safety = Safety::unsafe;
    note(
        "the archive now holds only files with MinioOperator's default endings (.json .mat .py "
        ".zip .txt .gz .csv .pdf .png .jpg), Local put all files in it: add "
        "whitelisted_file_extensions if others matter");
  }

  void plan_upload_place() {
    const Node bucket = value("bucket_name");
    const Node prefix = value("target_dir_prefix");
    if (bucket && prefix) {
      return problem("'bucket_name' and 'target_dir_prefix' both become minio_prefix");
    }
    if (prefix) return rename("target_dir_prefix", "minio_prefix");
    if (bucket) {
      if (!context_.model.constant(bucket)) plan_.safety = Safety::unsafe;
      note("the files go into the project's bucket, below a folder with the old bucket's name");
      return rename("bucket_name", "minio_prefix");
    }
    drop("bucket_name");
    const DagInfo* dag = dag_of(context_.model, context_.dags, call_);
    if (!dag || !dag->id) {
      return problem("the bucket was named after the DAG, whose id is not known here");
    }
    if (!is_plain(*dag->id)) return problem("the id of the DAG has odd characters");
    append_.push_back(fmt::format("minio_prefix=\"{}\"", *dag->id));
    note("the files go into the project's bucket, below a folder with the old bucket's name");
  }

  void plan_download() {
    const Node files = value("action_files");
    const Node bucket = value("bucket_name");
    if (!files || value("action_operators") || value("action_operator_dirs")) {
      return problem(
          "MinioOperator can download only files that are named, no folders and no "
          "whole bucket");
    }
    const auto name = bucket ? context_.model.constant(bucket) : std::nullopt;
    if (!name || name->value != "analysis-scripts") {
      return problem(
          "the objects have to be moved to the project's bucket first: then name them "
          "by minio_prefix and source_files");
    }
    for (const std::string_view gone :
         {"file_white_tuples", "zip_files", "action_operators", "action_operator_dirs"}) {
      drop(gone);
    }
    rename("action_files", "source_files");
    replace("bucket_name", "bucket_name=\"template-analysis-scripts\"");
    tell_notebook_users(files);
  }

  /// The files land in the operator's own directory now, which the reports have to be told.
  void tell_notebook_users(Node files) {
    const Node assignment = call_.parent();
    const Node target = assignment.child(Field::left);
    if (!assignment.is(Kind::assignment) || !target.is(Kind::identifier)) {
      return problem("the operator has no name by which notebook_dir could be given");
    }
    std::set<std::string> names;
    for (const Node element : elements_of(context_.model.value_of(files))) {
      const auto name = context_.model.constant(element);
      if (!name) return problem("'action_files' is not known before the DAG is loaded");
      names.insert(name->value);
    }
    std::size_t told = 0;
    for (const SymbolUse& use : context_.model.uses()) {
      const Node call = use.expression.parent();
      if (use.symbol.path != kReporting || !call.is(Kind::call)) continue;
      if (const auto given = arguments_of(call);
          given.size() > 1 && !given[1].is(Kind::keyword_argument)) {
        return problem("the report is given positional arguments: write them as keywords first");
      }
      const auto file = context_.model.constant(keyword_value(call, "notebook_filename"));
      if (!file || !names.contains(file->value)) continue;
      if (keyword_value(call, "notebook_dir")) return problem("notebook_dir is given already");
      const auto seen = context_.model.reaching(target.text(), call);
      if (call.begin() < call_.end() || seen.size() != 1 ||
          !(context_.model.bindings()[seen[0]].target == target)) {
        return problem(fmt::format("the report cannot see {}", target.text()));
      }
      const auto arguments = arguments_of(call);
      const std::string told_dir = fmt::format("notebook_dir={}.operator_out_dir", target.text());
      append_arguments(context_.tree().text(), call.child(Field::arguments), arguments,
                       {&told_dir, 1}, plan_.edits);
      ++told;
    }
    if (told == 0) {
      return problem(
          "its files land in its own output directory now, no longer in the run "
          "directory: tell what reads them");
    }
    note("the report gets notebook_dir, since the notebook lands in another directory now");
  }

  /// What nothing above has dealt with has to mean the same to both.
  void check_rest() {
    for (const auto& [name, index] : given_) {
      if (drop_[index] || !replaced_[index].empty()) continue;
      const auto known = std::ranges::find(data_.arguments, name, &ArgumentChange::name);
      if (known != data_.arguments.end()) {
        using enum ArgumentChange::Action;
        if (known->action == drop) {
          drop_[index] = true;
          note(fmt::format("'{}' is dropped: {}", name, known->reason));
          if (auto longer = longer_time(context_.model, *known, value(name)); !longer.empty()) {
            plan_.safety = Safety::unsafe;
            note(std::move(longer));
          }
        } else if (known->action == report && !value(name)) {
          drop_[index] = true;  // None is what it means to leave it out
        } else if (known->action == report && plan_.problems.empty()) {
          problem(fmt::format("'{}': {}", name, known->reason));
        }
        continue;
      }
      const auto& common = context_.rules.book().common_arguments();
      if (std::ranges::find(common, name) == common.end()) {
        problem(fmt::format("'{}' is not known to be an argument of both", name));
      }
    }
  }

  /// A form's properties become environment variables of the container and win over arguments.
  void check_form() {
    for (const std::string_view name :
         {"action", "bucket_name", "minio_prefix", "source_files", "whitelisted_file_extensions"}) {
      if (!has_form_property(context_.model, name)) continue;
      problem(
          fmt::format("the form's property '{}' would take the place of the operator's own "
                      "value: rename it",
                      name));
    }
  }

  void write() {
    std::vector<Node> kept;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const Node item = items_[i];
      if (drop_[i]) continue;
      kept.push_back(item);
      if (!replaced_[i].empty()) {
        write_replaced(item, replaced_[i]);
      } else if (i > 0 && !item.is(Kind::keyword_argument)) {
        plan_.edits.push_back({{item.begin(), item.begin()}, data_.positional[i] + "="});
      }
    }
    if (std::ranges::find(drop_, true) != drop_.end()) {
      const auto removed = remove_items(context_.tree().text(), items_, drop_);
      plan_.edits.insert(plan_.edits.end(), removed.begin(), removed.end());
    }
    append_arguments(context_.tree().text(), call_.child(Field::arguments), kept, append_,
                     plan_.edits);
  }

  /// A mere new keyword leaves the value alone, and with it the comments inside.
  void write_replaced(Node item, const std::string& text) {
    const auto equals = text.find('=');
    const Node value = item.child(Field::value);
    if (item.is(Kind::keyword_argument) && text.substr(equals + 1) == value.text()) {
      plan_.edits.push_back({item.child(Field::name).range(), text.substr(0, equals)});
    } else {
      plan_.edits.push_back({item.range(), text});
    }
  }

  void problem(std::string text) { plan_.problems.push_back(std::move(text)); }
  void note(std::string text) { plan_.notes.push_back(std::move(text)); }

  const RuleContext& context_;
  const OperatorReplacement& data_;
  Node call_;
  std::vector<Node> items_;
  std::map<std::string, std::size_t, std::less<>> given_;
  std::vector<std::string> replaced_;
  std::vector<bool> drop_;
  std::vector<std::string> append_;
  std::string action_;
  ArgumentPlan plan_;
};

}  // namespace

ArgumentPlan plan_minio_arguments(const RuleContext& context,
                                  const OperatorReplacement& replacement, Node call) {
  return MinioPlanner(context, replacement, call).run();
}

}  // namespace dagfix
