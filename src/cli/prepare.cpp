#include "cli/prepare.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "parallel.hpp"

namespace dagfix {

namespace {

/// Bounds the memory that kept trees take; large projects parse the rest twice.
constexpr std::size_t kMostKeptTrees = 64;

void add_facts(Prepared& out, unsigned jobs) {
  const Project& project = *out.project;
  out.parsed.resize(out.scan.files.size());
  out.facts.insert(out.scan.facts.begin(), out.scan.facts.end());
  std::vector<std::size_t> indexes;
  for (std::size_t i = 0; i < out.scan.files.size(); ++i) {
    if (out.scan.files[i].needs_facts) indexes.push_back(i);
  }
  // Which trees are kept is decided by the order of the files; large files come first, so that no
  // thread is left with one when the others are done.
  const std::size_t end_of_kept =
      indexes.size() > kMostKeptTrees ? indexes[kMostKeptTrees] : out.scan.files.size();
  std::ranges::stable_sort(indexes, std::ranges::greater(),
                           [&](std::size_t index) { return out.scan.files[index].size; });
  std::mutex mutex;
  parallel_for(indexes.size(), jobs, [&](std::size_t i) {
    const bool is_kept = indexes[i] < end_of_kept;
    auto loaded = is_kept ? out.files->take(indexes[i]) : out.files->load(indexes[i]);
    if (!loaded) return;
    auto kept = std::make_unique<ParsedFile>(*std::move(loaded), project);
    ProjectFacts facts = facts_of(kept->model, project, kept->file.path());
    if (is_kept) out.parsed[indexes[i]] = std::move(kept);
    const std::lock_guard lock(mutex);
    out.facts.emplace(indexes[i], std::move(facts));
  });
  for (const auto& [index, facts] : out.facts) out.project->facts.add(facts);
}

}  // namespace

std::expected<RuleSet, std::string> widest_rules(const Job& job, const RuleBook& book) {
  return RuleSet::select(book, job.from.value_or(book.versions().front()), job.to, job.selection);
}

std::expected<Prepared, std::string> prepare(const Job& job, RuleSet rules,
                                             std::vector<Input> inputs, const std::string& folder,
                                             const ProgressSink& progress) {
  const RuleBook& book = rules.book();
  auto files = std::make_unique<InputFiles>(std::move(inputs), folder, job.walked);
  progress.begin("reading", files->size());
  auto project = std::make_unique<Project>(
      files->paths(), [&reads = *files](const std::string& path) { return reads.text(path); },
      [&reads = *files, is_in_memory = job.is_in_memory](const std::string& path) {
        return is_in_memory ? reads.text(path) : reads.side_text(path);
      },
      [&reads = *files](std::string_view path) { return reads.covers(path); });
  Scan scanned = scan(*files, rules, *project, !job.from, job.jobs, progress);
  DetectedVersion from{rules.from(), {}};
  if (!job.from) from = detect_version(book, scanned.modules, job.to);
  if (from.version != rules.from()) {
    auto fewer = RuleSet::select(book, from.version, job.to, job.selection);
    if (!fewer) return std::unexpected(fewer.error());
    rules = *std::move(fewer);
    for (Scan::File& file : scanned.files) file.rules.reset();
  }
  Prepared prepared{std::move(files),
                    std::move(project),
                    std::move(scanned),
                    std::move(from),
                    std::move(rules),
                    {},
                    {}};
  if (!progress.is_cancelled()) add_facts(prepared, job.jobs);
  if (progress.is_cancelled()) return std::unexpected("cancelled");
  return prepared;
}

}  // namespace dagfix
