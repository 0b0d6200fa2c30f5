// Pairs of patterns of which neither is the longer, and that may match one name: their order is a matter of letters alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "policy/pattern/pattern.h"

namespace portcullis {

/// Such pairs, the one that rules first; at most 100. A length that very many patterns have is left out: so many are made by a program,
/// which knows its own.
std::vector<std::pair<std::string, std::string>> equal_overlaps(const std::vector<Pattern>& patterns);

/// Pairs of a pattern without and one with `${user}` that may match one name, where the first rules although it does not write out the
/// segment in the placeholder's place: it is the longer one, and opens what the other would keep for one user. At most 100; of very many
/// patterns not all are compared.
std::vector<std::pair<std::string, std::string>> beaten_templates(const std::vector<Pattern>& patterns);

}  // namespace portcullis
