// Any bytes as a file. The last byte chooses the versions.
#include <cstdio>
#include <cstdlib>

#include "fuzz/properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dagfix;
  static const fuzz::RuleSets rules;
  if (size == 0) return 0;
  const std::string bytes(data, data + size - 1);
  const auto file = SourceFile::decode("dags/dag.py", bytes);
  if (!file) {
    if (file.error().empty() || file.error().contains('\n')) std::abort();
    return 0;
  }
  fuzz::ByteSource choices({data, size});
  const RuleSet& set = rules.all()[data[size - 1] % rules.all().size()];
  if (const std::string broken = fuzz::broken_promise(*file, set, choices); !broken.empty()) {
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
