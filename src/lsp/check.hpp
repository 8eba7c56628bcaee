#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lsp/capabilities.hpp"
#include "lsp/host.hpp"

namespace dagfix::lsp {

/// A file that is open, under the URI that the editor has for it.
struct OpenFile {
  std::string uri;
  std::int64_t version = 0;

  bool operator==(const OpenFile&) const = default;
};

/// By absolute path.
using OpenFiles = std::map<std::string, OpenFile>;

/// The diagnostics of one file that has any.
struct CheckedFile {
  std::string uri;
  std::string path;
  nlohmann::json items;
  std::string result_id;
};

/// What all files of folders say.
struct Checked {
  std::vector<CheckedFile> files;  ///< In order of the folders and paths.
  std::string plan;                ///< Markdown: what is to be done, by rule and by file.
};

/// The diagnostics of a file as it is on disk; none if the survey has none of this path.
nlohmann::json check_file(const Survey& survey, const std::string& path, const std::string& uri,
                          const Capabilities& client);

/// Like the command line's --check. May run on any thread. Error: see Host::survey().
std::expected<Checked, std::string> check_folders(Host& host,
                                                  const std::vector<SurveyRequest>& folders,
                                                  const OpenFiles& open,
                                                  const Capabilities& client);

/// What --apply would write.
struct Migrated {
  nlohmann::json edit;   ///< A WorkspaceEdit; every file has to be agreed to.
  nlohmann::json files;  ///< uri, path, findings
  std::string diff;
  std::vector<std::string> complaints;  ///< Of files that stay as they are; one line each.
};

/// Like the command line's --diff; with `unsafe` (or the setting) also unsafe fixes.
std::expected<Migrated, std::string> migrate_folders(Host& host,
                                                     const std::vector<SurveyRequest>& folders,
                                                     const OpenFiles& open, bool unsafe,
                                                     const Capabilities& client);

}  // namespace dagfix::lsp
