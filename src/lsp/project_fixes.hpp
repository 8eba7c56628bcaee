#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "lsp/document.hpp"
#include "lsp/fixes.hpp"
#include "lsp/host.hpp"

namespace dagfix::lsp {

/// A file, as an editor has it, and what becomes of it: edits or a complaint.
struct FileChange {
  SourceFile file;
  Change change;
};

/// What --apply makes of some files of a survey, by index of its project, where that is anything.
/// Uses the survey's threads. `step` is called for each file, from any of them; false: the rest is
/// left out.
std::map<std::size_t, FileChange> fix_files(const Survey& survey, const RuleSet& rules,
                                            std::span<const std::size_t> files, Safety most,
                                            const std::function<bool()>& step);

/// What --apply of the folder makes of a document. Also looks at the fixes of the files that
/// imports connect it with, because the proof does.
Change fix_document(const Document& document, const Survey& survey, const RuleSet& rules,
                    Safety most);

/// The same for one rule: --select CODE --apply; unsafe if there is nothing that is safe.
Change fix_rule(const Document& document, const Survey& survey, std::string_view code);

/// Whether DAGs in other files may be made of the document.
bool is_imported(const Document& document, const Survey& survey);

/// One fix of the document's analysis alone, proven in the files that import the document as well.
Change fix_one(const Document& document, const Survey& survey, std::uint32_t fix);

}  // namespace dagfix::lsp
