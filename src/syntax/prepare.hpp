#pragma once

namespace dagfix {

/// Makes the tables that the first SyntaxTree::parse() would make: a millisecond for a thread that
/// has nothing else to do.
void prepare_parser();

}  // namespace dagfix
