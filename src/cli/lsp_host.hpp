#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "lsp/host.hpp"

namespace dagfix {

/// Lets the language server see the disk as the command line does: the same configuration files,
/// ignore files, detection of the version and facts.
class LspHost : public lsp::Host {
 public:
  std::expected<std::shared_ptr<lsp::Survey>, std::string> survey(
      const lsp::SurveyRequest& request) override;
  std::string real_path(const std::string& path) override;
  std::optional<std::string> read(const std::string& path) override;

 private:
  std::expected<std::shared_ptr<const RuleBook>, std::string> rules_of(
      const std::vector<std::string>& folders);

  std::mutex mutex_;
  std::shared_ptr<const RuleBook> own_rules_;  // without rules of the site
};

}  // namespace dagfix
