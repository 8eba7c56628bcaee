#include "cli/undo.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "cli/undo_manifest.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace dagfix;
using namespace std::string_literals;

namespace {

namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

UndoJournal begun(const std::string& folder) {
  auto journal = UndoJournal::begin(folder);
  INFO((journal ? std::string() : journal.error()));
  REQUIRE(journal.has_value());
  return *std::move(journal);
}

// Does what --apply does with one file.
void apply(UndoJournal& journal, const std::string& path, std::string_view old_bytes,
           std::string_view new_bytes) {
  REQUIRE(journal.record(std::vector<FileChange>{{path, old_bytes, new_bytes}}).has_value());
  REQUIRE(write_atomically(path, new_bytes, old_bytes).has_value());
}

UndoOutcome undone(const std::string& folder) {
  auto outcome = undo_last(folder);
  INFO((outcome ? std::string() : outcome.error()));
  REQUIRE(outcome.has_value());
  return *std::move(outcome);
}

// Name, old and new bytes of file number `i` in the kill tests.
std::string name_of(int i) { return "dag" + std::to_string(i) + ".py"; }
std::string old_of(int i) { return std::string(20000, 'o') + std::to_string(i); }
std::string new_of(int i) { return std::string(30000, 'n') + std::to_string(i); }

// Rewrites files, a few at a time, until it is done or killed. Tells of each on a pipe.
[[noreturn]] void apply_in_child(const TempFolder& files, const std::string& undo, int count,
                                 int progress) {
  constexpr int kBatch = 4;
  auto journal = UndoJournal::begin(undo);
  if (!journal) ::_exit(2);
  for (int first = 0; first < count; first += kBatch) {
    std::vector<std::string> texts;
    std::vector<FileChange> batch;
    for (int i = first; i < first + kBatch; ++i) {
      texts.push_back(old_of(i));
      texts.push_back(new_of(i));
    }
    for (std::size_t i = 0; i < kBatch; ++i) {
      batch.push_back(
          {files.path(name_of(first + static_cast<int>(i))), texts[2 * i], texts[2 * i + 1]});
    }
    if (!journal->record(batch)) ::_exit(3);
    for (const FileChange& file : batch) {
      if (!write_atomically(file.path, file.new_bytes, file.old_bytes)) ::_exit(4);
      if (::write(progress, "x", 1) != 1) ::_exit(5);
    }
  }
  ::_exit(0);
}

// Starts the child, and kills it a moment after it has rewritten `count_before_kill` files.
void apply_and_kill(const TempFolder& files, const std::string& undo, int count,
                    int count_before_kill, int delay_us) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) apply_in_child(files, undo, count, ends[1]);
  ::close(ends[1]);
  char byte = 0;
  for (int i = 0; i < count_before_kill; ++i) REQUIRE(::read(ends[0], &byte, 1) == 1);
  ::usleep(static_cast<useconds_t>(delay_us));
  REQUIRE(::kill(child, SIGKILL) == 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  ::close(ends[0]);
  REQUIRE(((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
           (WIFEXITED(status) && WEXITSTATUS(status) == 0)));
}

}  // namespace

TEST_CASE("Undo: the place of the journals") {
  const TempFolder home;
  CHECK(undo_folder("/state", nullptr) == "/state/dagfix/undo");
  CHECK(undo_folder("/state/", "/nowhere") == "/state/dagfix/undo");
  CHECK(undo_folder(nullptr, home.path().c_str()) == home.path(".local/state/dagfix/undo"));
  CHECK(undo_folder("", home.path().c_str()) == home.path(".local/state/dagfix/undo"));
  CHECK(undo_folder("relative", home.path().c_str()) == home.path(".local/state/dagfix/undo"));
  const std::string problem =
      "no place for a backup: HOME is not a folder and XDG_STATE_HOME is not set; nothing was "
      "written";
  CHECK(undo_folder(nullptr, nullptr).error() == problem);
  CHECK(undo_folder(nullptr, "").error() == problem);
  CHECK(undo_folder(nullptr, "home").error() == problem);
  CHECK(undo_folder(nullptr, home.path("missing").c_str()).error() == problem);
}

TEST_CASE("Undo: the last apply is undone, then the one before") {
  const TempFolder files;
  const std::string undo = files.path("state/undo");
  const std::string a = files.write("a.py", "a1\r\n");
  const std::string b = files.write("d\xff/b.py", "b1");
  {
    UndoJournal journal = begun(undo);
    apply(journal, a, "a1\r\n", "a2");
    apply(journal, b, "b1", "b2\0"s);
  }
  {
    UndoJournal journal = begun(undo);
    apply(journal, a, "a2", "");
  }
  CHECK(undone(undo).restored == Paths{a});
  CHECK(files.read("a.py") == "a2");
  const UndoOutcome outcome = undone(undo);
  CHECK(outcome.restored == Paths{a, b});
  CHECK(outcome.refused.empty());
  CHECK_FALSE(fs::exists(outcome.journal));
  CHECK(files.read("a.py") == "a1\r\n");
  CHECK(files.read("d\xff/b.py") == "b1");
  CHECK(undo_last(undo).error() == "nothing to undo: no journal in " + undo);
  CHECK(undo_last(files.path("none")).error() ==
        "nothing to undo: no journal in " + files.path("none"));
}

TEST_CASE("Undo: files that were edited since are refused, the others restored") {
  const TempFolder files;
  const std::string undo = files.path("undo");
  Paths paths;
  for (const char* name :
       {"a.py", "edited.py", "removed.py", "readonly.py", "restored.py", "z.py"}) {
    paths.push_back(files.write(name, "old "s + name));
  }
  {
    UndoJournal journal = begun(undo);
    for (const std::string& path : paths) {
      const std::string old_bytes = "old " + fs::path(path).filename().string();
      apply(journal, path, old_bytes, "new");
    }
  }
  files.write("edited.py", "my work");
  fs::remove(files.path("removed.py"));
  REQUIRE(::chmod(files.path("readonly.py").c_str(), 0444) == 0);
  files.write("restored.py", "old restored.py");

  const UndoOutcome outcome = undone(undo);
  CHECK(outcome.restored == Paths{files.path("a.py"), files.path("z.py")});
  CHECK(outcome.refused == std::vector<PathMessage>{
                               {files.path("edited.py"), "edited since; left alone"},
                               {files.path("removed.py"), "no such file or folder"},
                               {files.path("readonly.py"), "read-only file; nothing was written"}});
  CHECK(files.read("edited.py") == "my work");
  CHECK(files.read("a.py") == "old a.py");
  REQUIRE(fs::exists(outcome.journal));

  // The journal is kept, so that the rest can be undone later.
  files.write("edited.py", "new");
  files.write("removed.py", "new");
  REQUIRE(::chmod(files.path("readonly.py").c_str(), 0644) == 0);
  const UndoOutcome second = undone(undo);
  CHECK(second.journal == outcome.journal);
  CHECK(second.restored ==
        Paths{files.path("edited.py"), files.path("removed.py"), files.path("readonly.py")});
  CHECK(second.refused.empty());
  CHECK(files.read("removed.py") == "old removed.py");
  CHECK_FALSE(fs::exists(outcome.journal));
}

TEST_CASE("Undo: what was recorded but not written needs no undoing") {
  const TempFolder files;
  const std::string undo = files.path("undo");
  const std::string a = files.write("a.py", "a1");
  const std::string b = files.write("b.py", "b1");
  {
    UndoJournal journal = begun(undo);
    const std::vector<FileChange> both = {{a, "a1", "a2"}, {b, "b1", "b2"}};
    REQUIRE(journal.record(both).has_value());
    REQUIRE(write_atomically(a, "a2", "a1").has_value());
    journal.withdraw(b);
  }
  files.write("b.py", "edited");
  const UndoOutcome outcome = undone(undo);
  CHECK(outcome.restored == Paths{a});
  CHECK(outcome.refused.empty());
  CHECK(files.read("b.py") == "edited");
}

TEST_CASE("Undo: journals without anything to undo leave no trace") {
  const TempFolder files;
  const std::string undo = files.path("undo");
  const std::string a = files.write("a.py", "a1");
  {
    const UndoJournal journal = begun(undo);
  }
  CHECK(files.count("undo") == 0);
  {
    UndoJournal journal = begun(undo);
    REQUIRE(journal.record(std::vector<FileChange>{{a, "a1", "a2"}}).has_value());
    journal.withdraw(a);
  }
  CHECK(files.count("undo") == 0);
}

TEST_CASE("Undo: a symbolic link stays one") {
  const TempFolder files;
  const std::string undo = files.path("undo");
  files.write("real.py", "old");
  fs::create_symlink("real.py", files.path("link.py"));
  {
    UndoJournal journal = begun(undo);
    apply(journal, files.path("link.py"), "old", "new");
  }
  CHECK(undone(undo).restored == Paths{files.path("real.py")});
  CHECK(fs::is_symlink(files.path("link.py")));
  CHECK(files.read("real.py") == "old");
}

TEST_CASE("Undo: the newest ten journals are kept, and backups are private") {
  const TempFolder files;
  const std::string undo = files.path("home/state/undo");
  const std::string a = files.write("a.py", "0");
  for (int i = 0; i < 13; ++i) {
    UndoJournal journal = begun(undo);
    apply(journal, a, std::to_string(i), std::to_string(i + 1));
    struct stat status = {};
    REQUIRE(::stat(journal.folder().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
    REQUIRE(::stat((journal.folder() + "/1.old").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
  CHECK(files.count("home/state/undo") == 10);
  for (int i = 0; i < 10; ++i) CHECK(undone(undo).restored == Paths{a});
  CHECK(files.read("a.py") == "3");
  CHECK_FALSE(undo_last(undo).has_value());
}

TEST_CASE("Undo: runs at the same time have journals of their own") {
  const TempFolder files;
  const std::string undo = files.path("undo");
  const std::string a = files.write("a.py", "a1");
  const std::string b = files.write("b.py", "b1");
  {
    UndoJournal first = begun(undo);
    UndoJournal second = begun(undo);
    CHECK(first.folder() != second.folder());
    apply(second, b, "b1", "b2");
    apply(first, a, "a1", "a2");
    CHECK(undo_last(undo).error() ==
          "another dagfix is still applying or undoing; nothing was changed");
    CHECK(files.read("b.py") == "b2");
  }
  CHECK(undone(undo).restored == Paths{b});
  CHECK(undone(undo).restored == Paths{a});
}

TEST_CASE("Undo: a journal that cannot be kept forbids writing") {
  const TempFolder files;
  files.write("file", "");
  CHECK(UndoJournal::begin(files.path("file/undo")).error() ==
        "cannot keep a backup in " + files.path("file/undo") +
            ": Not a directory; nothing was written");
  CHECK(UndoJournal::begin("/proc/dagfix/undo").error() ==
        "cannot keep a backup in /proc/dagfix/undo: No such file or directory; nothing was "
        "written");
  UndoJournal journal = begun(files.path("undo"));
  const std::string gone = files.path("gone.py");
  CHECK(journal.record(std::vector<FileChange>{{gone, "a", "b"}}).error() ==
        "cannot keep a backup in " + journal.folder() +
            ": No such file or directory; nothing was written");
  const std::string a = files.write("a.py", "a1");
  fs::remove_all(journal.folder());
  CHECK_FALSE(journal.record(std::vector<FileChange>{{a, "a1", "a2"}}).has_value());
}

TEST_CASE("Undo: damage is noticed") {
  const TempFolder files;
  const std::string undo = files.path("undo");
  const std::string a = files.write("a.py", "a1");
  std::string folder;
  {
    UndoJournal journal = begun(undo);
    folder = journal.folder();
    apply(journal, a, "a1", "a2");
  }
  SECTION("a backup with other bytes") {
    std::ofstream(folder + "/1.old") << "a0";
    CHECK(undone(undo).refused == std::vector<PathMessage>{{a, "its backup is damaged"}});
  }
  SECTION("a lost backup") {
    fs::remove(folder + "/1.old");
    CHECK(undone(undo).refused ==
          std::vector<PathMessage>{{a, "its backup: no such file or folder"}});
  }
  SECTION("a damaged manifest") {
    std::ofstream(folder + "/manifest.jsonl", std::ios::app) << "{]\n";
    CHECK(undo_last(undo).error() ==
          folder + "/manifest.jsonl: line 3 is damaged; nothing was changed");
  }
  SECTION("a manifest of a later dagfix") {
    std::ofstream(folder + "/manifest.jsonl") << "{\"dagfix-undo\":2}\n";
    CHECK(undo_last(undo).error() ==
          folder + "/manifest.jsonl: line 1 is damaged; nothing was changed");
  }
  CHECK(files.read("a.py") == "a2");
  CHECK(fs::exists(folder));
}

TEST_CASE("Undo: a line that was being written does not count") {
  const UndoEntry entry{"/d\xff/a.py", "1.old", digest("old"), digest("new")};
  const std::string text = manifest_header() + manifest_line(entry);
  const auto entries = parse_manifest(text + "{\"path\":\"/b.py\",\"ba");
  REQUIRE(entries.has_value());
  REQUIRE(entries->size() == 1);
  CHECK(entries->front().path == entry.path);
  CHECK(entries->front().backup == "1.old");
  CHECK(entries->front().old_bytes == digest("old"));
  CHECK(entries->front().new_bytes == digest("new"));
  CHECK(parse_manifest(text + withdrawal_line(entry.path)).value().empty());
  CHECK(parse_manifest("").value().empty());
  CHECK(parse_manifest("{}\n").error() == 1);
  CHECK(parse_manifest(manifest_header() + "{\"path\":\"/b.py\"}\n").error() == 2);
  CHECK_FALSE(digest("a") == digest("b"));
  CHECK_FALSE(digest("") == digest("\0"s));
}

TEST_CASE("Undo: killed at any moment, each file is old or new and all can be undone") {
  constexpr int kFiles = 12;
  for (int round = 0; round < 36; ++round) {
    const TempFolder files;
    const std::string undo = files.path("undo");
    for (int i = 0; i < kFiles; ++i) files.write(name_of(i), old_of(i));
    // Shorter than writing one file takes, so that all its steps are hit.
    constexpr int kStepMicroseconds = 150;
    apply_and_kill(files, undo, kFiles, round % kFiles, (round % 8) * kStepMicroseconds);

    int rewritten = 0;
    for (int i = 0; i < kFiles; ++i) {
      const std::string bytes = files.read(name_of(i));
      const bool is_new = bytes == new_of(i);
      rewritten += is_new;
      INFO("round " << round << ", file " << i << " of " << bytes.size() << " bytes");
      REQUIRE((is_new || bytes == old_of(i)));
    }
    CHECK(rewritten >= round % kFiles);
    const auto outcome = undo_last(undo);
    if (rewritten > 0) REQUIRE(outcome.has_value());
    if (outcome) {
      CHECK(static_cast<int>(outcome->restored.size()) == rewritten);
      CHECK(outcome->refused.empty());
    }
    for (int i = 0; i < kFiles; ++i) REQUIRE(files.read(name_of(i)) == old_of(i));
  }
}
