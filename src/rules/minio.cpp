#include "rules/minio.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "fix/edits.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kReporting =
    "kaapana.operators.JupyterlabReportingOperator.JupyterlabReportingOperator";

bool is_container(Node node) {
  return node.is(Kind::list) || node.is(Kind::tuple) || node.is(Kind::set);
}

std::vector<Node> elements_of(Node node) {
  return is_container(node) ? node.named_children() : std::vector<Node>{node};
}

/// Whether a text can stand between double quotes as it is.
bool is_plain(std::string_view text) {
  return text.find_first_of("\"\\\r\n\t") == std::string_view::npos;
}

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", text); }

/// The ending with its dot; empty if it is no ending: the container compares what follows the first
/// dots of a file name, not any last part of it.
std::string with_dot(std::string_view ending) {
  if (ending.starts_with('.')) ending.remove_prefix(1);
  const bool is_word = std::ranges::all_of(ending, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
  });
  return is_word && !ending.empty() ? fmt::format(".{}", ending) : std::string();
}

/// "metrics.json" is a name, "nii.gz" is not.
bool is_file_name(std::string_view ending) {
  constexpr std::array<std::string_view, 5> kDouble{"nii.gz", "tar.gz", "tar.bz2", "tar.xz",
                                                    "seg.nrrd"};
  return !ending.starts_with('.') && ending.contains('.') &&
         std::ranges::find(kDouble, ending) == kDouble.end();
}

class MinioPlanner {
 public:
  MinioPlanner(const RuleContext& context, const OperatorReplacement& replacement, Node call,
               Node partial)
      : context_(context),
        model_(context.model),
        data_(replacement),
        call_(call),
        dag_place_(keyword_value(partial, "dag") ? partial : call),
        arguments_(context, call, context.rules.parameters_of(replacement), 0, partial) {}

  ArgumentPlan run() {
    plan_.problems = arguments_.problems();
    if (plan_.problems.empty()) read_action();
    if (plan_.problems.empty()) plan();
    // What stands nearby, such as a report, changes only together with the call.
    if (!plan_.problems.empty()) plan_.edits.clear();
    plan_kept_call(context_, data_, arguments_, plan_);
    return std::move(plan_);
  }

 private:
  void plan() {
    for (const char* name : {"minio_host", "minio_port", "local_root_dir"}) drop_constant(name);
    if (action_ == "put") {
      plan_minio_inputs(context_, arguments_, plan_);
      plan_whitelist();
      plan_upload_place();
      note("a task that finds no file fails now");
    } else {
      plan_download();
    }
    check_rest();
    for (std::string& text : form_problems(context_, data_)) problem(std::move(text));
    check_changes();
    if (!plan_.problems.empty()) return;
    const auto edits = arguments_.edits(1);
    plan_.edits.insert(plan_.edits.end(), edits.begin(), edits.end());
  }

  Node value(std::string_view name) const { return arguments_.value(name); }

  void drop(std::string_view name) {
    if (const GivenArgument* given = arguments_.find(name)) arguments_.drop(*given);
  }

  void drop_constant(std::string_view name) {
    const auto place = model_.constant(value(name));
    if (name == "local_root_dir" && value(name) && (!place || place->value != "{run_dir}")) {
      return problem("'local_root_dir': MinioOperator always works in the run directory");
    }
    drop(name);
  }

  void replace(std::string_view name, std::string_view to, std::string text) {
    const GivenArgument& given = *arguments_.find(name);
    if (text != given.value.text() && has_comment(context_.tree(), given.item)) {
      return problem(fmt::format("'{}' has comments inside: rewrite it by hand", name));
    }
    arguments_.replace(given, {{std::string(to), std::move(text)}});
  }

  void rename(std::string_view name, std::string_view to) {
    arguments_.rename(*arguments_.find(name), to);
  }

  void read_action() {
    const Node given = value("action");
    action_ = "get";
    if (given) {
      const auto constant = model_.constant(given);
      if (!constant) return problem("'action' is not known before the DAG is loaded");
      action_ = constant->value;
    }
    if (action_ == "get" && data_.fails && context_.rules.to() >= *data_.fails) {
      plan_.failure = fmt::format(
          "left as it is, it fetches nothing since {}: name the files in a MinioOperator, or fetch "
          "them in an operator of your own (kaapanapy.helper.get_minio_client)",
          to_string(*data_.fails));
    }
    if (action_ != "get" && action_ != "put") {
      return problem(fmt::format("MinioOperator has no action '{}'{}", action_,
                                 action_ == "remove"
                                     ? ": delete the objects in an operator of your own"
                                     : ", only 'get' and 'put'"));
    }
    if (!arguments_.find("action")) arguments_.append("action", quoted("get"));
    if (!value("name")) {
      drop("name");
      arguments_.append("name", quoted("minio-actions-" + action_));
      note("name= keeps the task id and the output directory");
    }
  }

  void plan_whitelist() {
    const Node given = value("file_white_tuples");
    const Node zip = model_.value_of(value("zip_files"));
    if (zip && !zip.is(Kind::false_) && !zip.is(Kind::true_)) {
      return problem("'zip_files' is not known before the DAG is loaded");
    }
    std::vector<std::string> endings;
    const auto elements = given ? elements_of(model_.value_of(given)) : std::vector<Node>{};
    for (const Node element : elements) {
      const auto ending = model_.constant(element);
      if (!ending) return problem("'file_white_tuples' is not known before the DAG is loaded");
      endings.push_back(ending->value);
    }
    if (zip.is(Kind::true_)) return plan_zip_whitelist(endings);
    if (!given) return drop("file_white_tuples");
    std::vector<std::string> kept;
    for (const std::string& ending : endings) {
      if (ending == "*") continue;  // No file's name ends with it.
      const std::string dotted = with_dot(ending);
      if (dotted.empty() || is_file_name(ending)) {
        return problem(fmt::format(
            "'file_white_tuples': MinioOperator compares only what follows the dots of a file's "
            "name, which '{}' is not",
            ending));
      }
      if (std::ranges::any_of(dotted, [](char c) { return c >= 'A' && c <= 'Z'; })) {
        return problem(fmt::format(
            "'file_white_tuples': '{}' let no file pass, since names were compared in lower case; "
            "MinioOperator would let them pass",
            ending));
      }
      kept.push_back(quoted(dotted));
    }
    if (kept.empty()) {
      return problem("'file_white_tuples' let no file pass: list the endings that you mean");
    }
    if (kept.size() < endings.size()) note("\"*\" let no file pass and is left out");
    replace("file_white_tuples", "whitelisted_file_extensions",
            fmt::format("[{}]", fmt::join(kept, ", ")));
    note("the endings are compared with upper and lower case now");
  }

  /// Local filtered the archive by the whitelist, MinioOperator filters what goes into it.
  void plan_zip_whitelist(const std::vector<std::string>& endings) {
    if (!std::ranges::all_of(endings, [](const std::string& e) { return e == ".zip"; })) {
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
    Node prefix = value("target_dir_prefix");
    if (const auto empty = model_.constant(prefix); empty && empty->value.empty()) prefix = {};
    const Node bucket = value("bucket_name");
    if (!prefix) drop("target_dir_prefix");
    if (bucket) return plan_bucket(bucket, prefix);
    drop("bucket_name");
    const DagInfo* dag = dag_of(model_, context_.dags, dag_place_);
    if (!dag || !dag->id) {
      return problem("the bucket was named after the DAG, whose id is not known here");
    }
    if (!is_plain(*dag->id)) return problem("the id of the DAG has odd characters");
    note("the files go into the project's bucket, below a folder with the old bucket's name");
    if (!prefix) return arguments_.append("minio_prefix", quoted(*dag->id));
    join_prefix(*dag->id, prefix);
  }

  void plan_bucket(Node bucket, Node prefix) {
    const auto name = model_.constant(bucket);
    if (!name) plan_.safety = Safety::unsafe;
    note("the files go into the project's bucket, below a folder with the old bucket's name");
    if (!prefix) return rename("bucket_name", "minio_prefix");
    if (!name) return problem("'bucket_name' and 'target_dir_prefix' both become minio_prefix");
    drop("bucket_name");
    join_prefix(name->value, prefix);
  }

  void join_prefix(const std::string& folder, Node prefix) {
    const auto name = model_.constant(prefix);
    if (!name || !is_plain(name->value) || !is_plain(folder)) {
      return problem("'target_dir_prefix' has to become a part of minio_prefix");
    }
    replace("target_dir_prefix", "minio_prefix", quoted(folder + "/" + name->value));
  }

  void plan_download() {
    const Node files = value("action_files");
    const Node bucket = value("bucket_name");
    if (!files || value("action_operators") || value("action_operator_dirs")) {
      return problem(
          "MinioOperator can download only files that are named, no folders and no "
          "whole bucket");
    }
    const auto name = bucket ? model_.constant(bucket) : std::nullopt;
    const bool is_template = name && name->value == "template-analysis-scripts";
    if (!is_template && (!name || name->value != "analysis-scripts")) {
      return problem(
          "the objects have to be moved to the project's bucket first: then name them "
          "by minio_prefix and source_files");
    }
    for (const char* gone : {"file_white_tuples", "zip_files", "action_operators",
                             "action_operator_dirs", "target_dir_prefix"}) {
      drop(gone);
    }
    rename("action_files", "source_files");
    if (!is_template) replace("bucket_name", "bucket_name", quoted("template-analysis-scripts"));
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
    for (const Node element : elements_of(model_.value_of(files))) {
      const auto name = model_.constant(element);
      if (!name) return problem("'action_files' is not known before the DAG is loaded");
      names.insert(name->value);
    }
    std::set<std::string> untold = names;
    for (const SymbolUse& use : model_.uses()) {
      const Node call = use.expression.parent();
      if (use.symbol.path != kReporting || !call.is(Kind::call)) continue;
      if (const auto given = arguments_of(call);
          given.size() > 1 && !given[1].is(Kind::keyword_argument)) {
        return problem("the report is given positional arguments: write them as keywords first");
      }
      const auto file = model_.constant(keyword_value(call, "notebook_filename"));
      if (!file || !names.contains(file->value)) continue;
      if (keyword_value(call, "notebook_dir")) return problem("notebook_dir is given already");
      const auto seen = model_.reaching(target.text(), call);
      if (call.begin() < call_.end() || seen.size() != 1 ||
          !(model_.bindings()[seen[0]].target == target)) {
        return problem(fmt::format("the report cannot see {}", first_line(target)));
      }
      const auto arguments = arguments_of(call);
      const std::string told_dir = fmt::format("notebook_dir={}.operator_out_dir", target.text());
      append_arguments(context_.tree().text(), call.child(Field::arguments), arguments,
                       {&told_dir, 1}, plan_.edits);
      untold.erase(file->value);
    }
    if (!untold.empty()) {
      return problem(fmt::format(
          "{} lands in its own output directory now, no longer in the run directory: tell what "
          "reads it",
          *untold.begin()));
    }
    note("the report gets notebook_dir, since the notebook lands in another directory now");
  }

  /// What nothing above has dealt with has to mean the same to both.
  void check_rest() {
    const auto& common = context_.rules.book().common_arguments();
    for (const GivenArgument& argument : arguments_.given()) {
      if (arguments_.is_changed(argument)) continue;
      const auto known = std::ranges::find(data_.arguments, argument.name, &ArgumentChange::name);
      if (known == data_.arguments.end()) {
        if (std::ranges::find(common, argument.name) != common.end()) continue;
        problem(fmt::format("'{}' is not known to be an argument of both", argument.name));
        continue;
      }
      using enum ArgumentChange::Action;
      if (known->action == drop) {
        arguments_.drop(argument);
        note(fmt::format("'{}' is dropped: {}", argument.name, known->reason));
        auto longer = longer_time(model_, *known, argument.value);
        if (!longer.empty()) {
          plan_.safety = Safety::unsafe;
          note(std::move(longer));
        }
      } else if (known->action == report && !value(argument.name)) {
        arguments_.drop(argument);  // None is what it means to leave it out
      } else if (known->action == report && plan_.problems.empty()) {
        problem(fmt::format("'{}': {}", argument.name, known->reason));
      }
    }
  }

  /// What has to change has to be free to.
  void check_changes() {
    for (const GivenArgument& argument : arguments_.given()) {
      if (!arguments_.is_changed(argument)) continue;
      if (auto reason = arguments_.fixed_reason(argument); !reason.empty()) {
        problem(std::move(reason));
      }
      if (arguments_.is_dropped(argument) && argument.value.text().contains(":=")) {
        problem(fmt::format("'{}' cannot be dropped: it binds a name", argument.name));
      }
    }
  }

  void problem(std::string text) { plan_.problems.push_back(std::move(text)); }
  void note(std::string text) { plan_.notes.push_back(std::move(text)); }

  const RuleContext& context_;
  const SemanticModel& model_;
  const OperatorReplacement& data_;
  Node call_;
  Node dag_place_;  // the call that says to which DAG the operator belongs
  GivenArguments arguments_;
  std::string action_;
  ArgumentPlan plan_;
};

}  // namespace

ArgumentPlan plan_minio_arguments(const RuleContext& context,
                                  const OperatorReplacement& replacement, Node call, Node partial) {
  return MinioPlanner(context, replacement, call, partial).run();
}

}  // namespace dagfix
