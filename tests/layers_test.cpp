#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "support/catch.hpp"

namespace {

namespace fs = std::filesystem;
using Folders = std::set<std::string>;

// Folders of src/ and what each may include besides itself.
std::map<std::string, Folders> allowed_includes() {
  std::map<std::string, Folders> allowed;
  allowed["text"] = {"dagfix"};
  allowed["syntax"] = {"dagfix", "text", "tree_sitter"};
  allowed["files"] = {"dagfix", "text"};
  allowed["semantic"] = {"dagfix", "text", "syntax"};
  allowed["dag"] = {"dagfix", "text", "syntax", "semantic"};
  allowed["project"] = {"dagfix", "text", "files", "syntax", "semantic", "dag"};
  allowed["fix"] = {"dagfix", "text", "syntax", "semantic"};
  allowed["rules"] = {"dagfix",  "text", "files", "syntax",  "semantic",
                      "project", "dag",  "fix",   "nlohmann"};
  allowed["report"] = {"dagfix", "text", "nlohmann"};
  const Folders engine = {"dagfix", "text", "files", "syntax", "semantic", "project",
                          "dag",    "fix",  "rules", "report", "nlohmann"};
  allowed["cli"] = allowed["lsp"] = allowed["runtime"] = engine;
  allowed["cli"].insert({"CLI", "toml++", "re2", "lsp", "runtime"});
  allowed["runtime"].insert({"curl", "yaml-cpp", "systemd"});
  return allowed;
}

// Folder of each #include in the file that names one: "text", "CLI", "sys", ...
Folders included_folders(const fs::path& file) {
  static const std::regex include(R"(\s*#include\s*["<]([^/">]+)/.*)");
  Folders folders;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (std::smatch match; std::regex_match(line, match, include)) folders.insert(match[1]);
  }
  return folders;
}

}  // namespace

TEST_CASE("Layers: each folder includes only what lies below it") {
  const fs::path source = fs::path(DAGFIX_SOURCE_DIR) / "src";
  const auto allowed = allowed_includes();
  Folders governed = {"tree_sitter", "nlohmann", "CLI",     "toml++", "re2",
                      "curl",        "yaml-cpp", "systemd", "dagfix"};
  for (const auto& [folder, _] : allowed) governed.insert(folder);

  for (const auto& entry : fs::recursive_directory_iterator(source)) {
    const fs::path relative = entry.path().lexically_relative(source);
    if (!entry.is_regular_file() || !relative.has_parent_path()) continue;
    const std::string folder = *relative.begin();
    INFO(relative.generic_string());
    REQUIRE(allowed.contains(folder));
    for (const auto& included : included_folders(entry.path())) {
      INFO("includes " << included);
      CHECK((included == folder || !governed.contains(included) ||
             allowed.at(folder).contains(included)));
    }
  }
}
