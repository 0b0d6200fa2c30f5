#include "tests/fake_aws/protocol.h"

#include <algorithm>

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "tests/fake_aws/mint.h"

namespace portcullis::fake_aws {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

/// Reordered: children from last to first, comments between them, text as CDATA. Nothing of it changes the meaning.
void write_xml(std::string& out, const XmlElement& element, XmlStyle style, std::string_view attribute) {
  out += "<" + element.name + std::string(attribute) + ">";
  auto children = element.children;
  if (style == XmlStyle::reordered) std::reverse(children.begin(), children.end());
  for (const XmlElement& child : children) {
    if (style == XmlStyle::reordered) out += "<!-- " + child.name + " -->\n  ";
    write_xml(out, child, style, {});
  }
  if (!element.text.empty()) out += style == XmlStyle::reordered ? "<![CDATA[" + element.text + "]]>" : escaped(element.text);
  out += "</" + element.name + ">\n";
}

std::string document(const XmlElement& root, std::string_view xml_namespace, XmlStyle style) {
  std::string out;
  write_xml(out, root, style, " xmlns=\"" + std::string(xml_namespace) + "\"");
  return out;
}

Answer json_answer(const Outcome& outcome, const std::string& request_id) {
  Answer answer{.headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"x-amzn-RequestId", request_id}}};
  if (!outcome.refusal) {
    answer.body = outcome.json;
    return answer;
  }
  answer.status = outcome.refusal->status;
  answer.headers.emplace_back("X-Amzn-ErrorType", outcome.refusal->code);
  // AccessDeniedException alone writes its message with a capital letter.
  const std::string_view name = outcome.refusal->code == "AccessDeniedException" ? "Message" : "message";
  answer.body = JsonWriter()
                    .begin_object()
                    .key("__type")
                    .string(outcome.refusal->code)
                    .key(name)
                    .string(outcome.refusal->message)
                    .end_object()
                    .text();
  return answer;
}

Answer xml_answer(const Outcome& outcome, std::string_view operation, std::string_view xml_namespace, XmlStyle style,
                  const std::string& request_id) {
  Answer answer{.headers = {{"Content-Type", "text/xml"}, {"x-amzn-RequestId", request_id}}};
  if (!outcome.refusal) {
    XmlElement result = outcome.xml;
    result.name = std::string(operation) + "Result";
    answer.body = document(
        branch(std::string(operation) + "Response", {std::move(result), branch("ResponseMetadata", {leaf("RequestId", request_id)})}),
        xml_namespace, style);
    return answer;
  }
  const Refusal& refusal = *outcome.refusal;
  answer.status = refusal.status;
  XmlElement error = branch(
      "Error", {leaf("Type", refusal.status >= 500 ? "Receiver" : "Sender"), leaf("Code", refusal.code), leaf("Message", refusal.message)});
  answer.body = document(branch("ErrorResponse", {std::move(error), leaf("RequestId", request_id)}), xml_namespace, style);
  return answer;
}

}  // namespace

Outcome Outcome::refused(int status, std::string code, std::string message) {
  return {.refusal = Refusal{status, std::move(code), std::move(message)}, .json = {}, .xml = {}};
}

Refusal refusal_of(SignatureFault fault, std::string message, Protocol protocol) {
  const bool json = protocol == Protocol::json;
  const int forbidden = json ? 400 : 403;
  switch (fault) {
    case SignatureFault::missing:
      return {forbidden, json ? "MissingAuthenticationTokenException" : "MissingAuthenticationToken", std::move(message)};
    case SignatureFault::incomplete: return {400, "IncompleteSignature", std::move(message)};
    case SignatureFault::unknown_key: return {forbidden, json ? "UnrecognizedClientException" : "InvalidClientTokenId", std::move(message)};
    case SignatureFault::mismatch: return {forbidden, json ? "InvalidSignatureException" : "SignatureDoesNotMatch", std::move(message)};
    case SignatureFault::expired: return {forbidden, json ? "ExpiredTokenException" : "ExpiredToken", std::move(message)};
  }
  return {500, "InternalFailure", std::move(message)};
}

Refusal access_denied(std::string message, Protocol protocol) {
  if (protocol == Protocol::json) return {400, "AccessDeniedException", std::move(message)};
  return {403, "AccessDenied", std::move(message)};
}

Answer render(const Outcome& outcome, Protocol protocol, std::string_view operation, std::string_view xml_namespace, XmlStyle style) {
  const std::string request_id = random_uuid();
  return protocol == Protocol::json ? json_answer(outcome, request_id) : xml_answer(outcome, operation, xml_namespace, style, request_id);
}

XmlElement leaf(std::string name, std::string text) { return {.name = std::move(name), .text = std::move(text), .children = {}}; }

XmlElement branch(std::string name, std::vector<XmlElement> children) {
  return {.name = std::move(name), .text = {}, .children = std::move(children)};
}

std::vector<std::pair<std::string, std::string>> form_of(std::string_view body) {
  std::vector<std::pair<std::string, std::string>> form;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('&'), body.size());
    const std::string_view piece = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const std::size_t equals = std::min(piece.find('='), piece.size());
    auto name = query_decode(piece.substr(0, equals));
    auto value = query_decode(equals < piece.size() ? piece.substr(equals + 1) : std::string_view{});
    if (name.ok() && value.ok() && !piece.empty()) form.emplace_back(*std::move(name), *std::move(value));
  }
  return form;
}

}  // namespace portcullis::fake_aws
