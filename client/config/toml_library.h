// toml++ with our options. It takes seconds to compile: for document.cc, editable.cc, describe.cc,
// given.cc and table_reader.cc only, which must see the same options; everything else does with
// toml_fwd.h.
#ifndef ZBROKER_CLIENT_CONFIG_TOML_LIBRARY_H_
#define ZBROKER_CLIENT_CONFIG_TOML_LIBRARY_H_

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 8  // bounds the use of the stack: see document.cc

#include <toml++/impl/preprocessor.h>

// Version 3.3 asserts, or in release builds lets the compiler assume, that a table header goes on
// with a key; "[[[" proves it wrong (github.com/marzer/tomlplusplus/pull/301). It also checks what
// it asserts, so without the assertion such a header is an error like any other.
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expression) static_assert(true)

#include <toml++/toml.h>

#endif  // ZBROKER_CLIENT_CONFIG_TOML_LIBRARY_H_
