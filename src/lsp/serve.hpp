#pragma once

#include "lsp/host.hpp"

namespace dagfix::lsp {

/// Serves one client over two file descriptors until it says "exit", closes its end, or its process
/// is gone. Returns the exit code.
int serve(Host& host, int input, int output);

}  // namespace dagfix::lsp
