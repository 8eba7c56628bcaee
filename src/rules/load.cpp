#include "rules/load.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "rules/json_reader.hpp"

namespace dagfix {

namespace {

using nlohmann::json;

using Reader = JsonReader;

ArgumentChange read_change(Reader& reader) {
  using enum ArgumentChange::Action;
  ArgumentChange change;
  change.name = reader.string("name", true);
  change.action = reader.one_of<ArgumentChange::Action>(
      "action",
      {{"keep", keep}, {"rename", rename}, {"drop", drop}, {"set", set}, {"report", report}});
  change.to = reader.string("to", change.action == rename || change.action == set);
  change.when = reader.strings("when");
  change.form_property = reader.string("form_property");
  change.minutes = reader.index("minutes");
  change.lost = reader.version("lost");
  change.lost_to = reader.string("lost_to");
  change.refused = reader.version("refused");
  change.reason = reader.string("reason");
  change.otherwise = reader.string("otherwise");
  return change;
}

/// The same where `when` is a condition of the change, and not of the entry.
ArgumentChange read_conditional(Reader& reader) {
  ArgumentChange change = read_change(reader);
  if (!change.when.empty() && change.otherwise.empty()) reader.fail("'otherwise' is missing");
  return change;
}

void read_operator(Reader& reader, OperatorReplacement& data) {
  data.old_class = reader.string("old", true);
  data.new_class = reader.string("new", true);
  data.removed = reader.version("removed");
  data.planner = reader.string("planner");
  data.works = reader.version("works");
  data.fails = reader.version("fails");
  data.out_dir = reader.string("out_dir");
  data.environment = reader.strings("environment");
  data.positional = reader.strings("positional");
  for (std::string& name : reader.strings("same")) {
    data.arguments.push_back({.name = std::move(name)});
  }
  data.note = reader.string("note");
  data.needs_form = reader.boolean("needs_form", true);
  reader.each("arguments",
              [&](Reader& entry) { data.arguments.push_back(read_conditional(entry)); });
  reader.each("required", [&](Reader& entry) {
    data.required.push_back({entry.strings("any"), entry.string("otherwise", true)});
  });
  reader.each("write_out", [&](Reader& entry) {
    data.write_out.push_back(
        {entry.string("name", true), entry.string("value", true), entry.strings("unless")});
  });
}

MethodChange read_method(Reader& reader) {
  using enum MethodChange::Action;
  MethodChange method;
  method.name = reader.string("name", true);
  method.action = reader.one_of<MethodChange::Action>(
      "action", {{"rename", rename}, {"function", function}, {"report", report}});
  method.to = reader.string("to", method.action != report);
  method.module = reader.string("module", method.action == function);
  method.needs = reader.strings("needs");
  method.not_with = reader.strings("not_with");
  const bool may_need_a_person =
      method.action == report || !method.needs.empty() || !method.not_with.empty();
  method.reason = reader.string("reason", may_need_a_person);
  method.note = reader.string("note");
  method.call.first_stays = false;
  method.call.positional = reader.strings("positional");
  for (const std::string& name : method.call.positional) {
    method.call.arguments.push_back({.name = name});
  }
  reader.each("arguments", [&](Reader& entry) {
    ArgumentChange change = read_conditional(entry);
    std::erase_if(method.call.arguments,
                  [&](const ArgumentChange& other) { return other.name == change.name; });
    method.call.arguments.push_back(std::move(change));
  });
  method.has_parameters = !method.call.arguments.empty();
  return method;
}

void read_client(Reader& reader, ClientReplacement& data) {
  data.old_class = reader.string("old", true);
  data.module = reader.string("module", true);
  data.function = reader.string("function", true);
  data.type = reader.string("type", true);
  data.constructor.positional = reader.strings("positional");
  reader.each("arguments", [&](Reader& entry) {
    data.constructor.arguments.push_back(read_conditional(entry));
  });
  reader.each("methods", [&](Reader& entry) { data.methods.push_back(read_method(entry)); });
  reader.each("members", [&](Reader& entry) { data.members.push_back(read_method(entry)); });
}

SymbolEntry read_symbol(Reader& reader) {
  SymbolEntry symbol;
  symbol.path = reader.string("path", true);
  symbol.since = reader.version("since");
  symbol.until = reader.version("until");
  symbol.to = reader.string("to");
  using Member = SymbolEntry::Member;
  if (reader.has("member")) {
    symbol.member =
        reader.one_of<Member>("member", {{"any", Member::any}, {"class", Member::of_class}});
  }
  symbol.unused = reader.boolean("unused");
  symbol.everywhere = reader.boolean("everywhere");
  symbol.words = reader.strings("words");
  symbol.severity = reader.severity("severity");
  symbol.reason = reader.string("reason", true);
  symbol.otherwise = reader.string("otherwise", true);
  return symbol;
}

Safety read_safety(Reader& reader) {
  return reader.one_of<Safety>(
      "safety", {{"safe", Safety::safe}, {"unsafe", Safety::unsafe}, {"manual", Safety::manual}});
}

TextEntry read_text(Reader& reader) {
  using enum TextEntry::Form;
  TextEntry text;
  text.old_value = reader.string("old", true);
  text.form = reader.one_of<TextEntry::Form>("form", {{"value", value},
                                                      {"path", path},
                                                      {"part", part},
                                                      {"variable", variable},
                                                      {"image", image},
                                                      {"bucket", bucket},
                                                      {"conf", conf}});
  text.new_value = reader.string("new");
  text.since = reader.version("since");
  text.until = reader.version("until");
  text.classes = reader.strings("classes");
  text.containers = reader.boolean("containers");
  text.unless_tags = reader.strings("unless_tags");
  text.severity = reader.severity("severity");
  if (reader.has("safety")) text.safety = read_safety(reader);
  text.reason = reader.string("reason", true);
  text.otherwise = reader.string("otherwise", text.new_value.empty());
  return text;
}

void read_changes(Reader& reader, GraphChanges& changes) {
  reader.each("arguments", [&](Reader& entry) {
    changes.arguments.push_back({entry.strings("classes"), entry.strings("names")});
  });
  reader.each("strings", [&](Reader& entry) {
    changes.strings.emplace_back(entry.string("old", true), entry.string("new", true));
  });
  changes.task_ids = reader.strings("task_ids");
}

void read_data(Reader& reader, Rule& rule) {
  if (rule.kind == "operator") {
    reader.object("data", [&](Reader& data) { read_operator(data, rule.replacement); });
  } else if (rule.kind == "client") {
    reader.object("data", [&](Reader& data) { read_client(data, rule.client); });
  } else if (rule.kind == "argument" || rule.kind == "property") {
    reader.each("entries", [&](Reader& entry) {
      ArgumentEntry argument;
      argument.classes = entry.strings("classes");
      argument.since = entry.version("since");
      argument.until = entry.version("until");
      argument.change = read_change(entry);
      argument.unless = entry.strings("unless");
      argument.position = entry.index("position");
      argument.by_default = entry.boolean("by_default");
      argument.severity = entry.severity("severity");
      rule.arguments.push_back(std::move(argument));
    });
  } else if (rule.kind == "value" || rule.kind == "reference") {
    reader.each("entries", [&](Reader& entry) {
      const bool is_reference = rule.kind == "reference";
      rule.values.push_back({entry.string("old", true), entry.string("new", is_reference),
                             entry.version("since"), entry.string("note", is_reference)});
    });
  } else if (rule.kind == "label") {
    reader.each("entries", [&](Reader& entry) {
      LabelEntry label;
      label.label = entry.string("label", true);
      label.value = entry.string("value");
      label.new_label = entry.string("new_label", !label.value.empty());
      label.new_value = entry.string("new_value", !label.value.empty());
      label.since = entry.version("since");
      label.reason = entry.string("reason", true);
      label.remedy = entry.string("remedy", label.value.empty());
      rule.labels.push_back(std::move(label));
    });
  } else if (rule.kind == "name") {
    reader.each("entries", [&](Reader& entry) {
      rule.names.push_back(
          {entry.string("name", true), entry.version("since"), entry.version("until")});
    });
  } else if (rule.kind == "symbol") {
    reader.each("entries", [&](Reader& entry) { rule.symbols.push_back(read_symbol(entry)); });
  } else if (rule.kind == "text") {
    reader.each("entries", [&](Reader& entry) { rule.texts.push_back(read_text(entry)); });
  } else if (rule.kind != "code" && rule.kind != "api") {
    reader.fail(fmt::format("unknown kind '{}'", rule.kind));
  }
}

Rule read_rule(const json& document) {
  Reader reader(document, "");
  Rule rule;
  RuleInfo& info = rule.info;
  reader.string("$schema");  // for editors
  info.code = reader.string("code", true);
  info.name = reader.string("name", true);
  const auto severity = reader.severity("severity");
  if (!severity) reader.fail("'severity' is missing");
  info.severity = *severity;
  info.safety = read_safety(reader);
  info.since = reader.version("since");
  info.until = reader.version("until");
  info.summary = reader.string("summary", true);
  info.why = reader.text("why", true);
  info.fix = reader.text("fix", true);
  info.guide = reader.text("guide");
  info.before = reader.text("before");
  info.after = reader.text("after");
  rule.kind = reader.string("kind", true);
  rule.triggers = reader.strings("triggers");
  rule.beside = reader.strings("beside");
  for (const std::string& name : reader.strings("files")) {
    const auto kind = parse_file_kind(name);
    if (!kind) reader.fail(fmt::format("'files' has an unknown kind: {}", name));
    rule.files.push_back(*kind);
  }
  // Such rules know nothing of Python.
  if (rule.kind == "reference") {
    if (rule.files.empty()) reader.fail("'files' is missing");
    info.language = to_string(rule.files.front());
  }
  read_data(reader, rule);
  if (reader.has("changes")) {
    reader.object("changes", [&](Reader& changes) { read_changes(changes, rule.changes); });
  }
  reader.finish();
  return rule;
}

/// Calls `read` on a parsed document; nlohmann's exceptions and ours end here.
template <typename T, typename Function>
std::expected<T, std::string> guarded(std::string_view text, Function read) {
  try {
    return read(json::parse(text));
  } catch (const std::exception& error) {
    return std::unexpected(error.what());
  }
}

}  // namespace

std::optional<Version> parse_version(std::string_view text) {
  std::uint16_t parts[3] = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int i = 0; i < 3; ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto [stop, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc{}) return std::nullopt;
    at = stop;
  }
  if (at != end) return std::nullopt;
  return Version{parts[0], parts[1], parts[2]};
}

std::expected<Rule, std::string> load_rule(std::string_view text) {
  return guarded<Rule>(text, read_rule);
}

std::expected<Platform, std::string> load_platform(std::string_view text) {
  return guarded<Platform>(text, [](const json& document) {
    Reader reader(document, "");
    Platform platform;
    const auto version = [&](const std::string& name) {
      const auto parsed = parse_version(name);
      if (!parsed) reader.fail("no version: " + name);
      return *parsed;
    };
    for (const std::string& name : reader.strings("versions")) {
      platform.versions.push_back(version(name));
    }
    for (const std::string& name : reader.strings("announced")) {
      platform.announced.push_back(version(name));
    }
    platform.common_arguments = reader.strings("common_arguments");
    reader.each("modules", [&](Reader& entry) {
      platform.modules.push_back({entry.string("module", true),
                                  version(entry.string("first", true)),
                                  version(entry.string("last", true))});
    });
    reader.finish();
    return platform;
  });
}

std::expected<std::vector<OperatorLevel>, std::string> load_levels(std::string_view text) {
  return guarded<std::vector<OperatorLevel>>(text, [](const json& document) {
    Reader reader(document, "");
    std::vector<OperatorLevel> levels;
    reader.each("levels", [&](Reader& entry) {
      OperatorLevel level;
      level.class_path = entry.string("class", true);
      level.level = entry.one_of<std::string>("level", {{"batch", "batch"}, {"run", "run"}});
      level.keyword = entry.string("keyword");
      level.value = entry.string("value", !level.keyword.empty());
      levels.push_back(std::move(level));
    });
    reader.finish();
    return levels;
  });
}

}  // namespace dagfix
