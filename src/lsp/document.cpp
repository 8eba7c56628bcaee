#include "lsp/document.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

#include "files/kind.hpp"
#include "project/import_lines.hpp"
#include "semantic/model.hpp"
#include "syntax/tree.hpp"

namespace dagfix::lsp {

namespace {

bool is_empty(const ProjectFacts& facts) {
  return facts.defined_dags.empty() && facts.triggered_dags.empty() &&
         facts.set_variables.empty() && facts.own_images.empty() && facts.chart_values.empty() &&
         facts.shared_names.empty();
}

Node innermost_at(const SyntaxTree& tree, ByteRange range) {
  Node found = tree.root();
  for (std::uint32_t id = 1; id < tree.size();) {
    const Node node = tree.node(id);
    if (!node.range().contains(range)) {
      id = tree.subtree_end(id);
      continue;
    }
    found = node;
    ++id;
  }
  return found;
}

/// The imported name that a finding is about: that of the expression, or of the call around it.
std::optional<Symbol> symbol_at(const SemanticModel& model, ByteRange range) {
  for (Node node = innermost_at(model.tree(), range); node; node = node.parent()) {
    const bool is_name = node.is(Kind::identifier) || node.is(Kind::attribute);
    const Node named = node.is(Kind::call) ? node.child(Field::function) : is_name ? node : Node();
    if (!named) continue;
    if (auto symbol = model.resolve(named); symbol && !symbol->via.empty()) return symbol;
  }
  return std::nullopt;
}

/// Findings that do not stand in an import get the import as a related place.
void add_imports(const SemanticModel& model, FileAnalysis& analysis) {
  for (Finding& finding : analysis.findings) {
    const auto symbol = symbol_at(model, finding.range);
    if (!symbol) continue;
    const Import& import = model.imports()[symbol->via.front()];
    const ByteRange place = import.item.range();
    if (import.statement.range().contains(finding.range)) continue;
    finding.related.push_back({place, "is imported here"});
  }
}

/// What the survey's baseline counts is not shown, as on the command line: unless there is more.
void hide_known(FileAnalysis& analysis, const Survey& survey, const std::string& path) {
  const auto known = survey.known.find(path);
  if (known == survey.known.end()) return;
  std::map<std::string, std::size_t> counts;
  for (const Finding& finding : analysis.findings) ++counts[finding.rule];
  std::erase_if(analysis.findings, [&](const Finding& finding) {
    const auto limit = known->second.find(finding.rule);
    return limit != known->second.end() && counts.at(finding.rule) <= limit->second;
  });
}

FileAnalysis analyse_model(const SourceFile& file, const SemanticModel& model,
                           const Survey& survey) {
  FileAnalysis analysis = dagfix::analyze(file, model, *survey.rules, *survey.project);
  add_imports(model, analysis);
  hide_known(analysis, survey, file.path());
  return analysis;
}

void move(ByteRange& range, TextDifference difference) {
  const auto moved = [&](std::uint32_t at) {
    if (at <= difference.begin) return at;
    return at >= difference.old_end ? at - difference.old_end + difference.new_end
                                    : std::min(at, difference.new_end);
  };
  range = {moved(range.begin), moved(range.end)};
}

void move_findings(DocumentAnalysis& analysis, TextDifference difference) {
  for (Finding& finding : analysis.file.findings) {
    move(finding.range, difference);
    for (Related& related : finding.related) move(related.range, difference);
    finding.fix.reset();
  }
  analysis.file.fixes.clear();
  analysis.is_exact = false;
  analysis.is_moved = true;
}

bool is_equal(const ProjectFacts& a, const ProjectFacts& b) {
  return a.defined_dags == b.defined_dags && a.triggered_dags == b.triggered_dags &&
         a.set_variables == b.set_variables && a.own_images == b.own_images &&
         a.chart_values == b.chart_values && a.shared_names == b.shared_names;
}

/// Replaces what one file contributes to the project. Whether that changed anything.
bool set_facts(Survey& survey, const std::string& path, const ProjectFacts& facts) {
  const auto known = survey.facts.find(path);
  if (known == survey.facts.end() ? is_empty(facts) : is_equal(known->second, facts)) return false;
  survey.facts.insert_or_assign(path, facts);
  ProjectFacts all;
  for (const auto& [file, part] : survey.facts) all.add(part);
  survey.project->facts = std::move(all);
  return true;
}

}  // namespace

std::uint64_t tells(std::optional<FileKind> kind, std::string_view text) {
  if (!kind) return 0;
  // What other files tell is not only in lines of a certain form.
  if (kind != FileKind::python) return std::hash<std::string_view>{}(text);
  std::uint64_t hash = 0;
  for_each_import(text, [&](const ImportLine& line) {
    hash = hash * 0x100000001b3 + std::hash<std::string_view>{}(line.text);
  });
  return hash;
}

bool is_concerned(std::string_view text, const std::string& path, const Survey& survey) {
  if (survey.always.contains(path)) return true;
  const FileKind kind = kind_of(path, text);
  if (kind != FileKind::python) return survey.rules->concerns(kind, text);
  return survey.rules->concerns(text, FileResolver(*survey.project, path));
}

FileAnalysis analyse_file(const SourceFile& file, const Survey& survey) {
  if (kind_of(file.path(), file.text()) != FileKind::python) {
    FileAnalysis analysis = dagfix::analyze(file, *survey.rules, *survey.project);
    hide_known(analysis, survey, file.path());
    return analysis;
  }
  const SyntaxTree tree = SyntaxTree::parse(file.text());
  const FileResolver resolver(*survey.project, file.path());
  return analyse_model(file, SemanticModel::build(tree, resolver), survey);
}

std::optional<SourceFile> load_buffer(const Survey& survey, const std::string& path) {
  auto file = survey.load(path);
  if (!file || file->text().size() > kMostAnalysedBytes) return std::nullopt;
  if (!file->has_bom()) return *std::move(file);
  return SourceFile::from_utf8(path, std::string(file->text().substr(3)));
}

SourceFile source_of(const Document& document) {
  return SourceFile::from_utf8(document.path, document.text.str());
}

bool analyse(Document& document, Survey& survey, Effort effort) {
  // With what follows the parsing, this keeps a change below 20 ms in a file of 3,000 lines.
  constexpr std::chrono::milliseconds kQuick{6};
  constexpr std::chrono::hours kNoBound{24};
  document.is_stale = false;
  const std::string& text = document.text.str();
  const bool is_text =
      document.kind && text.size() <= kMostAnalysedBytes && text.find('\0') == std::string::npos;
  const bool is_python = document.kind == FileKind::python;
  const bool has_findings = is_text && is_concerned(text, document.path, survey);
  const bool has_facts =
      is_text && is_python && survey.fact_search.needs_facts(text, *survey.project, document.path);
  if (!has_findings && !has_facts) {
    document.analysis = {};
    document.parser.reset();
    // What a file that is not Python contributes is known from the survey.
    return is_python && set_facts(survey, document.path, {});
  }
  if (!is_python) {
    document.analysis = {analyse_file(source_of(document), survey)};
    return false;
  }
  if (effort == Effort::whole) document.parser.reset();
  const bool is_bounded = effort == Effort::quick && document.parser.has_text();
  const SourceFile file = source_of(document);
  const auto tree = document.parser.parse_within(
      file.text(), is_bounded ? std::chrono::microseconds(kQuick) : kNoBound);
  if (!tree) {
    move_findings(document.analysis, document.parser.difference());
    return false;
  }
  document.analysis = {};
  const FileResolver resolver(*survey.project, document.path);
  const SemanticModel model = SemanticModel::build(*tree, resolver);
  const bool is_news =
      set_facts(survey, document.path,
                has_facts ? facts_of(model, *survey.project, document.path) : ProjectFacts{});
  if (has_findings) document.analysis.file = analyse_model(file, model, survey);
  document.analysis.is_exact = effort == Effort::whole || tree->errors().empty();
  return is_news;
}

}  // namespace dagfix::lsp
