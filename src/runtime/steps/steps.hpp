#pragma once

#include "runtime/step.hpp"

// One function for each step that something can be observed of. The table in steps.cpp pairs them
// with rules/runtime/<guide>/<id>.json; a test sees to it that nothing is left over.
namespace dagfix::runtime {

void judge_k02_00(Step& step);
void judge_k02_01(Step& step);
void judge_k02_02(Step& step);
void judge_k02_03(Step& step);
void judge_k02_04(Step& step);
void judge_k02_05(Step& step);
void judge_k02_06(Step& step);
void judge_k02_07(Step& step);
void judge_k02_08(Step& step);
void judge_k02_10(Step& step);
void judge_k02_11(Step& step);
void judge_k02_12(Step& step);
void judge_k02_13(Step& step);
void judge_k02_14(Step& step);
void judge_k02_15(Step& step);
void judge_k02_16(Step& step);
void judge_k02_17_2(Step& step);
void judge_k02_17_3(Step& step);
void judge_k02_17_5(Step& step);
void judge_k02_18(Step& step);

void judge_k03_00(Step& step);
void judge_k03_01(Step& step);
void judge_k03_02(Step& step);
void judge_k03_03(Step& step);
void judge_k03_04(Step& step);
void judge_k03_05(Step& step);
void judge_k03_06(Step& step);
void judge_k03_07(Step& step);
void judge_k03_08(Step& step);
void judge_k03_09(Step& step);
void judge_k03_10(Step& step);
void judge_k03_11(Step& step);
void judge_k03_11b(Step& step);
void judge_k03_12(Step& step);
void judge_k03_13(Step& step);
void judge_k03_14a(Step& step);
void judge_k03_14b(Step& step);
void judge_k03_14c(Step& step);
void judge_k03_15(Step& step);
void judge_k03_16(Step& step);

void judge_k04_r6(Step& step);
void judge_k04_1(Step& step);
void judge_k04_2a(Step& step);
void judge_k04_2b(Step& step);
void judge_k04_2c(Step& step);
void judge_k04_2d(Step& step);
void judge_k04_3a(Step& step);
void judge_k04_3b(Step& step);
void judge_k04_3c(Step& step);
void judge_k04_4(Step& step);
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

void judge_k06_1(Step& step);
void judge_k06_2(Step& step);
void judge_k06_3(Step& step);
void judge_k06_4(Step& step);
void judge_k06_5(Step& step);
void judge_k06_6(Step& step);

void judge_k05_1(Step& step);
void judge_k05_2(Step& step);
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

void judge_or_0(Step& step);
void judge_or_2(Step& step);
void judge_or_3(Step& step);
void judge_or_4(Step& step);
void judge_or_5(Step& step);
void judge_or_6(Step& step);
void judge_or_7(Step& step);
void judge_or_8a(Step& step);
void judge_or_8b(Step& step);
void judge_or_9(Step& step);
void judge_or_10(Step& step);
void judge_or_11(Step& step);
void judge_or_12(Step& step);
void judge_or_13(Step& step);

}  // namespace dagfix::runtime
