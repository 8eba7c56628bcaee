#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/step.hpp"
#include "runtime/view/openrem.hpp"

// What steps of OpenREM's guides ask.
namespace dagfix::runtime {

/// The folder of the installed package; not seen if the profile does not tell.
Answer<std::string> openrem_folder(const Step& step);
/// A file or folder in it.
Answer<FileInfo> openrem_file(const Step& step, std::string_view name);
/// When the newest file was made that the upgrade brought: code, and migrations.
Answer<Time> code_time(const Step& step);
/// Whether the installed code is of 0.10.0 or newer.
Truth has_new_openrem(const Step& step);
/// The worker's service under its new or its old name; absent if there is neither.
Answer<OpenRem::Unit> celery_unit(const Step& step);
/// Whether a worker of OpenREM runs, as a service or by itself.
Truth celery_runs(const Step& step);

/// "0.9.1b2" -> 0.9.1. Nothing for another text.
struct OpenRemVersion {
  Version version;
  bool is_test = false;  ///< A test version: something follows the numbers.
};
std::optional<OpenRemVersion> parse_openrem_version(std::string_view text);

/// Studies of a modality whose summary is still to be made, and all of them.
struct Pending {
  std::string_view modality;
  Answer<std::uint64_t> left;
  Answer<std::uint64_t> total;
};
std::vector<Pending> pending_summaries(const Platform& platform);

}  // namespace dagfix::runtime
