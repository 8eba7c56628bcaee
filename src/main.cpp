#include <malloc.h>  // of glibc and musl

#include <string>
#include <vector>

#include "cli/doctor_program.hpp"
#include "cli/run.hpp"

int main(int argc, char** argv) {
#ifdef __GLIBC__
  // Memory grows by so much at once and is kept: each change is a call that stops all threads.
  ::mallopt(M_TOP_PAD, 4 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
#endif
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (!arguments.empty() && arguments.front() == "doctor") dagfix::start_doctor_program(argv);
  return static_cast<int>(dagfix::run(arguments));
}
