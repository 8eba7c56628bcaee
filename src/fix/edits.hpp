#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/finding.hpp"
#include "syntax/tree.hpp"

namespace dagfix {

/// Whether two edits cannot both be made: they differ, and overlap, or start at one place with
/// one of them an insertion. Edits that merely touch do not conflict.
bool conflict(const Edit& a, const Edit& b);

/// Deletes some items of a comma-separated list (arguments, imported names, dictionary pairs)
/// with their commas. Comments stay. `items` are all items in order; `drop[i]` says which go.
std::vector<Edit> remove_items(std::string_view text, std::span<const Node> items,
                               const std::vector<bool>& drop);

/// Inserts arguments behind the last one of a call, in the layout that the call has and behind the
/// comment that belongs to it. `kept` are the arguments that stay; empty if none does. Joins the
/// insertion with a deletion in `edits` that begins at the same place.
void append_arguments(std::string_view text, Node argument_list, std::span<const Node> kept,
                      std::span<const std::string> items, std::vector<Edit>& edits);

/// Spaces and tabs before the first character of the line that `offset` is in.
std::string_view indent_of(std::string_view text, std::uint32_t offset);

/// Offset of the line's first character.
std::uint32_t line_begin(std::string_view text, std::uint32_t offset);

/// Offset of the line's end, before CR or LF.
std::uint32_t line_end(std::string_view text, std::uint32_t offset);

/// The line break at an offset: CRLF, LF or CR; LF at the end of the text.
std::string_view line_break_at(std::string_view text, std::uint32_t offset);

/// What stands between an item of a list and one that is put behind it: a comma, and a new line
/// with the same indent if the item begins one. A null item begins none.
std::string separator_behind(std::string_view text, Node item);

}  // namespace dagfix
