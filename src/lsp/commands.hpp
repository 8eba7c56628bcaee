#pragma once

#include <string_view>
#include <vector>

namespace dagfix::lsp {

inline constexpr std::string_view kMigrateFile = "dagfix.migrateFile";
inline constexpr std::string_view kMigrateWorkspace = "dagfix.migrateWorkspace";
inline constexpr std::string_view kShowPlan = "dagfix.showPlan";
inline constexpr std::string_view kRulePage = "dagfix.rulePage";

/// The names for workspace/executeCommand.
inline std::vector<std::string_view> command_names() {
  return {kMigrateFile, kMigrateWorkspace, kShowPlan, kRulePage};
}

}  // namespace dagfix::lsp
