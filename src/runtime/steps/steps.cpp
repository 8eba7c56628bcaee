#include "runtime/steps/steps.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/steps/common.hpp"

namespace dagfix::runtime {

namespace {

using Entry = std::pair<std::string_view, StepFunction>;

constexpr auto kSteps = std::to_array<Entry>({
    {"K02-00", judge_k02_00},       {"K02-01", judge_k02_01},     {"K02-02", judge_k02_02},
    {"K02-03", judge_k02_03},       {"K02-04", judge_k02_04},     {"K02-05", judge_k02_05},
    {"K02-06", judge_k02_06},       {"K02-07", judge_k02_07},     {"K02-08", judge_k02_08},
    {"K02-10", judge_k02_10},       {"K02-11", judge_k02_11},     {"K02-12", judge_k02_12},
    {"K02-13", judge_k02_13},       {"K02-14", judge_k02_14},     {"K02-15", judge_k02_15},
    {"K02-16", judge_k02_16},       {"K02-17.2", judge_k02_17_2}, {"K02-17.3", judge_k02_17_3},
    {"K02-17.5", judge_k02_17_5},   {"K02-18", judge_k02_18},     {"K03-00", judge_k03_00},
    {"K03-01", judge_k03_01},       {"K03-02", judge_k03_02},     {"K03-03", judge_k03_03},
    {"K03-04", judge_k03_04},       {"K03-05", judge_k03_05},     {"K03-06", judge_k03_06},
    {"K03-07", judge_k03_07},       {"K03-08", judge_k03_08},     {"K03-09", judge_k03_09},
    {"K03-10", judge_k03_10},       {"K03-11", judge_k03_11},     {"K03-11b", judge_k03_11b},
    {"K03-12", judge_k03_12},       {"K03-13", judge_k03_13},     {"K03-14a", judge_k03_14a},
    {"K03-14b", judge_k03_14b},     {"K03-14c", judge_k03_14c},   {"K03-15", judge_k03_15},
    {"K03-16", judge_k03_16},       {"K04-4", judge_k04_4},       {"K04-R6", judge_k04_r6},
    {"K04-1", judge_k04_1},         {"K04-2a", judge_k04_2a},     {"K04-2b", judge_k04_2b},
    {"K04-2c", judge_k04_2c},       {"K04-2d", judge_k04_2d},     {"K04-3a", judge_k04_3a},
    {"K04-3b", judge_k04_3b},       {"K04-3c", judge_k04_3c},     {"K04-5a", judge_k04_5a},
    {"K04-5b", judge_k04_5b},       {"K04-6a", judge_k04_6a},     {"K04-6b", judge_k04_6b},
    {"K04-6c", judge_k04_6c},       {"K04-6d", judge_k04_6d},     {"K04-7a", judge_k04_7a},
    {"K04-7b", judge_k04_7b},       {"K04-8a", judge_k04_8a},     {"K04-8b", judge_k04_8b},
    {"K04-8c", judge_k04_8c},       {"K04-9", judge_k04_9},       {"K04-10", judge_k04_10},
    {"K04-10b", judge_k04_10b},     {"K04-11.1", judge_k04_11_1}, {"K04-11.3a", judge_k04_11_3a},
    {"K04-11.3b", judge_k04_11_3b}, {"K04-11.4", judge_k04_11_4}, {"K04-12a", judge_k04_12a},
    {"K04-12b", judge_k04_12b},     {"K04-13", judge_k04_13},     {"K05-1", judge_k05_1},
    {"K05-2", judge_k05_2},         {"K05-3", judge_k05_3},       {"K05-4", judge_k05_4},
    {"K05-5", judge_k05_5},         {"K05-5b", judge_k05_5b},     {"K05-6", judge_k05_6},
    {"K05-7", judge_k05_7},         {"K05-N3", judge_k05_n3},     {"K05-O1", judge_k05_o1},
    {"K05-O2", judge_k05_o2},       {"K05-O3", judge_k05_o3},     {"K05-O4", judge_k05_o4},
    {"K05-O5", judge_k05_o5},       {"K05-O6", judge_k05_o6},     {"K05-O7", judge_k05_o7},
    {"K06-1", judge_k06_1},         {"K06-2", judge_k06_2},       {"K06-3", judge_k06_3},
    {"K06-4", judge_k06_4},         {"K06-5", judge_k06_5},       {"K06-6", judge_k06_6},
    {"OR-0", judge_or_0},           {"OR-2", judge_or_2},         {"OR-3", judge_or_3},
    {"OR-4", judge_or_4},           {"OR-5", judge_or_5},         {"OR-6", judge_or_6},
    {"OR-7", judge_or_7},           {"OR-8a", judge_or_8a},       {"OR-8b", judge_or_8b},
    {"OR-9", judge_or_9},           {"OR-10", judge_or_10},       {"OR-11", judge_or_11},
    {"OR-12", judge_or_12},         {"OR-13", judge_or_13},
});

}  // namespace

StepFunction step_function(std::string_view id) {
  const auto found = std::ranges::find(kSteps, id, &Entry::first);
  return found == kSteps.end() ? nullptr : found->second;
}

std::vector<std::string_view> judged_steps() {
  std::vector<std::string_view> ids;
  for (const auto& [id, _] : kSteps) ids.push_back(id);
  std::ranges::sort(ids);
  return ids;
}

}  // namespace dagfix::runtime
