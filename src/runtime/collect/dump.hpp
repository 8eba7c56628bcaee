#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/answer.hpp"

namespace dagfix::runtime {

/// What one look through a database dump tells.
struct DumpSummary {
  std::string kind = "other";  ///< plain, custom, empty or other.
  std::string head;            ///< First line with text, masked.
  bool complete = false;       ///< Its last comment is there.
  bool crlf = false;           ///< Lines end with CR LF: it was made on a terminal.
  std::string server_version;  ///< "15.6"; empty if it does not tell.
  std::uint64_t size = 0;
  std::map<std::string, std::uint64_t> tables;  ///< Rows, by name without the schema.
  std::map<std::string, std::vector<std::string>> columns;
};

/// Reads a dump in one pass, with constant memory. Knows the plain form of pg_dump and pg_dumpall.
class DumpReader {
 public:
  /// The next part of the file.
  void add(std::string_view part);
  /// After the last part.
  DumpSummary finish();

 private:
  void take_line(std::string_view line);
  void take_statement(std::string_view line);

  DumpSummary summary_;
  std::string rest_;          // the beginning of a line whose end has not come
  bool is_skipping_ = false;  // the rest of a line that is too long to keep
  std::string copied_;        // table whose rows come now
  std::string created_;       // table whose columns come now
  std::uint64_t lines_ = 0;
};

/// Looks through a file. The state is denied, absent or unreachable if it cannot be read.
struct DumpAnswer {
  State state = State::ok;
  std::string evidence;
  DumpSummary summary;
};
/// `beat` is called after each part.
DumpAnswer read_dump(const std::string& path, const std::function<void()>& beat);

}  // namespace dagfix::runtime
