#pragma once

#include <random>
#include <string>

namespace dagfix::test {

/// A DAG for Kaapana 0.3.5 with calls of the operators that gave way to containers: arguments that
/// 0.3.5 takes, in random sets, orders and styles.
std::string write_pairs_dag(std::mt19937& random);

}  // namespace dagfix::test
