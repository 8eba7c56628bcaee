// The functions of toml++, which is made from its headers in this one file.
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>
