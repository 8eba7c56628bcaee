#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/temp_folder.hpp"

namespace dagfix {

/// What a shell command did.
struct ShellResult {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// Runs commands with the executable under test as `dagfix`, with a home folder of its own and
/// nothing of this process's environment.
class Shell {
 public:
  Shell() {
    std::filesystem::create_directories(private_.path("bin"));
    std::filesystem::create_directories(private_.path("home"));
    std::filesystem::create_symlink(DAGFIX_EXECUTABLE, private_.path("bin/dagfix"));
    // Tests of missing permissions run dagfix as somebody else.
    std::filesystem::permissions(private_.path(), std::filesystem::perms(0755));
  }

  /// `folder` is the current one.
  ShellResult run(const std::string& folder, const std::string& script) const {
    private_.write("script", script);
    const std::string command =
        "cd '" + folder + "' && env -i PATH='" + private_.path("bin") + "':\"$PATH\" HOME='" +
        private_.path("home") + "' FIXTURES='" + DAGFIX_SOURCE_DIR +
        "/fixtures/cli' SITE='--rules " + DAGFIX_SOURCE_DIR +
        "/fixtures/cli/site-rules --select SITE --from 0.3.5' LC_ALL=C.UTF-8 sh '" +
        private_.path("script") + "' </dev/null >'" + private_.path("out") + "' 2>'" +
        private_.path("err") + "'";
    const int status = std::system(command.c_str());
    if (!WIFEXITED(status)) throw std::runtime_error("killed: " + script);
    ShellResult result{WEXITSTATUS(status), private_.read("out"), private_.read("err")};
    for (std::string* text : {&result.out, &result.err}) {
      replace(*text, folder, "$HERE");
      replace(*text, private_.path("home"), "$HOME");
      replace(*text, std::string(DAGFIX_SOURCE_DIR) + "/fixtures/cli", "$FIXTURES");
    }
    return result;
  }

 private:
  static void replace(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }

  TempFolder private_;
};

}  // namespace dagfix
