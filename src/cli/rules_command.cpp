#include "cli/rules_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <vector>

#include "cli/did_you_mean.hpp"
#include "cli/rule_files.hpp"
#include "report/rule_page.hpp"
#include "rules/tables.hpp"

namespace dagfix {

namespace {

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

std::string list(const RuleBook& book, const std::string& format) {
  std::vector<const RuleInfo*> rules;
  for (const Rule& rule : book.rules()) rules.push_back(&rule.info);
  if (format == "json") return rule_list_json(rules);
  return format == "markdown" ? rule_list_markdown(rules) : rule_list_text(rules);
}

std::string explain(const Rule& rule, const std::string& format) {
  if (format == "json") return rule_page_json(rule.info);
  const auto page = format == "markdown" ? rule_page_markdown : rule_page_text;
  return page(rule.info, tables_of(rule), graph_changes_of(rule));
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
  return explain(*rule, request->format);
}

}  // namespace dagfix
