#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/analyze.hpp"
#include "files/kind.hpp"
#include "lsp/host.hpp"
#include "lsp/text.hpp"
#include "syntax/incremental.hpp"

namespace dagfix::lsp {

/// Longer texts are kept, but not analysed: no DAG is that long, and the editor shall not wait.
inline constexpr std::size_t kMostAnalysedBytes = 4u << 20;

/// What is known of a document at one version of it and one survey.
struct DocumentAnalysis {
  FileAnalysis file;
  bool is_exact = true;   ///< False: parsed in parts, and there are syntax errors.
  bool is_moved = false;  ///< The findings are older ones, moved to where they are now; no fixes.
};

/// A document that is open in the editor.
struct Document {
  std::string uri;
  std::string path;    ///< Relative to the folder, as the project knows it.
  std::string folder;  ///< Key of the folder that it belongs to.
  std::int64_t version = 0;
  std::optional<FileKind> kind;  ///< None: not a file that dagfix reads.
  Text text;
  IncrementalParser parser;
  DocumentAnalysis analysis;
  bool is_stale = true;    ///< The analysis is of an older text or project.
  std::uint64_t told = 0;  ///< tells() of the text that the folder's survey saw.
  bool is_untold = false;  ///< What other files know of it may be of an older text.
  bool is_published = false;
  bool is_news = true;    ///< The analysis is not published yet, whoever asked for it.
  std::string result_id;  ///< Of the diagnostics last sent.
};

/// What a text tells the other files of its project, as a number: another one means that the
/// survey has to be made again. Lexical and fast.
std::uint64_t tells(std::optional<FileKind> kind, std::string_view text);

/// Whether something can be said of a file, in the same sense as for the files below a folder of
/// the command line.
bool is_concerned(std::string_view text, const std::string& path, const Survey& survey);

/// The findings and fixes of a file, with the imports that they come from as related places.
FileAnalysis analyse_file(const SourceFile& file, const Survey& survey);

/// How much of a text is parsed.
enum class Effort : std::uint8_t {
  quick,  ///< What changed; if that takes long, old findings are moved instead.
  parts,  ///< What changed.
  whole,  ///< All of it, as the command line does.
};

/// Analyses an open document and tells the survey its facts. Whether the facts are others than
/// before: then other files are concerned.
bool analyse(Document& document, Survey& survey, Effort effort);

/// A file of the survey as an editor would have it, without its byte order mark; nothing if it
/// cannot be read or is longer than what is analysed.
std::optional<SourceFile> load_buffer(const Survey& survey, const std::string& path);

/// The document as the engine takes it.
SourceFile source_of(const Document& document);

}  // namespace dagfix::lsp
