// Label selectors as the Kubernetes API reads them in a query.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/broker.h"

namespace portcullis {

/// `a=b,c in (d,e),f notin (g),h,!i`: every part must hold. Empty where both are: everything. Keys and values are of the label grammar (the
/// configuration's check has seen to that), so that none can end its part.
std::string label_selector(const std::map<std::string, std::string>& labels, const std::vector<LabelRequirement>& expressions);

}  // namespace portcullis
