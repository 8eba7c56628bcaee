#pragma once

#include "rules/arguments.hpp"
#include "rules/given_arguments.hpp"
#include "rules/operator_lists.hpp"

namespace dagfix {

/// Plans the arguments of a LocalMinioOperator call for MinioOperator: which input list, what
/// becomes of bucket and whitelist, where downloaded files land. Data cannot say this. `partial`:
/// the call of functools.partial that made what is called; null if it is the class itself.
ArgumentPlan plan_minio_arguments(const RuleContext& context,
                                  const OperatorReplacement& replacement, Node call,
                                  Node partial = {});

/// The same for functools.partial(LocalMinioOperator, ...) and all calls of the variable that holds
/// it: they have to agree in what the partial becomes.
ArgumentPlan plan_minio_partial(const RuleContext& context, const OperatorReplacement& replacement,
                                Node partial);

/// The part of it that says which operators' output is uploaded: `action_operators`,
/// `action_operator_dirs` and `action_files` become lists by the level at which each operator
/// writes.
void plan_minio_inputs(const RuleContext& context, GivenArguments& arguments, ArgumentPlan& plan);

}  // namespace dagfix
