#include "runtime/steps/steps.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace dagfix::runtime {

namespace {

using Entry = std::pair<std::string_view, StepFunction>;

constexpr auto kSteps = std::to_array<Entry>({
    {"K05-5", judge_k05_5},
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
