#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dagfix::lsp {

/// The absolute path that a file: URI names; nothing for other URIs.
std::optional<std::string> path_of_uri(std::string_view uri);

/// The file: URI of an absolute path.
std::string uri_of_path(std::string_view path);

/// The path of what lies in a folder.
std::string path_in(std::string_view folder, std::string_view path);

/// A path relative to a folder that it lies in.
std::string path_below(std::string_view folder, std::string_view path);

}  // namespace dagfix::lsp
