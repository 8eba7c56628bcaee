#pragma once

#include <random>
#include <string>

namespace dagfix::test {

enum class Era { v0_1, v0_3 };

/// A DAG for Kaapana 0.3.5 (0.1.3) with calls of the operators that gave way to containers:
/// arguments that it takes, in random sets, orders and styles.
std::string write_pairs_dag(std::mt19937& random, Era era = Era::v0_3);

}  // namespace dagfix::test
