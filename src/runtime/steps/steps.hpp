#pragma once

#include "runtime/step.hpp"

// One function for each step that something can be observed of. The table in steps.cpp pairs them
// with rules/runtime/<guide>/<id>.json; a test sees to it that nothing is left over.
namespace dagfix::runtime {

void judge_k04_r6(Step& step);
void judge_k04_1(Step& step);
void judge_k04_2a(Step& step);
void judge_k04_2b(Step& step);
void judge_k04_2c(Step& step);
void judge_k04_2d(Step& step);
void judge_k04_3a(Step& step);
void judge_k04_3b(Step& step);
void judge_k04_3c(Step& step);
void judge_k04_5a(Step& step);
void judge_k04_5b(Step& step);
void judge_k04_6a(Step& step);
void judge_k04_6b(Step& step);
void judge_k04_6c(Step& step);
void judge_k04_6d(Step& step);
void judge_k04_7a(Step& step);
void judge_k04_7b(Step& step);
void judge_k04_8a(Step& step);
void judge_k04_8b(Step& step);
void judge_k04_8c(Step& step);
void judge_k04_9(Step& step);
void judge_k04_10(Step& step);
void judge_k04_10b(Step& step);
void judge_k04_11_1(Step& step);
void judge_k04_11_3a(Step& step);
void judge_k04_11_3b(Step& step);
void judge_k04_11_4(Step& step);
void judge_k04_12a(Step& step);
void judge_k04_12b(Step& step);
void judge_k04_13(Step& step);

void judge_k05_3(Step& step);
void judge_k05_4(Step& step);
void judge_k05_5(Step& step);
void judge_k05_5b(Step& step);
void judge_k05_6(Step& step);
void judge_k05_7(Step& step);
void judge_k05_n3(Step& step);
void judge_k05_o1(Step& step);
void judge_k05_o2(Step& step);
void judge_k05_o3(Step& step);
void judge_k05_o4(Step& step);
void judge_k05_o5(Step& step);
void judge_k05_o6(Step& step);
void judge_k05_o7(Step& step);

}  // namespace dagfix::runtime
