// Python that parses, assembled as the bytes say.
#include <cstdio>
#include <cstdlib>

#include "fuzz/properties.hpp"
#include "fuzz/python_writer.hpp"
#include "syntax/tree.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dagfix;
  static const fuzz::RuleSets rules;
  fuzz::ByteSource choices({data, size});
  const RuleSet& set = choices.pick(rules.all());
  const std::string text = fuzz::write_python(choices);
  const auto file = SourceFile::decode("dags/dag.py", text);
  const bool parses = file && SyntaxTree::parse(file->text()).errors().empty();
  fuzz::ByteSource subsets({data, size});
  const std::string broken =
      parses ? fuzz::broken_promise(*file, set, subsets) : "the generator wrote wrong Python";
  if (!broken.empty()) {
    std::fprintf(stderr, "%s\n--- %s -> %s\n%s\n", broken.c_str(), to_string(set.from()).c_str(),
                 to_string(set.to()).c_str(), text.c_str());
    std::abort();
  }
  return 0;
}
