#include "cli/undo.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/undo_manifest.hpp"

namespace dagfix {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeptJournals = 10;
constexpr const char* kManifest = "manifest.jsonl";
constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;
constexpr std::size_t kMaxManifest = std::size_t{1} << 30;

std::optional<std::uint64_t> journal_number(std::string_view name) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// Numbers of all journals, sorted.
std::vector<std::uint64_t> journal_numbers(const std::string& undo_folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code ignored;
  for (fs::directory_iterator entry(undo_folder, ignored), end; entry != end;
       entry.increment(ignored)) {
    if (const auto number = journal_number(entry->path().filename().native())) {
      numbers.push_back(*number);
    }
    if (ignored) break;
  }
  std::ranges::sort(numbers);
  return numbers;
}

std::string journal_folder(const std::string& undo_folder, std::uint64_t number) {
  return join_path(undo_folder, fmt::format("{:06}", number));
}

bool is_folder(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Error: errno.
std::expected<void, int> create_folders(const std::string& path) {
  if (is_folder(path)) return {};
  const std::string parent = parent_folder(path);
  if (parent != path) {
    if (auto created = create_folders(parent); !created) return created;
  }
  if (::mkdir(path.c_str(), kPrivateFolder) != 0) {
    const int error = errno;
    if (!is_folder(path)) return std::unexpected(error == EEXIST ? ENOTDIR : error);
  }
  sync_folder(parent);
  return {};
}

// Opens and locks a manifest. Error: errno, EWOULDBLOCK if another process holds it.
std::expected<Fd, int> lock_manifest(const std::string& journal, int flags) {
  Fd fd = open_at(AT_FDCWD, join_path(journal, kManifest).c_str(), flags, kPrivateFile);
  if (!fd) return std::unexpected(errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return std::unexpected(EWOULDBLOCK);
  }
  return fd;
}

// The manifest goes first: without it a folder is no journal.
void remove_journal(const std::string& journal) {
  ::unlink(join_path(journal, kManifest).c_str());
  std::error_code ignored;
  fs::remove_all(journal, ignored);
}

void drop_old_journals(const std::string& undo_folder) {
  const std::vector<std::uint64_t> numbers = journal_numbers(undo_folder);
  for (std::size_t i = 0; i + kKeptJournals < numbers.size(); ++i) {
    const std::string journal = journal_folder(undo_folder, numbers[i]);
    const auto manifest = lock_manifest(journal, O_RDWR);
    if (manifest || manifest.error() == ENOENT) remove_journal(journal);
  }
}

std::string no_backup(const std::string& where, int error) {
  return fmt::format("cannot keep a backup in {}: {}; nothing was written", where,
                     errno_text(error));
}

struct OpenJournal {
  std::string folder;
  Fd lock;
  std::vector<UndoEntry> entries;
};

// The newest journal that has something in it.
std::expected<OpenJournal, std::string> open_newest(const std::string& undo_folder) {
  std::vector<std::uint64_t> numbers = journal_numbers(undo_folder);
  for (; !numbers.empty(); numbers.pop_back()) {
    OpenJournal journal{journal_folder(undo_folder, numbers.back())};
    auto lock = lock_manifest(journal.folder, O_RDWR);
    if (!lock && lock.error() == ENOENT) continue;
    if (!lock && lock.error() == EWOULDBLOCK) {
      return std::unexpected("another dagfix is still applying or undoing; nothing was changed");
    }
    const auto text = lock ? read_all(lock->get(), 0, kMaxManifest) : std::unexpected(lock.error());
    if (!text) {
      return std::unexpected(
          fmt::format("cannot read {}: {}", journal.folder, errno_text(text.error())));
    }
    auto entries = parse_manifest(*text);
    if (!entries) {
      return std::unexpected(fmt::format("{}: line {} is damaged; nothing was changed",
                                         join_path(journal.folder, kManifest), entries.error()));
    }
    if (entries->empty()) {
      remove_journal(journal.folder);
      continue;
    }
    journal.lock = *std::move(lock);
    journal.entries = *std::move(entries);
    return journal;
  }
  return std::unexpected(fmt::format("nothing to undo: no journal in {}", undo_folder));
}

enum class Restored : std::uint8_t { now, before };

std::expected<Restored, std::string> restore(const std::string& journal, const UndoEntry& entry) {
  const auto now = read_file(entry.path);
  if (!now) return std::unexpected(now.error());
  const Digest digest_now = digest(*now);
  // Killed before the file was rewritten, or undone before.
  if (digest_now == entry.old_bytes) return Restored::before;
  if (digest_now != entry.new_bytes) return std::unexpected("edited since; left alone");
  const auto old = read_file(join_path(journal, entry.backup));
  if (!old) return std::unexpected("its backup: " + old.error());
  if (digest(*old) != entry.old_bytes) return std::unexpected("its backup is damaged");
  if (auto written = write_atomically(entry.path, *old, *now); !written) {
    return std::unexpected(written.error());
  }
  return Restored::now;
}

}  // namespace

std::expected<std::string, std::string> undo_folder(const char* state_home, const char* home) {
  const std::string_view state = state_home ? state_home : "";
  if (state.starts_with('/')) return join_path(state, "dagfix/undo");
  const std::string where = home ? home : "";
  if (!where.starts_with('/') || !is_folder(where)) {
    return std::unexpected(
        "no place for a backup: HOME is not a folder and XDG_STATE_HOME is not set; nothing was "
        "written");
  }
  return join_path(where, ".local/state/dagfix/undo");
}

std::expected<UndoJournal, std::string> UndoJournal::begin(const std::string& undo_folder) {
  if (const auto created = create_folders(undo_folder); !created) {
    return std::unexpected(no_backup(undo_folder, created.error()));
  }
  const std::vector<std::uint64_t> numbers = journal_numbers(undo_folder);
  std::uint64_t number = numbers.empty() ? 1 : numbers.back() + 1;
  // Another run may take the same number.
  while (::mkdir(journal_folder(undo_folder, number).c_str(), kPrivateFolder) != 0) {
    if (errno != EEXIST) return std::unexpected(no_backup(undo_folder, errno));
    ++number;
  }
  std::string folder = journal_folder(undo_folder, number);
  auto manifest = lock_manifest(folder, O_RDWR | O_CREAT | O_EXCL | O_APPEND);
  if (!manifest) {
    remove_journal(folder);
    return std::unexpected(no_backup(undo_folder, manifest.error()));
  }
  if (const auto written = write_all(manifest->get(), manifest_header()); !written) {
    remove_journal(folder);
    return std::unexpected(no_backup(undo_folder, written.error()));
  }
  sync_folder(undo_folder);
  drop_old_journals(undo_folder);
  return UndoJournal(std::move(folder), *std::move(manifest));
}

UndoJournal::~UndoJournal() {
  if (manifest_ && entries_ == 0) remove_journal(folder_);
}

std::expected<void, int> UndoJournal::keep(const FileChange& file, std::string& lines) {
  auto real = real_path(file.path);
  if (!real) return std::unexpected(real.error());
  const std::string name = fmt::format("{}.old", ++backups_);
  const Fd backup = open_at(AT_FDCWD, join_path(folder_, name).c_str(), O_WRONLY | O_CREAT | O_EXCL,
                            kPrivateFile);
  if (!backup) return std::unexpected(errno);
  if (auto written = write_all(backup.get(), file.old_bytes); !written) return written;
  lines += manifest_line({*std::move(real), name, digest(file.old_bytes), digest(file.new_bytes)});
  return {};
}

std::expected<void, int> UndoJournal::append(std::string_view lines) {
  const off_t end = ::lseek(manifest_.get(), 0, SEEK_END);
  auto written = write_all(manifest_.get(), lines);
  if (written) written = sync_file(manifest_.get());
  // Half a line would spoil the next one.
  if (!written) [[maybe_unused]]
    const int cut = ::ftruncate(manifest_.get(), end);
  return written;
}

std::expected<void, std::string> UndoJournal::record(std::span<const FileChange> files) {
  std::string lines;
  const std::size_t first = backups_ + 1;
  for (const FileChange& file : files) {
    if (const auto kept = keep(file, lines); !kept) {
      return std::unexpected(no_backup(folder_, kept.error()));
    }
  }
  // Only now, and one by one: the first one writes what the others then need not wait for.
  for (std::size_t number = first; number <= backups_; ++number) {
    const std::string backup = join_path(folder_, fmt::format("{}.old", number));
    const Fd fd = open_at(AT_FDCWD, backup.c_str(), O_RDONLY);
    const auto synced = fd ? sync_file(fd.get()) : std::unexpected(errno);
    if (!synced) return std::unexpected(no_backup(folder_, synced.error()));
  }
  sync_folder(folder_);
  if (const auto appended = append(lines); !appended) {
    return std::unexpected(no_backup(folder_, appended.error()));
  }
  entries_ += files.size();
  return {};
}

void UndoJournal::withdraw(const std::string& path) {
  const auto real = real_path(path);
  if (append(withdrawal_line(real ? *real : path))) --entries_;
}

std::expected<UndoOutcome, std::string> undo_last(const std::string& undo_folder) {
  const auto journal = open_newest(undo_folder);
  if (!journal) return std::unexpected(journal.error());
  UndoOutcome outcome;
  outcome.journal = journal->folder;
  for (const UndoEntry& entry : journal->entries) {
    const auto restored = restore(journal->folder, entry);
    if (!restored) {
      outcome.refused.push_back({entry.path, restored.error()});
    } else if (*restored == Restored::now) {
      outcome.restored.push_back(entry.path);
    }
  }
  if (outcome.refused.empty()) remove_journal(journal->folder);
  return outcome;
}

}  // namespace dagfix
