// Where the time goes: stages FROM TO TREE times each stage of the engine on the Python files of a
// tree, on one thread, and counts what each stage has to do.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

#include "dagfix/analyze.hpp"
#include "project/project.hpp"
#include "rules/rule_set.hpp"
#include "semantic/model.hpp"
#include "syntax/tree.hpp"
#include "text/source_file.hpp"

namespace {

using namespace dagfix;
namespace fs = std::filesystem;

constexpr int kRounds = 5;

/// Milliseconds that `work` takes, the least of some rounds.
double best_of(const std::function<void()>& work) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
    best = std::min(best, time.count());
  }
  return best;
}

void print(const char* stage, double milliseconds, std::size_t files, std::size_t bytes) {
  std::printf("| %-34s | %6zu | %9.2f | %7.2f | %7.1f |\n", stage, files,
              static_cast<double>(bytes) / 1e6, milliseconds,
              static_cast<double>(bytes) / 1e3 / milliseconds);
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> python_files(const fs::path& tree) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(tree)) {
    if (entry.is_regular_file() && entry.path().extension() == ".py") paths.push_back(entry.path());
  }
  return paths;
}

std::size_t bytes_of(const std::vector<SourceFile>& files) {
  std::size_t bytes = 0;
  for (const SourceFile& file : files) bytes += file.bytes().size();
  return bytes;
}

void run(const RuleSet& rules, const fs::path& tree) {
  const auto paths = python_files(tree);
  std::vector<std::string> texts(paths.size());
  const double reading = best_of([&] {
    for (std::size_t i = 0; i < paths.size(); ++i) texts[i] = read(paths[i]);
  });
  std::vector<SourceFile> all;
  const double decoding = best_of([&] {
    all.clear();
    for (std::size_t i = 0; i < paths.size(); ++i) {
      auto file = SourceFile::decode(paths[i].string(), texts[i]);
      if (file) all.push_back(*std::move(file));
    }
  });
  const Project project;
  std::vector<SourceFile> files;
  const double filtering = best_of([&] {
    files.clear();
    for (const SourceFile& file : all) {
      if (rules.concerns(file.text(), FileResolver(project, file.path()))) files.push_back(file);
    }
  });
  std::vector<SyntaxTree> trees;
  const double parsing = best_of([&] {
    trees.clear();
    for (const SourceFile& file : files) trees.push_back(SyntaxTree::parse(file.text()));
  });
  const double modelling = best_of([&] {
    for (std::size_t i = 0; i < files.size(); ++i) {
      SemanticModel::build(trees[i], FileResolver(project, files[i].path()));
    }
  });
  const double analysing = best_of([&] {
    for (const SourceFile& file : files) analyze(file, rules, project);
  });
  const std::size_t bytes = bytes_of(files);
  std::printf("| %-34s | files  | MB        | ms      | MB/s    |\n|---|---|---|---|---|\n",
              "stage");
  print("reading", reading, all.size(), bytes_of(all));
  print("decoding, finding lines", decoding, all.size(), bytes_of(all));
  print("looking for trigger words", filtering, all.size(), bytes_of(all));
  print("parsing", parsing, files.size(), bytes);
  print("semantic model", modelling, files.size(), bytes);
  print("rules, planning fixes", analysing - modelling - parsing, files.size(), bytes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: dagfix_stages FROM TO TREE\n", stderr);
    return 2;
  }
  const auto book = RuleBook::load();
  if (!book) return 2;
  const auto from = book->version(argv[1], RuleBook::Series::oldest);
  const auto to = book->version(argv[2], RuleBook::Series::newest);
  if (!from || !to) return 2;
  const auto rules = RuleSet::select(*book, *from, *to, {});
  if (!rules) return 2;
  run(*rules, argv[3]);
  return 0;
}
