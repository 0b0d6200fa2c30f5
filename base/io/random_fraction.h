// A random number for jitter.
#pragma once

#include "base/io/entropy.h"

namespace portcullis {

/// Uniform in [0, 1), in steps of 2^-24. Safe from many threads.
double random_fraction(Entropy& entropy);

}  // namespace portcullis
