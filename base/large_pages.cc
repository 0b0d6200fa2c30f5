#include "base/large_pages.h"

#include <cstdint>

#include <sys/mman.h>

namespace portcullis {
namespace {

constexpr std::uintptr_t kLargePage = 2UL * 1024 * 1024;
/// Less than this is found quickly as it is.
constexpr std::uintptr_t kFewPages = 2;
#ifdef MADV_COLLAPSE
constexpr int kCollapse = MADV_COLLAPSE;
#else
constexpr int kCollapse = 25;  // Linux 6.1; an older one refuses it, and does the same in the background
#endif

}  // namespace

void prefer_large_pages(const void* memory, std::size_t bytes) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (begin + kLargePage - 1) / kLargePage * kLargePage;
  const std::uintptr_t end = (begin + bytes) / kLargePage * kLargePage;
  if (end < first + kFewPages * kLargePage) return;
  void* const pages = reinterpret_cast<void*>(first);  // NOLINT(performance-no-int-to-ptr): rounded to a page
  if (madvise(pages, end - first, MADV_HUGEPAGE) == 0) (void)madvise(pages, end - first, kCollapse);
}

}  // namespace portcullis
