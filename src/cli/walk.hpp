#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/airflow_ignore.hpp"
#include "cli/files.hpp"

namespace dagfix {

/// What to leave out of the folders that are walked.
struct WalkOptions {
  /// Patterns as in .gitignore. One with a slash is relative to `exclude_root`, or to the walked
  /// folder if that does not lie in it.
  std::vector<std::string> excludes;
  /// An absolute path without symbolic links; empty: the current folder.
  std::string exclude_root;
  AirflowIgnoreSyntax airflowignore = AirflowIgnoreSyntax::automatic;
  unsigned threads = 0;  ///< 0: one for each processor.
  /// True: what is found so far will not be looked at.
  std::function<bool()> is_cancelled = [] { return false; };
};

/// The files to work on. All lists are sorted by the bytes of their paths.
struct CollectedFiles {
  std::vector<std::string> files;     ///< Each file once, under the path by which it was reached.
  std::vector<PathMessage> failures;  ///< Paths that cannot be read, and why.
  std::vector<PathMessage> warnings;  ///< Ignore files of which a part has no effect.
};

/// Replaces each folder in `paths` by the files below it that dagfix reads (files/kind.hpp). A path
/// that is given is taken whatever its name is and whatever ignores it; the rest holds for what is
/// found in folders:
///
/// - .gitignore files apply, from the root of the git work tree on downwards, and its
///   .git/info/exclude; global excludes do not. Outside of a work tree those in the walked folder
///   apply. Unlike git, this does not ask whether an ignored file is tracked.
/// - .airflowignore files of the same folders apply. The DAG folder, which their regular
///   expressions are relative to, is the outermost folder that has one.
/// - Virtual environments, `node_modules`, `site-packages`, `__pycache__`, folders of test runners
///   and of version control are left out.
/// - Symbolic links to files are followed, those to folders are not. A file that is reached twice
///   is listed under its own path rather than a link's, else under the path that was given first.
///   Hard links are different files.
CollectedFiles collect_files(std::span<const std::string> paths, const WalkOptions& options);

}  // namespace dagfix
