#include "cli/driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "cli/parallel.hpp"
#include "cli/rewrite.hpp"
#include "cli/version_detection.hpp"
#include "dagfix/analyze.hpp"
#include "project/project.hpp"

namespace dagfix {

namespace {

using RulesByCode = std::map<std::string, const RuleInfo*>;

RulesByCode rules_by_code(const RuleBook& book) {
  RulesByCode rules;
  for (const Rule& rule : book.rules()) rules.emplace(rule.info.code, &rule.info);
  return rules;
}

/// The result of one file; several threads fill different ones.
struct FileOutcome {
  FileReport report;
  std::string diff;
  std::optional<Rewrite> rewrite;
  std::optional<std::string> failure;
  std::vector<std::string> bugs;
};

void add_facts(Project& project, InputFiles& inputs, const Scan& scan, unsigned jobs) {
  std::vector<std::size_t> indexes;
  for (std::size_t i = 0; i < scan.files.size(); ++i) {
    if (scan.files[i].needs_facts) indexes.push_back(i);
  }
  ProjectFacts all;
  std::mutex mutex;
  parallel_for(indexes.size(), jobs, [&](std::size_t i) {
    const auto file = inputs.load(indexes[i]);
    if (!file) return;
    const SyntaxTree tree = SyntaxTree::parse(file->text());
    const FileResolver resolver(project, file->path());
    const ProjectFacts facts =
        facts_of(SemanticModel::build(tree, resolver), project, file->path());
    const std::lock_guard lock(mutex);
    all.add(facts);
  });
  project.facts = std::move(all);
}

class FileWorker {
 public:
  FileWorker(const Job& job, const RuleSet& rules, const Project& project)
      : job_(job), rules_(rules), project_(project), by_code_(rules_by_code(rules.book())) {}

  FileOutcome work(const SourceFile& file) const {
    FileOutcome out;
    if (job_.mode == Mode::check) {
      out.report = report_file(file, analyze(file, rules_, project_), by_code_);
      return out;
    }
    FixResult result = fix(file, rules_, project_, job_.most);
    if (result.applied.empty() || !result.bugs.empty()) {
      for (const std::string& title : result.bugs) {
        out.bugs.push_back(
            fmt::format("{}: the fix '{}' would break the syntax; the file was left as it is",
                        file.path(), title));
      }
      const bool is_old = result.applied.empty();
      out.report =
          report_file(file, is_old ? result.left : analyze(file, rules_, project_), by_code_);
      return out;
    }
    auto fixed = with_text(file, result.text);
    if (!fixed) {
      out.failure = fmt::format("not fixed: {}", fixed.error());
      out.report = report_file(file, analyze(file, rules_, project_), by_code_);
      return out;
    }
    if (job_.mode == Mode::diff) {
      out.diff = unified_diff(path_from(job_.root, file.path()), file.bytes(), fixed->bytes());
      out.report = report_file(file, analyze(file, rules_, project_), by_code_);
      return out;
    }
    out.report = report_file(*fixed, result.left, by_code_);
    out.rewrite = {file.path(), std::string(file.bytes()), std::string(fixed->bytes()), {}};
    for (const Finding& finding : result.applied) ++out.rewrite->applied[finding.rule];
    return out;
  }

 private:
  const Job& job_;
  const RuleSet& rules_;
  const Project& project_;
  const RulesByCode by_code_;
};

void merge(std::vector<FileOutcome>&& files, const InputFiles& inputs, Outcome& all) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    FileOutcome& file = files[i];
    if (file.failure) all.report.failures.push_back({inputs[i].path, *std::move(file.failure)});
    if (!file.report.findings.empty()) all.report.files.push_back(std::move(file.report));
    if (file.rewrite) all.rewrites.push_back(*std::move(file.rewrite));
    all.diff += file.diff;
    std::ranges::move(file.bugs, std::back_inserter(all.bugs));
  }
}

Outcome analyze_all(const Job& job, const RuleSet& rules, const Project& project,
                    InputFiles& inputs, const Scan& scan, const ProgressSink& progress) {
  const FileWorker worker(job, rules, project);
  std::vector<FileOutcome> files(inputs.size());
  parallel_for(inputs.size(), job.jobs, [&](std::size_t index) {
    FileOutcome& out = files[index];
    const Scan::File& scanned = scan.files[index];
    if (scanned.failure) {
      out.failure = scanned.failure;
    } else if (scanned.interest != Scan::Interest::none) {
      const auto file = inputs.take(index);
      if (!file) {
        out.failure = file.error();
      } else if (scanned.interest == Scan::Interest::analysis ||
                 rules.prefilter().matches(file->text())) {
        out = worker.work(*file);
      }
    }
    progress.step();
  });
  Outcome all;
  merge(std::move(files), inputs, all);
  return all;
}

}  // namespace

std::expected<Outcome, std::string> run_job(const Job& job, const RuleBook& book,
                                            std::vector<Input> inputs,
                                            const ProgressSink& progress) {
  const Version oldest = job.from.value_or(book.versions().front());
  const auto widest = RuleSet::select(book, oldest, job.to, job.selection);
  if (!widest) return std::unexpected(widest.error());
  InputFiles files(std::move(inputs));
  progress.begin(files.size() * 2);
  Project project(files.paths(), [&](const std::string& path) { return files.text(path); });
  const Scan scanned = scan(files, *widest, project, !job.from, job.jobs, progress.step);
  DetectedVersion from{oldest, {}};
  if (!job.from) from = detect_version(book, scanned.modules, job.to);
  const auto rules = RuleSet::select(book, from.version, job.to, job.selection);
  if (!rules) return std::unexpected(rules.error());
  add_facts(project, files, scanned, job.jobs);
  Outcome outcome = analyze_all(job, *rules, project, files, scanned, progress);
  Report& report = outcome.report;
  report.root = job.root;
  report.from = from.version;
  report.to = job.to;
  report.from_evidence = from.evidence;
  report.files_seen = files.size();
  for (const Rule* rule : rules->rules()) report.rules.push_back(&rule->info);
  return outcome;
}

}  // namespace dagfix
