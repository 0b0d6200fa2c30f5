// The XML that STS and IAM answer, read by expat: local names, any order, no DTD and so no entities, bounded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portcullis {

/// One element: its local name, its text (CDATA included, outer blanks trimmed) and its children in order.
struct XmlElement {
  std::string name;
  std::string text;
  std::vector<XmlElement> children;

  /// The first child called `child`, or null.
  [[nodiscard]] const XmlElement* find(std::string_view child) const noexcept;
  /// The first element below (at any depth, in document order) called `name_below`, or null.
  [[nodiscard]] const XmlElement* find_deep(std::string_view name_below) const noexcept;
};

/// At most 1 MiB, 32 levels, 10,000 elements. `Reason::bad_request` for text that is not well-formed, passes a bound, or holds a DTD.
Result<XmlElement> parse_xml(std::string_view text);

}  // namespace portcullis
