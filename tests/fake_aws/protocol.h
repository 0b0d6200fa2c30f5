// How AWS says yes and no: JSON 1.1 for Secrets Manager and the registries, the Query protocol with XML for STS and IAM.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/xml.h"
#include "base/clock.h"
#include "tests/fake_aws/message.h"

namespace portcullis::fake_aws {

enum class Protocol { json, query };

/// An error as AWS names it.
struct Refusal {
  int status = 400;
  std::string code;
  std::string message;
};

/// What an operation gave: a JSON text, an XML result, or a refusal.
struct Outcome {
  std::optional<Refusal> refusal;
  std::string json;
  XmlElement xml;  ///< the children of `<OperationResult>`

  static Outcome refused(int status, std::string code, std::string message);
};

/// Why a request is not signed as it should be.
enum class SignatureFault { missing, incomplete, unknown_key, mismatch, expired };

/// The refusal for a fault, with the code and status of the protocol.
Refusal refusal_of(SignatureFault fault, std::string message, Protocol protocol);
Refusal access_denied(std::string message, Protocol protocol);

/// How a fault writes an XML answer.
enum class XmlStyle { plain, reordered };

/// The whole answer to `operation`. `xml_namespace` is that of the service.
Answer render(const Outcome& outcome, Protocol protocol, std::string_view operation, std::string_view xml_namespace, XmlStyle style);

/// An element with text, and one with children.
XmlElement leaf(std::string name, std::string text);
XmlElement branch(std::string name, std::vector<XmlElement> children);

/// `a=1&b=2`, decoded.
std::vector<std::pair<std::string, std::string>> form_of(std::string_view body);

}  // namespace portcullis::fake_aws
