#include "runtime/steps/steps.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/steps/common.hpp"

namespace dagfix::runtime {

namespace {

using Entry = std::pair<std::string_view, StepFunction>;

constexpr auto kSteps = std::to_array<Entry>({
    {"K04-4", judge_undeploy},    {"K04-R6", judge_k04_r6},       {"K04-1", judge_k04_1},
    {"K04-2a", judge_k04_2a},     {"K04-2b", judge_k04_2b},       {"K04-2c", judge_k04_2c},
    {"K04-2d", judge_k04_2d},     {"K04-3a", judge_k04_3a},       {"K04-3b", judge_k04_3b},
    {"K04-3c", judge_k04_3c},     {"K04-5a", judge_k04_5a},       {"K04-5b", judge_k04_5b},
    {"K04-6a", judge_k04_6a},     {"K04-6b", judge_k04_6b},       {"K04-6c", judge_k04_6c},
    {"K04-6d", judge_k04_6d},     {"K04-7a", judge_k04_7a},       {"K04-7b", judge_k04_7b},
    {"K04-8a", judge_k04_8a},     {"K04-8b", judge_k04_8b},       {"K04-8c", judge_k04_8c},
    {"K04-9", judge_k04_9},       {"K04-10", judge_k04_10},       {"K04-10b", judge_k04_10b},
    {"K04-11.1", judge_k04_11_1}, {"K04-11.3a", judge_k04_11_3a}, {"K04-11.3b", judge_k04_11_3b},
    {"K04-11.4", judge_k04_11_4}, {"K04-12a", judge_k04_12a},     {"K04-12b", judge_k04_12b},
    {"K04-13", judge_k04_13},     {"K05-1", judge_undeploy},      {"K05-2", judge_wait},
    {"K05-3", judge_k05_3},       {"K05-4", judge_k05_4},         {"K05-5", judge_k05_5},
    {"K05-5b", judge_k05_5b},     {"K05-6", judge_k05_6},         {"K05-7", judge_k05_7},
    {"K05-N3", judge_k05_n3},     {"K05-O1", judge_k05_o1},       {"K05-O2", judge_k05_o2},
    {"K05-O3", judge_k05_o3},     {"K05-O4", judge_k05_o4},       {"K05-O5", judge_k05_o5},
    {"K05-O6", judge_k05_o6},     {"K05-O7", judge_k05_o7},
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
