#include "cli/rules_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/did_you_mean.hpp"
#include "cli/rule_files.hpp"
#include "report/common.hpp"

namespace dagfix {

namespace {

using nlohmann::ordered_json;

struct Request {
  std::string name;  // empty: list all
  std::string format = "text";
  std::vector<std::string> folders;
};

std::expected<Request, std::string> parse(std::span<const std::string> arguments) {
  Request request;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.add_option("NAME", request.name);
  app.add_option("--format", request.format);
  app.add_option("--rules", request.folders)->allow_extra_args(false);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(error.what());
  }
  if (const auto left = app.remaining(); !left.empty()) {
    return std::unexpected(fmt::format(
        "rules: unexpected {}; usage: dagfix rules [NAME] [--format FORMAT] [--rules DIR]",
        left.front()));
  }
  if (std::ranges::find(kRuleFormats, request.format) == std::end(kRuleFormats)) {
    return std::unexpected(
        fmt::format("--format: '{}' is none of {}", request.format, fmt::join(kRuleFormats, ", ")));
  }
  return request;
}

std::string since(const RuleInfo& rule) { return rule.since ? to_string(*rule.since) : ""; }

ordered_json to_json(const RuleInfo& rule) {
  ordered_json json = {{"code", rule.code},
                       {"name", rule.name},
                       {"severity", name_of(rule.severity)},
                       {"fix_safety", name_of(rule.safety)},
                       {"since", nullptr},
                       {"until", nullptr},
                       {"summary", rule.summary},
                       {"why", rule.why},
                       {"fix", rule.fix},
                       {"guide", rule.guide},
                       {"before", rule.before},
                       {"after", rule.after}};
  if (rule.since) json["since"] = to_string(*rule.since);
  if (rule.until) json["until"] = to_string(*rule.until);
  return json;
}

std::string list(const RuleBook& book, const std::string& format) {
  ordered_json json = ordered_json::array();
  std::string text;
  if (format == "markdown")
    text = "| code | name | severity | fix | since | summary |\n|---|---|---|---|---|---|\n";
  for (const Rule& rule : book.rules()) {
    const RuleInfo& info = rule.info;
    if (format == "json") {
      json.push_back(to_json(info));
    } else if (format == "markdown") {
      fmt::format_to(std::back_inserter(text), "| {} | {} | {} | {} | {} | {} |\n", info.code,
                     info.name, name_of(info.severity), name_of(info.safety), since(info),
                     info.summary);
    } else {
      fmt::format_to(std::back_inserter(text), "{}  {:24}  {:7}  {:6}  {:5}  {}\n", info.code,
                     info.name, name_of(info.severity), name_of(info.safety), since(info),
                     info.summary);
    }
  }
  return format == "json" ? json.dump(2) + '\n' : text;
}

std::string explain(const RuleInfo& rule, const std::string& format) {
  if (format == "json") return to_json(rule).dump(2) + '\n';
  return fmt::format("{} {}\n\n{}\n\n{}\n\n{}\n", rule.code, rule.name, rule.summary, rule.why,
                     rule.fix);
}

std::string unknown(const RuleBook& book, const std::string& name) {
  std::vector<std::string_view> known;
  for (const Rule& rule : book.rules()) {
    known.push_back(rule.info.code);
    known.push_back(rule.info.name);
  }
  return fmt::format("there is no rule '{}'{}", name, did_you_mean(name, known));
}

}  // namespace

std::expected<std::string, std::string> rules_command(std::span<const std::string> arguments) {
  const auto request = parse(arguments);
  if (!request) return std::unexpected(request.error());
  const auto book = load_rules(request->folders);
  if (!book) return std::unexpected(book.error());
  if (request->name.empty()) return list(*book, request->format);
  const Rule* const rule = book->find(request->name);
  if (!rule) return std::unexpected(unknown(*book, request->name));
  return explain(rule->info, request->format);
}

}  // namespace dagfix
