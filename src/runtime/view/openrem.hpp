#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

/// The host of an OpenREM server: services, installed packages, settings.
class OpenRem {
 public:
  explicit OpenRem(const Bundle& bundle) : bundle_(bundle) {}

  struct Unit {
    std::string name;  ///< "openrem-celery.service"
    bool is_loaded = false;
    std::string state;  ///< "active", "inactive", "failed", ...
    std::optional<Time> started;
    std::string folder;  ///< WorkingDirectory
    bool is_active() const { return state == "active"; }
  };
  /// Absent: systemd was asked and has no such unit.
  Answer<Unit> unit(std::string_view name) const;
  /// Whether a process has all these words in its command line.
  Truth has_process(std::initializer_list<std::string_view> words) const;

  /// Number of workers that Celery was started with. Not seen: its command line names none.
  Answer<std::uint64_t> workers() const;

  /// Version of the installed package. Absent: not installed there.
  Answer<std::string> package_version() const;
  /// __version__ of its remapp/version.py.
  Answer<std::string> code_version() const;

  /// One statement at the beginning of a line of local_settings.py.
  struct Statement {
    std::string name;   ///< What is assigned; empty for an import.
    std::string value;  ///< As it stands there; of an import the whole line.
  };
  /// Statements in their order. Python 2 is read as well: nothing is parsed but such lines.
  Answer<std::vector<Statement>> settings() const;
  /// The last value of a setting that is a plain text. Absent: not set. Malformed: an expression.
  Answer<std::string> setting(std::string_view name) const;

 private:
  const Bundle& bundle_;
};

}  // namespace dagfix::runtime
