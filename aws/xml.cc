#include "aws/xml.h"

#include <expat.h>

#include <type_traits>

#include "base/handle.h"

namespace portcullis {
namespace {

constexpr std::size_t kBytes = 1024UL * 1024;
constexpr std::size_t kDepth = 32;
constexpr std::size_t kElements = 10'000;
constexpr char kNamespaceMark = '\n';  // cannot occur in a name

/// What expat's callbacks build. Elements are kept by value: a child moves into its parent when it ends.
struct Builder {
  XML_Parser parser;
  std::vector<XmlElement> open;
  XmlElement root;
  std::size_t elements = 0;
  const char* fault = nullptr;

  void stop(const char* why) noexcept {
    fault = why;
    XML_StopParser(parser, XML_FALSE);
  }
  /// What a callback of C does: no exception leaves it.
  template <class Step>
  void guarded(Step step) noexcept {
    try {
      step();
    } catch (...) {
      stop("out of memory");
    }
  }
};

void on_start(void* data, const XML_Char* name, const XML_Char** /*attributes*/) noexcept {
  auto& builder = *static_cast<Builder*>(data);
  if (builder.open.size() >= kDepth) return builder.stop("nested too deep");
  if (++builder.elements > kElements) return builder.stop("too many elements");
  std::string_view local = name;
  if (const auto mark = local.rfind(kNamespaceMark); mark != std::string_view::npos) local.remove_prefix(mark + 1);
  builder.guarded([&] { builder.open.push_back({.name = std::string(local), .text = {}, .children = {}}); });
}

constexpr std::string_view kBlanks = " \t\r\n";

void trim(std::string& text) {
  const auto last = text.find_last_not_of(kBlanks);
  text.erase(last == std::string::npos ? 0 : last + 1);
  text.erase(0, std::min(text.find_first_not_of(kBlanks), text.size()));
}

void on_end(void* data, const XML_Char* /*name*/) noexcept {
  auto& builder = *static_cast<Builder*>(data);
  // expat still reports the end of an empty element whose beginning stopped it.
  if (builder.fault != nullptr) return;
  if (builder.open.empty()) return builder.stop("unbalanced");
  XmlElement done = std::move(builder.open.back());
  builder.open.pop_back();
  trim(done.text);
  if (builder.open.empty()) {
    builder.root = std::move(done);
  } else {
    builder.guarded([&] { builder.open.back().children.push_back(std::move(done)); });
  }
}

void on_text(void* data, const XML_Char* text, int length) noexcept {
  auto& builder = *static_cast<Builder*>(data);
  if (builder.open.empty()) return;
  builder.guarded([&] { builder.open.back().text.append(text, static_cast<std::size_t>(length)); });
}

/// A DTD could define entities that grow without bound ("billion laughs").
void on_doctype(void* data, const XML_Char* /*name*/, const XML_Char* /*system*/, const XML_Char* /*pub*/, int /*internal*/) noexcept {
  static_cast<Builder*>(data)->stop("a DTD is not accepted");
}

}  // namespace

const XmlElement* XmlElement::find(std::string_view child) const noexcept {
  for (const XmlElement& one : children) {
    if (one.name == child) return &one;
  }
  return nullptr;
}

const XmlElement* XmlElement::find_deep(std::string_view name_below) const noexcept {
  for (const XmlElement& one : children) {
    if (one.name == name_below) return &one;
    if (const XmlElement* found = one.find_deep(name_below)) return found;
  }
  return nullptr;
}

Result<XmlElement> parse_xml(std::string_view text) {
  if (text.size() > kBytes) return Error{Reason::bad_request, "XML is larger than 1 MiB"};
  const Handle<std::remove_pointer_t<XML_Parser>, XML_ParserFree> parser(XML_ParserCreateNS(nullptr, kNamespaceMark));
  if (parser == nullptr) return Error{Reason::internal_error, "no XML parser"};
  Builder builder{.parser = parser.get(), .open = {}, .root = {}, .elements = 0, .fault = nullptr};
  XML_SetUserData(parser.get(), &builder);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) != XML_STATUS_OK) {
    const std::string why = builder.fault != nullptr ? builder.fault : XML_ErrorString(XML_GetErrorCode(parser.get()));
    return Error{Reason::bad_request, "XML line " + std::to_string(XML_GetCurrentLineNumber(parser.get())) + ": " + why};
  }
  return std::move(builder.root);
}

}  // namespace portcullis
