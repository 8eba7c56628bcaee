#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/files.hpp"
#include "cli/posix.hpp"

namespace dagfix {

/// A file that is about to be rewritten.
struct FileChange {
  std::string path;
  std::string_view old_bytes;
  std::string_view new_bytes;
};

/// Where journals are kept: `dagfix/undo` in `state_home` (XDG_STATE_HOME) if that is absolute,
/// else in `home`/.local/state. Both may be null. Error, one line: there is no such folder.
std::expected<std::string, std::string> undo_folder(const char* state_home, const char* home);

/// What one --apply is about to change, kept so that it can be undone. A journal is a numbered
/// folder: manifest.jsonl holds one line of JSON per file, N.old the old bytes of file N.
class UndoJournal {
 public:
  /// Starts a new journal and drops all but the newest ten. Two runs never share a journal.
  /// Error, one line: it cannot be created.
  static std::expected<UndoJournal, std::string> begin(const std::string& undo_folder);

  UndoJournal(UndoJournal&& other) noexcept = default;
  UndoJournal& operator=(UndoJournal&& other) = delete;
  /// Removes the journal if there is nothing to undo in it.
  ~UndoJournal();

  /// Keeps the old bytes of files. When this returns they are on the disk: now the files may be
  /// rewritten, not before. Many files at once are cheaper than one by one. Error, one line: do not
  /// rewrite them.
  std::expected<void, std::string> record(std::span<const FileChange> files);

  /// Says that a recorded file was not rewritten after all.
  void withdraw(const std::string& path);

  /// The journal's folder; the backup is in it.
  const std::string& folder() const { return folder_; }

 private:
  UndoJournal(std::string folder, Fd manifest)
      : folder_(std::move(folder)), manifest_(std::move(manifest)) {}
  std::expected<void, int> keep(const FileChange& file, std::string& lines);
  std::expected<void, int> append(std::string_view lines);

  std::string folder_;
  Fd manifest_;  // locked as long as it is open
  std::size_t backups_ = 0;
  std::size_t entries_ = 0;  // in the manifest that count
};

/// What undoing did.
struct UndoOutcome {
  std::string journal;                ///< Its folder; kept if, and only if, a file was refused.
  std::vector<std::string> restored;  ///< Absolute paths that hold the old bytes again.
  std::vector<PathMessage> refused;   ///< Files that were left alone, and why.
};

/// Undoes the newest journal: each file that holds what dagfix wrote gets its old bytes back.
/// Files that were edited since are refused. Error, one line, nothing is changed: there is no
/// journal, it is damaged, or its --apply is still running.
std::expected<UndoOutcome, std::string> undo_last(const std::string& undo_folder);

}  // namespace dagfix
