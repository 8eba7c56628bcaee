#include "cli/apply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "cli/files.hpp"
#include "cli/git.hpp"
#include "cli/posix.hpp"
#include "cli/undo.hpp"
#include "parallel.hpp"

namespace dagfix {

namespace {

bool is_in_git(const std::string& path) {
  const auto real = real_path(path);
  return real && find_git_work_tree(parent_folder(*real)).has_value();
}

std::expected<UndoJournal, std::string> begin_journal(std::span<const Rewrite> files) {
  const auto folder = undo_folder(std::getenv("XDG_STATE_HOME"), std::getenv("HOME"));
  if (!folder) return std::unexpected(folder.error());
  auto journal = UndoJournal::begin(*folder);
  if (!journal) return journal;
  std::vector<FileChange> changes;
  for (const Rewrite& file : files) changes.push_back({file.path, file.old_bytes, file.new_bytes});
  if (auto recorded = journal->record(changes); !recorded) {
    return std::unexpected(recorded.error());
  }
  return journal;
}

}  // namespace

Written write_files(std::span<const Rewrite> files, unsigned jobs) {
  Written result;
  result.errors.resize(files.size());
  if (files.empty()) return result;
  std::vector<bool> in_git;
  for (const Rewrite& file : files) in_git.push_back(is_in_git(file.path));
  auto journal = begin_journal(files);
  if (!journal) {
    result.warning = fmt::format("--undo will not be possible: {}", journal.error());
  }
  parallel_for(files.size(), jobs, [&](std::size_t index) {
    const Rewrite& file = files[index];
    auto& error = result.errors[index];
    if (!journal && !in_git[index]) {
      error = fmt::format("not written, since its old bytes cannot be kept: {}", journal.error());
    } else if (auto done = write_atomically(file.path, file.new_bytes, file.old_bytes); !done) {
      error = std::move(done.error());
    }
  });
  for (std::size_t i = 0; i < files.size() && journal; ++i) {
    if (result.errors[i]) {
      journal->withdraw(files[i].path);
    } else if (!in_git[i]) {
      result.backup = journal->folder();
    }
  }
  return result;
}

}  // namespace dagfix
