# The warnings that every target of ours obeys. -Werror in CI presets only (PORTCULLIS_WERROR).
add_library(portcullis_warnings INTERFACE)
target_compile_options(portcullis_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wnon-virtual-dtor
  $<$<BOOL:${PORTCULLIS_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Werror=thread-safety>)
