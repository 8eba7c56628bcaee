#include "lsp/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "report/common.hpp"
#include "report/sarif_rules.hpp"
#include "report/unicode.hpp"

namespace dagfix::lsp {

namespace {

[[noreturn]] void refuse(const char* name, std::string_view what) {
  throw RequestError(ErrorCode::invalid_params, fmt::format("params: {} {}", name, what));
}

int severity_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return 1;
    case Severity::warning:
      return 2;
    case Severity::info:
      return 3;
  }
  return 3;
}

Json tags_of(const Rule& rule, const Capabilities& client) {
  Json tags = Json::array();
  if (client.unnecessary_tag && rule.info.name == "unused-suppression") tags.push_back(1);
  const bool is_old = rule.kind == "operator" || rule.kind == "client";
  if (client.deprecated_tag && is_old) tags.push_back(2);
  return tags;
}

Json related_of(const FileView& file, const Finding& finding, Encoding encoding) {
  Json all = Json::array();
  for (const Related& related : finding.related) {
    all.push_back(
        {{"location",
          {{"uri", file.uri}, {"range", to_json(file.text.range(related.range, encoding))}}},
         {"message", valid_utf8(related.message)}});
  }
  return all;
}

Json data_of(const FileView& file, const Finding& finding, const FileAnalysis& analysis,
             const RuleInfo& rule) {
  const Safety safety = finding.fix ? analysis.fixes[*finding.fix].safety : Safety::manual;
  Json data{{"rule", rule.name}, {"safety", name_of(safety)}};
  if (rule.since) data["since"] = to_string(*rule.since);
  if (finding.fix) data["fix"] = analysis.fixes[*finding.fix].title;
  if (file.version) data["version"] = *file.version;
  return data;
}

Json message_of(const Finding& finding, const Capabilities& client) {
  const std::string what = sentence(finding.message);
  const std::string remedy = sentence(finding.remedy);
  if (!client.markup_messages) return fmt::format("{}\n{}", what, remedy);
  return {{"kind", "markdown"},
          {"value", fmt::format("{}\n\n**{}**", escaped_markdown(what), escaped_markdown(remedy))}};
}

}  // namespace

const Json& member(const Json& params, const char* name) {
  const Json* const found = optional_member(params, name);
  if (!found) refuse(name, "is missing");
  return *found;
}

const Json* optional_member(const Json& params, const char* name) {
  if (!params.is_object()) refuse(name, "is looked for in what is no object");
  const auto found = params.find(name);
  return found == params.end() || found->is_null() ? nullptr : &*found;
}

const std::string& string_of(const Json& params, const char* name) {
  const Json& value = member(params, name);
  if (!value.is_string()) refuse(name, "is no string");
  return value.get_ref<const std::string&>();
}

std::int64_t integer_of(const Json& params, const char* name) {
  const Json& value = member(params, name);
  if (!value.is_number_integer()) refuse(name, "is no whole number");
  return value.get<std::int64_t>();
}

Position position_of(const Json& json) {
  const auto number = [&](const char* name) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    const std::int64_t value = integer_of(json, name);
    if (value < 0) refuse(name, "is negative");
    return static_cast<std::uint32_t>(std::min(value, kMost));
  };
  return {number("line"), number("character")};
}

Range range_of(const Json& json) {
  return {position_of(member(json, "start")), position_of(member(json, "end"))};
}

Json to_json(Position position) {
  return {{"line", position.line}, {"character", position.character}};
}

Json to_json(Range range) { return {{"start", to_json(range.start)}, {"end", to_json(range.end)}}; }

std::string escaped_markdown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]<>()#+-!|~&$").contains(c)) out += '\\';
    out += c;
  }
  return out;
}

std::string page_of(const RuleInfo& rule, const Capabilities& client) {
  constexpr std::string_view kName = "{name}";
  std::string page = client.rule_pages;
  if (page.empty()) return help_uri(rule);
  if (const auto at = page.find(kName); at != page.npos) page.replace(at, kName.size(), rule.name);
  return page;
}

Json diagnostics_of(const FileView& file, const FileAnalysis& analysis, const RuleBook& book,
                    const Capabilities& client) {
  Json all = Json::array();
  for (const Finding& finding : analysis.findings) {
    const Rule* const rule = book.find(finding.rule);
    if (!rule) continue;
    Json one{{"range", to_json(file.text.range(finding.range, client.encoding))},
             {"severity", severity_of(finding.severity)},
             {"code", finding.rule},
             {"source", kToolName},
             {"message", message_of(finding, client)}};
    if (client.code_description) one["codeDescription"] = {{"href", page_of(rule->info, client)}};
    if (Json tags = tags_of(*rule, client); !tags.empty()) one["tags"] = std::move(tags);
    if (client.related && !finding.related.empty()) {
      one["relatedInformation"] = related_of(file, finding, client.encoding);
    }
    if (client.data) one["data"] = data_of(file, finding, analysis, rule->info);
    all.push_back(std::move(one));
  }
  return all;
}

std::string result_id_of(const Json& diagnostics) {
  // The version of the document is in `data`, and no news.
  Json plain = diagnostics;
  for (Json& one : plain) {
    if (const auto data = one.find("data"); data != one.end()) data->erase("version");
  }
  return fmt::format("{:016x}", std::hash<std::string>{}(plain.dump()));
}

void WorkspaceEdit::add(const FileView& file, std::span<const Edit> edits,
                        std::string_view confirm) {
  const bool asks = client_.annotations && !confirm.empty();
  // Two files may need confirmation for the same reason: one box for both.
  const std::string id = fmt::format("{:x}", std::hash<std::string_view>{}(confirm));
  Json list = Json::array();
  for (const Edit& edit : edits) {
    Json one{{"range", to_json(file.text.range(edit.range, client_.encoding))},
             {"newText", edit.text}};
    if (asks && client_.document_changes) one["annotationId"] = id;
    list.push_back(std::move(one));
  }
  if (asks && client_.document_changes) {
    annotations_[id] = {{"label", confirm}, {"needsConfirmation", true}};
  }
  if (!client_.document_changes) {
    plain_[std::string(file.uri)] = std::move(list);
    return;
  }
  Json version;
  if (file.version) version = *file.version;
  changes_.push_back({{"textDocument", {{"uri", file.uri}, {"version", std::move(version)}}},
                      {"edits", std::move(list)}});
}

Json WorkspaceEdit::take() {
  if (!client_.document_changes) return {{"changes", std::move(plain_)}};
  Json edit{{"documentChanges", std::move(changes_)}};
  if (!annotations_.empty()) edit["changeAnnotations"] = std::move(annotations_);
  return edit;
}

}  // namespace dagfix::lsp
