// Large memory that is read here and there: with large pages the processor finds each place with fewer looks at its tables.
#pragma once

#include <cstddef>

namespace portcullis {

/// Asks the system to hold this memory, which is filled already, in large pages: only those of them that lie in it as a whole, so that no
/// memory more is used, and only where there are several. Where the system does not, nothing changes.
void prefer_large_pages(const void* memory, std::size_t bytes) noexcept;

}  // namespace portcullis
