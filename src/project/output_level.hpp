#pragma once

#include <string>
#include <string_view>

#include "semantic/model.hpp"

namespace dagfix {

/// Where an operator writes its output.
enum class Level : std::uint8_t {
  batch,    ///< <run dir>/<batch name>/<element>/<out dir>
  run,      ///< <run dir>/<out dir>
  unknown,  ///< Both have to be looked at.
};

/// The level at which a class that runs in Airflow writes: what its methods join with
/// `self.operator_out_dir`. Unknown unless all places agree.
Level level_of_class(const SemanticModel& model, Node class_definition);

/// The level at which the script of a container writes. Lexical; unknown unless all lines that
/// name the output directory agree.
Level level_of_script(std::string_view text);

/// "otsus" of `f"{DEFAULT_REGISTRY}/otsus:{KAAPANA_BUILD_VERSION}"`; empty if it cannot be told.
std::string image_name(std::string_view expression);

/// What the Dockerfile of an image calls it: LABEL IMAGE="otsus". Empty if it does not.
std::string labelled_image(std::string_view dockerfile);

}  // namespace dagfix
