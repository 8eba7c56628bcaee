#pragma once

#include "rules/arguments.hpp"

namespace dagfix {

/// Plans the arguments of a LocalMinioOperator call for MinioOperator: which input list, what
/// becomes of bucket and whitelist, where downloaded files land. Data cannot say this.
ArgumentPlan plan_minio_arguments(const RuleContext& context,
                                  const OperatorReplacement& replacement, Node call);

/// Where an operator writes its output.
enum class Level : std::uint8_t {
  batch,    ///< <run dir>/<batch name>/<element>/<out dir>
  run,      ///< <run dir>/<out dir>
  unknown,  ///< Both have to be looked at.
};

/// The level of the operator that an expression denotes.
Level level_of(const RuleContext& context, Node operator_expression);

}  // namespace dagfix
