#include "cli/version_detection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "project/import_lines.hpp"
#include "project/project.hpp"

namespace dagfix {

std::set<std::string, std::less<>> kaapana_modules(std::string_view text) {
  std::set<std::string, std::less<>> modules;
  for_each_import(text, [&](const ImportLine& line) {
    if (is_kaapana(line.module)) modules.emplace(line.module);
    for (const ImportLine::Item& item : line.items) {
      if (line.module.empty() && is_kaapana(item.name)) modules.emplace(item.name);
      if (is_kaapana(line.module)) modules.insert(fmt::format("{}.{}", line.module, item.name));
    }
  });
  return modules;
}

DetectedVersion detect_version(const RuleBook& book,
                               const std::set<std::string, std::less<>>& modules, Version to) {
  std::vector<const RuleBook::ModuleSpan*> spans;
  for (const RuleBook::ModuleSpan& span : book.modules()) {
    if (modules.contains(span.module)) spans.push_back(&span);
  }
  const auto valid_in = [&](Version version) {
    return std::ranges::count_if(spans, [&](const RuleBook::ModuleSpan* span) {
      return span->first <= version && version <= span->last;
    });
  };
  DetectedVersion best{book.versions().front(), {}};
  auto most = valid_in(best.version);
  for (const Version version : book.versions()) {
    if (version <= to && valid_in(version) > most) {
      most = valid_in(version);
      best.version = version;
    }
  }
  if (most == 0) {
    best.evidence = "nothing here tells the version, so this is the oldest that dagfix knows";
  } else if (static_cast<std::size_t>(most) == spans.size()) {
    best.evidence = fmt::format("the oldest version that has {} imported here",
                                most == 1 ? fmt::format("the module {}", spans[0]->module)
                                          : fmt::format("all {} Kaapana modules", most));
  } else {
    best.evidence = fmt::format(
        "no version has all {} Kaapana modules imported here; this is the oldest that has {}",
        spans.size(), most);
  }
  return best;
}

}  // namespace dagfix
