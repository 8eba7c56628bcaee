// What `dagfix doctor` starts: dagfix with the libraries of the probes.
#include <string>
#include <vector>

#include "cli/run.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return static_cast<int>(dagfix::run(arguments));
}
