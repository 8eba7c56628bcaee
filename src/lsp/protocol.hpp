#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "dagfix/analyze.hpp"
#include "lsp/capabilities.hpp"
#include "lsp/fixes.hpp"
#include "lsp/rpc.hpp"
#include "lsp/text.hpp"
#include "rules/rule_set.hpp"

namespace dagfix::lsp {

// What is read from params throws RequestError (invalid params) where the protocol is not kept.

const Json& member(const Json& params, const char* name);
const std::string& string_of(const Json& params, const char* name);
std::int64_t integer_of(const Json& params, const char* name);
/// The member if it is there and not null.
const Json* optional_member(const Json& params, const char* name);
Position position_of(const Json& json);
Range range_of(const Json& json);

Json to_json(Position position);
Json to_json(Range range);

/// A file that edits or diagnostics are of.
struct FileView {
  std::string_view uri;
  std::optional<std::int64_t> version;  ///< None: not open in the editor.
  const Text& text;
};

/// Markdown that shows a text as it is.
std::string escaped_markdown(std::string_view text);

/// Where a client shows the page of a rule.
std::string page_of(const RuleInfo& rule, const Capabilities& client);

/// Diagnostics of a file, in the order of the findings.
Json diagnostics_of(const FileView& file, const FileAnalysis& analysis, const RuleBook& book,
                    const Capabilities& client);

/// What is equal for equal diagnostics.
std::string result_id_of(const Json& diagnostics);

/// Collects edits of files as one WorkspaceEdit.
class WorkspaceEdit {
 public:
  explicit WorkspaceEdit(const Capabilities& client) : client_(client) {}

  /// `confirm`: why a person has to agree to it first; empty: nobody has to.
  void add(const FileView& file, std::span<const Edit> edits, std::string_view confirm);
  Json take();

 private:
  const Capabilities& client_;
  Json changes_ = Json::array();
  Json plain_ = Json::object();
  Json annotations_ = Json::object();
};

}  // namespace dagfix::lsp
