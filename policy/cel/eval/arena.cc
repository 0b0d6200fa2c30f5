#include "policy/cel/eval/arena.h"

#include <algorithm>
#include <new>
#include <utility>

namespace portcullis::cel {
namespace {

/// Chunks double up to this: larger ones the C library would ask the system for, each time.
constexpr std::size_t kMostChunkBytes = 64UL * 1024;

}  // namespace

Arena::~Arena() {
  for (Kept* kept = kept_; kept != nullptr; kept = kept->next) std::destroy_at(&kept->value);
  while (chunks_ != nullptr) ::operator delete(std::exchange(chunks_, chunks_->next));
}

Value Arena::keep(Value value) {
  if (!value.is_owner()) return value;
  Value view = value.borrow();
  kept_ = new (allocate(sizeof(Kept))) Kept{std::move(value), kept_};
  return view;
}

void Arena::add_chunk(std::size_t bytes) {
  const std::size_t size = std::max(chunk_bytes_, bytes);
  chunk_bytes_ = std::min(2 * chunk_bytes_, kMostChunkBytes);
  chunks_ = new (::operator new(sizeof(Chunk) + size)) Chunk{chunks_};
  next_ = reinterpret_cast<std::byte*>(chunks_) + sizeof(Chunk);
  left_ = size;
}

}  // namespace portcullis::cel
