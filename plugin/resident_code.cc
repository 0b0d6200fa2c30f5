#include "plugin/resident_code.h"

#include <cstddef>
#include <cstdint>

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

namespace portcullis {
namespace {

// NOLINTBEGIN(performance-no-int-to-ptr): the loader gives addresses as numbers

/// Whether the loader wrote into the code of `object`: such pages are nowhere else.
bool has_patched_code(const dl_phdr_info& object) noexcept {
  for (std::size_t i = 0; i < object.dlpi_phnum; ++i) {
    if (object.dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + object.dlpi_phdr[i].p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0)) return true;
    }
  }
  return false;
}

int drop_code_of(dl_phdr_info* object, std::size_t /*size*/, void* /*closure*/) noexcept {
  if (has_patched_code(*object)) return 0;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t first = (object->dlpi_addr + segment.p_vaddr) / page * page;
    const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    (void)::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
  }
  return 0;
}

// NOLINTEND(performance-no-int-to-ptr)

}  // namespace

void drop_resident_code() noexcept { ::dl_iterate_phdr(drop_code_of, nullptr); }

}  // namespace portcullis
