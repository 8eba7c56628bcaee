#pragma once

#include <optional>

#include "dagfix/finding.hpp"
#include "semantic/model.hpp"

namespace dagfix {

/// One place where a dictionary is asked for a key, or has it.
struct KeyUse {
  Node key;        ///< The expression that is the key.
  Node container;  ///< The dictionary, or the literal that has the key.
};

/// d[k], d.get(k), d.pop(k), d.setdefault(k), k in d, {k: ...}.
std::optional<KeyUse> key_use(Node node);

/// Tells which expressions are the conf of a DAG run: dag_run.conf, the contents of conf.json,
/// what is sent as "conf" when a DAG is triggered.
class ConfFinder {
 public:
  explicit ConfFinder(const SemanticModel& model) : model_(model) {}

  /// By where it comes from; by its name (conf, config, dag_conf ...) where that is unknown.
  bool is_conf(Node expression) const { return is_conf(expression, 8); }
  /// How sure that is: only what bears a conf's usual name in a file of a Kaapana project, or
  /// comes from dag_run.conf and the like, is safe to change.
  Safety safety_of(Node expression) const;
  /// Whether the file belongs to a Kaapana project: it imports Kaapana, or handles a conf.
  bool file_is_kaapanas() const;

 private:
  bool is_conf(Node expression, int depth) const;
  bool is_conf_variable(Node name, int depth) const;
  bool becomes_conf(Node literal) const;
  bool is_conf_call(Node call, int depth) const;

  const SemanticModel& model_;
};

}  // namespace dagfix
