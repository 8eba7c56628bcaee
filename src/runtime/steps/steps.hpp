#pragma once

#include "runtime/step.hpp"

// One function for each step that something can be observed of. The table in steps.cpp pairs them
// with rules/runtime/<guide>/<id>.json; a test sees to it that nothing is left over.
namespace dagfix::runtime {

void judge_k05_5(Step& step);

}  // namespace dagfix::runtime
