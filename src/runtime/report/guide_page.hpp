#pragma once

#include <string>
#include <string_view>

#include "runtime/guide.hpp"

namespace dagfix::runtime {

/// Guides with their steps, for a terminal. `only`: the name of one guide; empty: all.
std::string guide_list_text(const GuideBook& book, std::string_view only);

/// All about a step, for a terminal.
std::string step_page_text(const Guide& guide, const StepInfo& step);

/// docs/guides/<guide>.md: all steps and traps of a guide.
std::string guide_page_markdown(const Guide& guide);

}  // namespace dagfix::runtime
