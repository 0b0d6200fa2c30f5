// Fuzzes the XML reader and the AWS error reader above it.
#include <cstddef>
#include <cstdint>
#include <string>

#include "aws/aws_error.h"
#include "aws/xml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto root = portcullis::parse_xml(text); root.ok()) (void)root->find_deep("Code");
  (void)portcullis::read_aws_error({.status = 400, .headers = {}, .body = text});
  return 0;
}
