#include "rules/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dagfix {

namespace {

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('.') + 1); }

std::string shown(const std::optional<Version>& version) {
  return version ? to_string(*version) : std::string();
}

std::string code(std::string_view text) {
  return text.empty() ? std::string() : fmt::format("`{}`", text);
}

std::string code_list(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(code(text));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

std::string what_happens(const ArgumentChange& change) {
  using enum ArgumentChange::Action;
  std::string text;
  switch (change.action) {
    case keep:
      text = "stays";
      break;
    case rename:
      text = fmt::format("becomes {}", code(change.to));
      break;
    case drop:
      text = "goes";
      break;
    case set:
      text = fmt::format("becomes {}", code(change.to));
      break;
    case report:
      text = change.when.empty() ? "a person" : "a person, ";
      break;
  }
  if (!change.when.empty()) {
    text += fmt::format("{}if it is {}", text.ends_with(' ') ? "" : " ", code_list(change.when));
  }
  if (!change.form_property.empty()) {
    text += fmt::format(", or if the form has a property {}", code(change.form_property));
  }
  if (!change.reason.empty()) text += fmt::format(": {}", change.reason);
  if (change.action == report) {
    if (!change.otherwise.empty()) text += fmt::format("; {}", change.otherwise);
  } else if (!change.otherwise.empty()) {
    text += fmt::format("; otherwise a person: {}", change.otherwise);
  }
  return text;
}

std::string arguments_table(const OperatorReplacement& data) {
  std::string text = "| argument | what happens |\n|---|---|\n";
  for (const ArgumentChange& change : data.arguments) {
    text += fmt::format("| {} | {} |\n", code(change.name), what_happens(change));
  }
  for (const WrittenOut& added : data.write_out) {
    text += fmt::format("| {} | is written out", code(added.name + "=" + added.value));
    if (!added.unless.empty()) text += fmt::format(" unless {} is given", code_list(added.unless));
    text += ", since the default changed |\n";
  }
  return text + "| what all operators take | stays |\n| any other | a person |\n";
}

std::string what_happens(const ArgumentEntry& entry) {
  const ArgumentChange& change = entry.change;
  if (change.action == ArgumentChange::Action::keep) {
    return fmt::format("a person, if it is not given: {}; {}", change.reason, change.otherwise);
  }
  std::string text = what_happens(change);
  if (!entry.unless.empty()) text += fmt::format("; not for {}", code_list(entry.unless));
  return text;
}

std::string gates(const std::optional<Version>& since, const std::optional<Version>& until) {
  return until ? fmt::format("{} to before {}", shown(since), shown(until)) : shown(since);
}

std::string entries_table(const std::vector<ArgumentEntry>& entries) {
  std::string text = "| class | argument | since | what happens |\n|---|---|---|---|\n";
  for (const ArgumentEntry& entry : entries) {
    std::vector<std::string> classes;
    for (const std::string& path : entry.classes) {
      classes.push_back(path.ends_with('.') ? fmt::format("all below `{}`", path)
                                            : code(last_part(path)));
    }
    text +=
        fmt::format("| {} | {} | {} | {} |\n", fmt::join(classes, ", "), code(entry.change.name),
                    gates(entry.since, entry.until), what_happens(entry));
  }
  return text;
}

std::string values_table(const std::vector<ValueEntry>& values, std::string_view what) {
  std::string text = fmt::format("| {} | since | now |\n|---|---|---|\n", what);
  for (const ValueEntry& entry : values) {
    std::string now = entry.new_value.empty() ? "gone" : code(entry.new_value);
    if (!entry.note.empty()) now += ": " + entry.note;
    text += fmt::format("| {} | {} | {} |\n", code(entry.old_value), shown(entry.since), now);
  }
  return text;
}

std::string labels_table(const std::vector<LabelEntry>& labels) {
  std::string text = "| label | since | now |\n|---|---|---|\n";
  for (const LabelEntry& entry : labels) {
    const bool is_any = entry.value.empty();
    const std::string old = fmt::format("`{}: {}`", entry.label, is_any ? "..." : entry.value);
    const std::string now = is_any ? fmt::format("a person: {}", entry.remedy)
                                   : fmt::format("`{}: \"{}\"`", entry.new_label, entry.new_value);
    text += fmt::format("| {} | {} | {} |\n", old, shown(entry.since), now);
  }
  return text;
}

std::string names_table(const std::vector<NameEntry>& names) {
  std::string text = "| operator | since | gone since |\n|---|---|---|\n";
  for (const NameEntry& entry : names) {
    text +=
        fmt::format("| {} | {} | {} |\n", code(entry.name), shown(entry.since), shown(entry.until));
  }
  return text;
}

std::string symbols_table(const std::vector<SymbolEntry>& symbols) {
  std::string text = "| name | since | what is wrong | what to do |\n|---|---|---|---|\n";
  for (const SymbolEntry& entry : symbols) {
    const std::string name = entry.path.ends_with('.') ? entry.path + "*" : entry.path;
    std::string todo = entry.otherwise;
    if (entry.unused) todo = "an import without use goes; " + todo;
    text += fmt::format("| {} | {} | {} | {} |\n", code(name), gates(entry.since, entry.until),
                        entry.reason, todo);
  }
  return text;
}

std::string_view name_of(TextEntry::Form form) {
  using enum TextEntry::Form;
  switch (form) {
    case value:
      return "string";
    case path:
      return "path";
    case part:
      return "part of a path";
    case variable:
      return "environment variable";
    case image:
      return "image";
    case bucket:
      return "bucket";
    case conf:
      return "key of a conf";
  }
  return {};
}

std::string texts_table(const std::vector<TextEntry>& texts) {
  std::string text = "| what | since | what is wrong | what to do |\n|---|---|---|---|\n";
  for (const TextEntry& entry : texts) {
    std::string todo =
        entry.new_value.empty() ? "" : fmt::format("becomes {}", code(entry.new_value));
    if (!entry.otherwise.empty()) todo += (todo.empty() ? "" : "; ") + entry.otherwise;
    text += fmt::format("| {} {} | {} | {} | {} |\n", name_of(entry.form), code(entry.old_value),
                        gates(entry.since, entry.until), entry.reason, todo);
  }
  return text;
}

std::string what_happens(const MethodChange& method) {
  using enum MethodChange::Action;
  if (method.action == report) return fmt::format("a person: {}", method.reason);
  const char* const form = method.action == function ? "becomes the function {}" : "becomes {}";
  std::string text = fmt::format(fmt::runtime(form), code(method.to));
  if (!method.needs.empty()) text += fmt::format(" if {} is given", code_list(method.needs));
  if (!method.not_with.empty()) {
    text += fmt::format(" unless the action is {}", code_list(method.not_with));
  }
  for (const ArgumentChange& change : method.call.arguments) {
    if (change.action == ArgumentChange::Action::keep && change.when.empty()) continue;
    text += fmt::format("; {} {}", code(change.name + "="), what_happens(change));
  }
  if (!method.note.empty()) text += fmt::format("; unsafe: {}", method.note);
  if (!method.reason.empty()) text += fmt::format("; otherwise a person: {}", method.reason);
  return text;
}

std::string client_tables(const ClientReplacement& client) {
  std::string text = arguments_table(client.constructor);
  text.erase(text.find("| what all operators take"));
  const std::string_view name = last_part(client.old_class);
  text += "\n| member | what happens |\n|---|---|\n";
  for (const MethodChange& method : client.methods) {
    text += fmt::format("| `.{}` | {} |\n", method.name, what_happens(method));
  }
  for (const MethodChange& member : client.members) {
    text += fmt::format("| `{}.{}` | {} |\n", name, member.name, what_happens(member));
  }
  return text;
}

}  // namespace

std::string tables_of(const Rule& rule) {
  if (rule.kind == "operator") {
    return rule.replacement.planner.empty() ? arguments_table(rule.replacement) : std::string();
  }
  if (rule.kind == "client") return client_tables(rule.client);
  if (rule.kind == "argument" || rule.kind == "property") return entries_table(rule.arguments);
  if (rule.kind == "value") return values_table(rule.values, "id");
  if (rule.kind == "reference") return values_table(rule.values, "what is written");
  if (rule.kind == "label") return labels_table(rule.labels);
  if (rule.kind == "name") return names_table(rule.names);
  if (rule.kind == "symbol") return symbols_table(rule.symbols);
  if (rule.kind == "text") return texts_table(rule.texts);
  return {};
}

std::string graph_changes_of(const Rule& rule) {
  if (rule.info.safety == Safety::manual) return {};
  std::string list;
  if (const OperatorReplacement& data = rule.replacement; !data.old_class.empty()) {
    list += fmt::format("- the class of a task: {} becomes {}\n", code(last_part(data.old_class)),
                        code(last_part(data.new_class)));
  }
  if (!tables_of(rule).empty()) list += "- what *In detail* names\n";
  if (rule.kind == "api") list += "- the class of a task: becomes what Kaapana renamed it to\n";
  for (const GraphChanges::Arguments& declared : rule.changes.arguments) {
    std::vector<std::string> classes;
    for (const std::string& path : declared.classes) classes.emplace_back(last_part(path));
    list += fmt::format("- arguments of {}: {}\n", code_list(classes), code_list(declared.names));
  }
  for (const auto& [before, after] : rule.changes.strings) {
    list += fmt::format("- {} in a value: becomes {}\n", code(before), code(after));
  }
  for (const std::string& beginning : rule.changes.task_ids) {
    list += fmt::format("- the id of a task that is {} and such a name\n", code(beginning));
  }
  return list;
}

}  // namespace dagfix
