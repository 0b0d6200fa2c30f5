# PORTCULLIS_SANITIZE: empty, "address,undefined", "thread", or "fuzzer" (clang, for tests/fuzz).
if(PORTCULLIS_SANITIZE STREQUAL "fuzzer")
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(PORTCULLIS_SANITIZE)
  add_compile_options(-fsanitize=${PORTCULLIS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PORTCULLIS_SANITIZE})
endif()
if(PORTCULLIS_COVERAGE)
  add_compile_options(--coverage -O0 -fprofile-update=atomic)  # counters that threads share must not lose counts, or go below zero
  add_link_options(--coverage)
endif()
# What a hardened daemon is built with on Debian 12.
if(PORTCULLIS_HARDEN)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero)
  add_compile_definitions(_FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
