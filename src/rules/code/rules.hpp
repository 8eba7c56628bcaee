#pragma once

#include "rules/context.hpp"

namespace dagfix {

/// conf["form_data"] is conf["workflow_form"].
void check_form_data_key(const RuleContext& context);
/// The environment variable ORIG_IMAGE_OPERATOR_DIR of the thumbnail container.
void check_thumbnail_variable(const RuleContext& context);
/// Strings that name a class which the migration renames.
void check_class_name_string(const RuleContext& context);

/// Tests that make container operators without the variables that these read.
void check_test_environment(const RuleContext& context);

}  // namespace dagfix
