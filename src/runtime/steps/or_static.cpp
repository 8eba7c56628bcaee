#include <fmt/format.h>

#include "runtime/steps/common.hpp"
#include "runtime/steps/openrem.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::string_view kReversePath = "js/django_reverse/reverse.js";

/// Whether the site is below a path of its server.
Truth has_virtual_directory(const Step& step) {
  return OpenRem(step.now().bundle()).setting("VIRTUAL_DIRECTORY").test([](const auto& value) {
    return !value.empty();
  });
}

/// Where static files go; absent if it is not set.
Answer<std::string> static_root(const Step& step) {
  auto root = OpenRem(step.now().bundle()).setting("STATIC_ROOT");
  if (root.is_ok() && root->empty()) return Answer<std::string>::absent();
  return root;
}

/// "os.path.join(STATIC_ROOT,'js','django_reverse')": without spaces and a comment, one kind of
/// quotes.
std::string plain(std::string_view value) {
  std::string result;
  for (const char c : value.substr(0, value.find('#'))) {
    if (c != ' ' && c != '\t') result += c == '"' ? '\'' : c;
  }
  return result;
}

/// Files of the package whose copy is missing or has another size.
struct Copies {
  std::vector<std::string> different;
  std::size_t same = 0;
};

Answer<Copies> compare_static(const Step& step, const std::string& root) {
  const auto folder = openrem_folder(step);
  if (!folder.is_ok()) return folder.map([](const auto&) { return Copies(); });
  const std::string source = join(*folder, "remapp/static");
  const auto originals = step.files().below(source);
  const auto copies = step.files().below(root);
  if (copies.is_unseen()) return copies.unseen();
  return originals.map([&](const std::vector<FileInfo>& files) {
    Copies result;
    for (const FileInfo& file : files) {
      if (file.type != 'f') continue;
      const std::string name(file.path.substr(source.size() + 1));
      const auto copy = step.files().find(join(root, name));
      if (copy.is_ok() && copy->size == file.size) {
        ++result.same;
      } else {
        result.different.push_back(name);
      }
    }
    return result;
  });
}

}  // namespace

void judge_or_7(Step& step) {
  const auto root = static_root(step);
  const std::string place = root.is_ok() ? *root : std::string();
  const auto copies =
      root.is_ok() ? compare_static(step, place) : root.map([](const auto&) { return Copies(); });
  const Truth has_admin = root.is_ok() ? step.files().exists(join(place, "admin")) : root.exists();
  step.set("root", place);
  step.set("different", copies.is_ok() ? some_of(copies->different) : std::string());
  const Truth is_new = has_new_openrem(step);
  step.decide("not-set", !root.exists());
  step.decide("not-installed", !is_new);
  step.decide("emptied", copies.exists() && !has_admin);
  step.decide("old", copies.test([](const Copies& found) { return !found.different.empty(); }));
  step.decide("collected", has_admin && copies.test([](const Copies& found) {
    return found.different.empty() && found.same > 0;
  }));
}

void judge_or_8a(Step& step) {
  const Truth is_virtual = has_virtual_directory(step);
  const auto statements = OpenRem(step.now().bundle()).settings();
  bool has_os = false;
  bool knows_os = false;
  std::ptrdiff_t root = -1;
  std::ptrdiff_t path = -1;
  std::string value;
  if (statements.is_ok()) {
    for (std::size_t i = 0; i < statements->size(); ++i) {
      const auto& statement = (*statements)[i];
      // The settings that are imported with a star have imported os themselves.
      if (statement.value.starts_with("import os") ||
          statement.value.contains("settings import *")) {
        has_os = has_os || statement.name.empty();
      }
      if (statement.name == "STATIC_ROOT") root = static_cast<std::ptrdiff_t>(i);
      if (statement.name != "JS_REVERSE_OUTPUT_PATH") continue;
      path = static_cast<std::ptrdiff_t>(i);
      value = plain(statement.value);
      knows_os = has_os;
    }
  }
  const Truth seen = statements.exists() && is_virtual;
  step.decide("not-needed", !is_virtual);
  step.decide("missing", seen && Truth(path < 0));
  step.decide("before-root", seen && Truth(path < root));
  step.decide("other-value",
              seen && Truth(value != "os.path.join(STATIC_ROOT,'js','django_reverse')"));
  step.decide("no-os", seen && Truth(!knows_os));
  step.decide("set", seen);
  step.trap("R5", seen && Truth(path >= 0 && !knows_os));
}

void judge_or_8b(Step& step) {
  const Truth is_virtual = has_virtual_directory(step);
  const auto root = static_root(step);
  const auto made = root.is_ok() ? step.files().find(join(*root, kReversePath))
                                 : root.map([](const auto&) { return FileInfo(); });
  const Truth has_other = openrem_file(step, kReversePath).exists() ||
                          openrem_file(step, "remapp/static/js/django_reverse/reverse.js").exists();
  const auto code = code_time(step);
  Truth is_old = made.exists() && code.exists();
  if (made.is_ok() && code.is_ok()) is_old = made->modified < *code;
  step.set("file", root.is_ok() ? join(*root, kReversePath) : std::string(kReversePath));
  step.decide("not-needed", !is_virtual);
  step.decide("elsewhere", is_virtual && !made.exists() && has_other);
  step.decide("missing", is_virtual && !made.exists());
  step.decide("old", is_virtual && made.exists() && is_old);
  step.decide("made", is_virtual && made.exists() && !is_old);
}

}  // namespace dagfix::runtime
