#pragma once

#include <array>
#include <string>
#include <string_view>

#include "runtime/step.hpp"

// The old and the new data folders of the way from 0.1.3 to 0.2.
namespace dagfix::runtime {

/// A folder that is taken over.
struct KeptFolder {
  std::string_view name;
  bool is_slow;  ///< Below SLOW_DATA_DIR.
};
inline constexpr std::array<KeptFolder, 3> kKeptFolders{
    {{"dcm4che", true}, {"postgres-dcm4che", false}, {"minio", true}}};

/// Where FAST_DATA_DIR of 0.1.3 is now: platform.migration, or FAST_DATA_DIR and "_0.1.3".
std::string old_fast(const Step& step);
/// The same of SLOW_DATA_DIR.
std::string old_slow(const Step& step);
std::string old_path(const Step& step, const KeptFolder& folder);
std::string new_path(const Step& step, const KeptFolder& folder);
/// Whether FAST_DATA_DIR is one that 0.2 made: its databases are of PostgreSQL 15.
Truth has_new_layout(const Step& step);
/// Whether it is still the one of 0.1.3.
Truth has_old_layout(const Step& step);

/// How far the copies are.
struct Copied {
  Truth all = true;   ///< None has less than the original, or is the new platform's own.
  Truth none = true;  ///< All have less, or are its own.
  std::string text;   ///< What has less: "minio: 10 of 20 files".
  std::string other;  ///< What is not smaller, and not the old one either.
};
Copied compare_copies(const Step& step);
/// Whether 0.2 runs with the archive's rows of before: then it was copied, whatever its files are
/// since.
Truth has_old_rows(Step& step);

}  // namespace dagfix::runtime
