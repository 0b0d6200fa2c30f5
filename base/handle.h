// Owns one object of a C library from the line that creates it.
#pragma once

#include <memory>

namespace portcullis {

template <auto Free>
struct HandleDeleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

/// `Handle<EVP_PKEY, EVP_PKEY_free>`: pointer-sized, movable, frees once.
template <class T, auto Free>
using Handle = std::unique_ptr<T, HandleDeleter<Free>>;

}  // namespace portcullis
