#include "runtime/step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>

namespace dagfix::runtime {

namespace {

std::optional<std::string> value_of(std::string_view name, const Step& step) {
  if (const auto own = step.names().find(name); own != step.names().end()) return own->second;
  const Profile& profile = step.now().profile();
  for (const std::string_view table : {"", "platform.", "namespaces."}) {
    const std::string key = std::string(table).append(name);
    if (const auto* const value = profile.find(key)) return value->text;
    // A key without a value has nothing to show but its own name.
    if (find_profile_key(key)) return "<" + key + ">";
  }
  return std::nullopt;
}

Truth not_certain(const DetectedPhase& phase) {
  return Truth::unknown({State::unreachable, "phase",
                         fmt::format("seems to be {}: {}", name_of(phase.phase), phase.evidence)});
}

}  // namespace

void Step::decide(std::string_view outcome, const Truth& condition) {
  const Outcome* const named = info_.find(outcome);
  assert(named);
  if (outcome_) return;
  if (condition.is_yes()) outcome_ = named;
  std::vector<Unseen> all;
  std::ranges::set_union(unseen_, condition.unseen(), std::back_inserter(all));
  unseen_ = std::move(all);
}

bool Step::is_open() const { return !outcome_ || !is_settled(outcome_->verdict); }

void Step::trap(std::string_view id, const Truth& condition) {
  if (condition.is_no()) return;
  (condition.is_yes() ? traps_ : unseen_traps_).emplace_back(id);
}

Truth Step::has_clean_dags() const {
  if (dags()) return dags()->is_clean();
  return Truth::unknown({State::unreachable, "fs/small", "the DAGs were not checked"});
}

Truth Step::is_after() const {
  const DetectedPhase& phase = situation_.phase;
  if (phase.is_certain) return phase.phase == Phase::after;
  return not_certain(phase);
}

Truth Step::is_past() const {
  const DetectedPhase& now = situation_.phase;
  if (!now.is_certain) {
    return not_certain(now);
  }
  return std::ranges::all_of(info_.phases, [&](Phase phase) { return phase < now.phase; });
}

Truth Step::without_baseline() {
  return Truth::unknown({State::unreachable, "baseline", "there is no bundle from before"});
}

std::string fill(std::string_view text, const Step& step, bool for_shell) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    const auto close = text.find('}', open);
    out.append(text.substr(0, open));
    if (open == std::string_view::npos || close == std::string_view::npos) {
      out.append(open == std::string_view::npos ? std::string_view() : text.substr(open));
      return out;
    }
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (const auto value = value_of(name, step)) {
      out.append(for_shell ? shell_quoted(*value) : *value);
    } else {
      out.append(text.substr(open, close - open + 1));
    }
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace dagfix::runtime
