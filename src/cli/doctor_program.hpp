#pragma once

namespace dagfix {

/// Goes on as the program dagfix-doctor beside this executable, which has the libraries that the
/// probes of `dagfix doctor` need. Returns if it is not there: then probes say what is missing.
void start_doctor_program(char** arguments);

}  // namespace dagfix
