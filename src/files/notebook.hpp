#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/finding.hpp"

namespace dagfix {

/// The code cells of a Jupyter notebook as one Python text, and where it stands in the file.
/// Lines for IPython alone (%magic, !command) are comments in it.
class Notebook {
 public:
  /// Nothing if the text is no notebook with code in Python.
  static std::optional<Notebook> read(std::string_view json);

  const std::string& code() const { return code_; }
  /// A cell: its number among all cells of the notebook, from 1, and its part of code().
  struct Cell {
    std::uint32_t number = 0;
    ByteRange range;
    std::string_view separator;  ///< Between the strings of its lines; empty: it is one string.
  };
  const std::vector<Cell>& cells() const { return cells_; }
  /// The cell that an offset of code() lies in.
  const Cell& cell_at(std::uint32_t offset) const;

  /// A range of code() in the file.
  ByteRange in_file(ByteRange range) const;
  /// An edit of code() as one of the file, its text escaped. Nothing if it leaves a cell, or
  /// touches a line that is for IPython.
  std::optional<Edit> in_file(const Edit& edit) const;

 private:
  friend class NotebookReader;
  std::string_view json_;
  std::string code_;
  std::vector<std::uint32_t> offsets_;  // by byte of code_, its end included: offset in json_
  std::vector<Cell> cells_;
  std::vector<ByteRange> hidden_;  // lines of code_ that stand for something else
};

}  // namespace dagfix
