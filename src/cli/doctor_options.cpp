#include "cli/doctor_options.hpp"

#include <array>

namespace dagfix {

namespace {

using enum DoctorOption::Offer;

constexpr auto kOptions = std::to_array<DoctorOption>({
    {"guide", "NAME", "the guide; detected from the platform's version if left out", guide},
    {"profile", "FILE", "names, folders and addresses of this platform (TOML)", file},
    {"bundle", "DIR", "judge a bundle instead of asking the platform", folder},
    {"collect", "DIR", "only write a bundle there, to be judged elsewhere", folder},
    {"baseline", "DIR", "compare with a bundle that was taken before the upgrade", folder},
    {"phase", "PHASE", "before, down, nocluster or after; detected if left out", phase},
    {"list", "", "list guides and steps"},
    {"explain", "STEP", "say all about a step", step},
    {"attest", "STEP=ANSWER", "keep an answer: done, not-done or skip; may be repeated", answer},
    {"attestations", "FILE",
     "where answers are kept (default: dagfix-attestations.toml beside the profile, or here)",
     file},
    {"waivers", "FILE", "steps that are not to count, with reason and expiry (TOML)", file},
    {"format", "FORMAT", "text, json, junit, sarif or markdown (default: text)", format},
    {"output", "FILE", "write the report there instead of to standard output", file},
    {"allow-exec", "", "fixed reading commands may be run in pods"},
    {"no-color", "", "no colours"},
    {"help", "", "print this page and exit"},
});

}  // namespace

std::span<const DoctorOption> doctor_options() { return kOptions; }

}  // namespace dagfix
