#include <algorithm>

#include "rules/minio.hpp"

namespace dagfix {

namespace {

/// The edits inside of a node, sorted.
std::vector<Edit> edits_in(Node node, const std::vector<Edit>& edits) {
  std::vector<Edit> inside;
  std::ranges::copy_if(edits, std::back_inserter(inside),
                       [&](const Edit& edit) { return node.range().contains(edit.range); });
  std::ranges::sort(inside);
  return inside;
}

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

ArgumentPlan plan_minio_partial(const RuleContext& context, const OperatorReplacement& replacement,
                                Node partial) {
  ArgumentPlan all;
  const auto calls = calls_of_partial(context.model, partial, all.problems);
  if (calls.empty() && all.problems.empty()) {
    all.problems.emplace_back("the partial is never called in this file");
  }
  std::vector<Edit> in_partial;
  for (const Node call : calls) {
    ArgumentPlan plan = plan_minio_arguments(context, replacement, call, partial);
    auto edits = edits_in(partial, plan.edits);
    if (call == calls.front()) {
      in_partial = std::move(edits);
    } else if (plan.problems.empty() && edits != in_partial) {
      plan.problems.emplace_back("its calls need different arguments in the partial");
    }
    all.safety = std::max(all.safety, plan.safety);
    if (all.failure.empty()) all.failure = plan.failure;
    append(all.notes, plan.notes);
    append(all.problems, plan.problems);
    append(all.lost, plan.lost);
    all.edits.insert(all.edits.end(), plan.edits.begin(), plan.edits.end());
  }
  for (auto* texts : {&all.problems, &all.lost}) {
    std::ranges::sort(*texts);
    texts->erase(std::unique(texts->begin(), texts->end()), texts->end());
  }
  std::ranges::sort(all.edits);
  all.edits.erase(std::unique(all.edits.begin(), all.edits.end()), all.edits.end());
  if (!all.problems.empty()) all.edits.clear();
  return all;
}

}  // namespace dagfix
