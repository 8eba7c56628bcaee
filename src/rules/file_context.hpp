#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "files/items.hpp"
#include "fix/draft.hpp"
#include "project/project.hpp"
#include "rules/rule_set.hpp"
#include "text/source_file.hpp"

namespace dagfix {

/// What RuleContext is for Python: all that a rule may look at in another file.
struct FileRuleContext {
  const SourceFile& file;
  FileKind kind;
  const FileItems& items;
  const Project& project;
  const RuleSet& rules;
  const Rule* rule;  ///< The rule that runs.
  std::function<bool(ByteRange)> is_suppressed;
  std::vector<DraftFinding>* out;

  std::string_view text(const Item& item) const { return file.slice(item.content); }
  /// What names an item; null if nothing does.
  const Item* parent(const Item& item) const {
    return item.parent == Item::kNone ? nullptr : &items.items[item.parent];
  }
  /// The text of what names an item, or of what names that, `up` steps on; empty if there is none.
  std::string_view name_of(const Item& item, int up = 1) const;
  /// Reports at `range`. Severity is the rule's unless given.
  void report(DraftFinding finding) const;
};

/// A rule's function for files that are neither Python nor notebooks.
using FileRuleFunction = void (*)(const FileRuleContext&);

/// By the rule's kind or, for kind "code", its name; null if there is none.
FileRuleFunction file_function_of(const Rule& rule);

/// Kind "value": ids of DAGs.
void check_dag_id_in(const FileRuleContext& context);
/// Kind "label".
void check_label_in(const FileRuleContext& context);
/// The environment variable of the thumbnail container.
void check_thumbnail_variable_in(const FileRuleContext& context);
/// Kind "reference": something that is part of a value: a path, a value of a chart.
void check_reference_in(const FileRuleContext& context);
/// Kind "text": images, variables, paths.
void check_text_in(const FileRuleContext& context);
/// conf.form_data
void check_form_data_in(const FileRuleContext& context);
/// Values that name a class.
void check_class_name_in(const FileRuleContext& context);

// What both the rules for Python and those for other files need.

/// The entry of a rule for a label, or null.
const LabelEntry* find_label(const Rule& rule, const RuleSet& rules, std::string_view label,
                             std::string_view value);
/// Message and remedy.
DraftFinding describe_label(const LabelEntry& entry);
DraftFinding describe_dag_id(const ValueEntry& entry);
/// `rule` is the one whose old class `name` names.
DraftFinding describe_class_name(const Rule& rule, std::string_view name);

/// Whether the file gives a variable a value: NAME=..., `ENV NAME`, `- name: NAME`
bool is_set_here(const FileRuleContext& context, std::string_view name);
/// Whether an item is the name of a variable that is read: $NAME, process.env.NAME
bool reads_variable(const FileRuleContext& context, const Item& item);

/// Whether what is called so holds the id of a DAG: dag_id, trigger_dag_id, TARGET_DAG_ID ...
bool names_dag_id(std::string_view name);

/// Whether what is called so is a run's conf.
bool is_conf(std::string_view name);

/// Where an item names a bucket: below a key or variable that says so, as an argument of a MinIO
/// client, as alias/bucket/... of `mc`. The part that is the name.
std::optional<ByteRange> bucket_in(const FileRuleContext& context, std::size_t index,
                                   std::string_view bucket);

/// Whether the file itself puts something at a path, or mounts something there.
bool makes_path(const FileRuleContext& context, std::string_view path);
/// Whether an item that looks like a path is one of the container: not of the host, not of a page.
bool is_path_in_container(const FileRuleContext& context, std::size_t index);

std::string lower(std::string_view text);

}  // namespace dagfix
