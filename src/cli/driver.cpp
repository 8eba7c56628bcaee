#include "cli/driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>

#include "cli/prepare.hpp"
#include "cli/rewrite.hpp"
#include "dagfix/analyze.hpp"
#include "files/decode.hpp"
#include "files/kind.hpp"
#include "parallel.hpp"
#include "project/project.hpp"
#include "project_proof.hpp"

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
  std::optional<FixedText> fixed;
  std::optional<std::string> failure;
  std::vector<std::string> bugs;

  bool says_something() const {
    return failure || rewrite || !report.findings.empty() || !bugs.empty();
  }
};

class FileWorker {
 public:
  FileWorker(const Job& job, const RuleSet& rules, const Project& project)
      : job_(job), rules_(rules), project_(project), by_code_(rules_by_code(rules.book())) {}

  /// `concerned`: what rules_for() says of the text, if it was asked.
  FileOutcome work(const SourceFile& file, const std::optional<RuleList>& concerned) const {
    FileOutcome out;
    if (job_.mode != Mode::check) {
      work_on_fix(file, out);
    } else if (concerned) {
      out.report = report(file, analyze(file, rules_, project_, *concerned));
    } else {
      out.report = check(file);
    }
    return out;
  }

  FileOutcome work(const ParsedFile& parsed, const std::optional<RuleList>& concerned) const {
    const auto& [file, tree, resolver, model] = parsed;
    if (job_.mode != Mode::check) return work(file, concerned);
    FileOutcome out;
    out.report = report(file, concerned ? analyze(file, model, rules_, project_, *concerned)
                                        : analyze(file, model, rules_, project_));
    return out;
  }

  bool concerns(const SourceFile& file) const {
    const FileKind kind = kind_of(file.path(), file.text());
    if (kind != FileKind::python) return rules_.concerns(kind, file.text());
    return rules_.concerns(file.text(), FileResolver(project_, file.path()));
  }

  FileReport check(const SourceFile& file) const {
    return report(file, analyze(file, rules_, project_));
  }

  /// Takes back the fixes of a file.
  void withdraw(const SourceFile& file, FileOutcome& out) const {
    out.report = check(file);
    out.rewrite.reset();
    out.fixed.reset();
    out.diff.clear();
  }

 private:
  FileReport report(const SourceFile& file, const FileAnalysis& analysis) const {
    return report_file(file, analysis, by_code_, job_.line_hashes);
  }

  void work_on_fix(const SourceFile& file, FileOutcome& out) const {
    FixResult result = fix(file, rules_, project_, job_.most);
    for (const std::string& bug : result.bugs) {
      out.bugs.push_back(
          fmt::format("{}: {}; the file stays as it is, please report this", file.path(), bug));
    }
    if (result.text == file.text()) {
      out.report = report(file, result.left);
      return;
    }
    auto fixed = with_text(file, result.text);
    if (!fixed) out.failure = fmt::format("not fixed: {}", fixed.error());
    if (fixed && result.bugs.empty()) {
      out.fixed.emplace().text = result.text;
      for (const Finding& finding : result.applied) out.fixed->rules.insert(finding.rule);
    }
    if (fixed && result.bugs.empty() && job_.mode == Mode::apply) {
      out.report = report(*fixed, result.left);
      out.rewrite = {file.path(), std::string(file.bytes()), std::string(fixed->bytes()), {}};
      for (const Finding& finding : result.applied) ++out.rewrite->applied[finding.rule];
      return;
    }
    out.report = check(file);
    if (fixed && result.bugs.empty()) {
      out.diff = unified_diff(path_from(job_.root, file.path()), file.bytes(), fixed->bytes());
    }
  }

  const Job& job_;
  const RuleSet& rules_;
  const Project& project_;
  const RulesByCode by_code_;
};

/// Results by file; null: nothing to say of it.
using FileOutcomes = std::vector<std::unique_ptr<FileOutcome>>;

/// The files that something can be said of, large ones first, so that no thread is left with one
/// when the others are done.
std::vector<std::size_t> by_work(const Scan& scan) {
  std::vector<std::size_t> order;
  for (std::size_t index = 0; index < scan.files.size(); ++index) {
    const Scan::File& file = scan.files[index];
    if (file.failure || file.interest != Scan::Interest::none) order.push_back(index);
  }
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t index) { return scan.files[index].size; });
  return order;
}

FileOutcomes analyze_all(const FileWorker& worker, InputFiles& inputs, const Scan& scan,
                         ParsedFiles parsed, const Job& job, const ProgressSink& progress) {
  FileOutcomes files(inputs.size());
  const std::vector<std::size_t> order = by_work(scan);
  progress.begin("analysing", order.size());
  parallel_for(order.size(), job.jobs, [&](std::size_t position) {
    const std::size_t index = order[position];
    const Scan::File& scanned = scan.files[index];
    FileOutcome out;
    out.failure = scanned.failure;
    const auto concerns = [&](const SourceFile& file) {
      return scanned.rules || scanned.interest == Scan::Interest::analysis || worker.concerns(file);
    };
    if (scanned.interest != Scan::Interest::none && parsed[index]) {
      if (concerns(parsed[index]->file)) out = worker.work(*parsed[index], scanned.rules);
      parsed[index].reset();
    } else if (scanned.interest != Scan::Interest::none) {
      const auto file = inputs.take(index);
      if (!file) {
        out.failure = file.error();
      } else if (concerns(*file)) {
        out = worker.work(*file, scanned.rules);
      }
    }
    if (out.says_something()) files[index] = std::make_unique<FileOutcome>(std::move(out));
    progress.step();
  });
  return files;
}

/// Takes back the fixes of modules that change more in the DAGs of other files than their rules
/// declare, until the fixes that are left change nothing else.
void prove_imports(const FileWorker& worker, const Prepared& prepared, const Job& job,
                   FileOutcomes& outcomes) {
  const InputFiles& files = *prepared.files;
  const Project& project = *prepared.project;
  FixedTexts fixed;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] && outcomes[i]->fixed) fixed.emplace(i, *std::move(outcomes[i]->fixed));
  }
  if (fixed.empty()) return;
  const ImportGraph imports(project, job.jobs);
  std::set<std::size_t> withdrawn;
  for (const BrokenImporter& importer :
       withdraw_unproven(project, imports, prepared.rules, fixed, job.jobs)) {
    for (const std::size_t index : importer.changed) {
      const auto file = files.load(index);
      if (withdrawn.insert(index).second && file) worker.withdraw(*file, *outcomes[index]);
    }
    auto& outcome = outcomes[importer.index];
    if (!outcome) outcome = std::make_unique<FileOutcome>();
    for (const std::string& what : importer.what) {
      outcome->bugs.push_back(message(importer, what, project));
    }
  }
}

void write_all(const FileWorker& worker, const Writer& write, FileOutcomes& files,
               std::vector<Rewrite>& written) {
  std::vector<Rewrite> rewrites;
  std::vector<FileOutcome*> owners;
  for (const auto& file : files) {
    if (!file || !file->rewrite) continue;
    rewrites.push_back(*std::move(file->rewrite));
    owners.push_back(file.get());
  }
  const auto errors = write(rewrites);
  for (std::size_t i = 0; i < rewrites.size(); ++i) {
    Rewrite& rewrite = rewrites[i];
    if (!errors[i]) {
      written.push_back({std::move(rewrite.path), {}, {}, std::move(rewrite.applied)});
      continue;
    }
    owners[i]->failure = errors[i];
    const auto file = decode_file(rewrite.path, std::move(rewrite.old_bytes));
    if (file) owners[i]->report = worker.check(*file);
  }
}

/// Whether Airflow would look for DAGs in a file: it asks for the same two words.
bool may_make_dag(std::string_view text) {
  return text.contains("airflow") && (text.contains("dag") || text.contains("DAG"));
}

void merge(FileOutcomes files, const InputFiles& inputs, Outcome& all) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!files[i]) continue;
    FileOutcome& file = *files[i];
    if (file.failure) all.report.failures.push_back({inputs[i].path, *std::move(file.failure)});
    if (!file.report.findings.empty()) all.report.files.push_back(std::move(file.report));
    all.diff += file.diff;
    std::ranges::move(file.bugs, std::back_inserter(all.bugs));
  }
}

}  // namespace

std::expected<Outcome, std::string> run_job(const Job& job, RuleSet rules,
                                            std::vector<Input> inputs, const Writer& write,
                                            const ProgressSink& progress) {
  auto prepared = prepare(job, std::move(rules), std::move(inputs), {}, progress);
  if (!prepared) return std::unexpected(prepared.error());
  InputFiles& files = *prepared->files;
  const FileWorker worker(job, prepared->rules, *prepared->project);
  FileOutcomes results =
      analyze_all(worker, files, prepared->scan, std::move(prepared->parsed), job, progress);
  Outcome outcome;
  if (job.mode != Mode::check) prove_imports(worker, *prepared, job, results);
  if (job.mode == Mode::apply) write_all(worker, write, results, outcome.rewrites);
  merge(std::move(results), files, outcome);
  Report& report = outcome.report;
  report.root = job.root;
  report.from = prepared->from.version;
  report.to = job.to;
  report.from_evidence = prepared->from.evidence;
  report.files_seen = files.count_own();
  for (const Rule* rule : prepared->rules.rules()) report.rules.push_back(&rule->info);
  return outcome;
}

std::expected<GraphOutcome, std::string> run_graph_job(const Job& job, RuleSet widest,
                                                       std::vector<Input> inputs) {
  auto prepared = prepare(job, std::move(widest), std::move(inputs), {}, {});
  if (!prepared) return std::unexpected(prepared.error());
  const InputFiles& files = *prepared->files;
  const Project& project = *prepared->project;
  const RuleSet& rules = prepared->rules;
  const auto& scanned = prepared->scan.files;
  std::vector<std::optional<GraphFile>> found(files.size());
  parallel_for(files.size(), job.jobs, [&](std::size_t index) {
    const bool is_read = !files[index].is_sibling && !files.is_other(index);
    if (scanned[index].failure || !is_read) return;
    auto loaded = files.load(index);
    if (!loaded || !may_make_dag(loaded->text())) return;
    const auto file = std::make_shared<const SourceFile>(*std::move(loaded));
    DagGraph graph = read_graph(*file, rules, project, GraphSide::source);
    if (graph.dags.empty()) return;
    mark_changes(graph, *file, analyze(*file, rules, project), rules, project, job.most);
    found[index] = GraphFile{file->path(), std::move(graph), file};
  });
  GraphOutcome outcome;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (scanned[i].failure) {
      outcome.failures.push_back({files[i].path, *scanned[i].failure});
    }
    if (found[i]) outcome.report.files.push_back(*std::move(found[i]));
  }
  outcome.report.root = job.root;
  outcome.report.from = prepared->from.version;
  outcome.report.to = job.to;
  outcome.report.from_evidence = prepared->from.evidence;
  return outcome;
}

}  // namespace dagfix
