#include "plugin/cli/nginx_file.h"

#include <algorithm>
#include <utility>

namespace portcullis {
namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// One pass over the text. Lives on the stack of `read_nginx`.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<std::vector<NginxDirective>> block(std::size_t depth) {
    std::vector<NginxDirective> directives;
    NginxDirective next;
    for (;;) {
      skip_blanks();
      if (at_ == text_.size()) {
        if (!next.words.empty()) return fault("a directive has no end: ; or { is missing");
        if (depth > 0) return fault("a block has no end: } is missing");
        return directives;
      }
      const char c = text_[at_];
      if (c == '}') {
        if (!next.words.empty()) return fault("a directive has no end: ; is missing");
        if (depth == 0) return fault("there is no block that } could end");
        ++at_;
        return directives;
      }
      if (c == ';' || c == '{') {
        if (next.words.empty()) return fault("a directive has no name");
        ++at_;
        if (c == '{') {
          if (depth == kNginxDepth) return fault("blocks are nested too deep");
          auto children = block(depth + 1);
          if (!children) return children.error();
          next.children = std::move(*children);
        }
        directives.push_back(std::exchange(next, {}));
        continue;
      }
      if (next.words.empty()) next.line = line_;
      auto word = read_word();
      if (!word) return word.error();
      next.words.push_back(std::move(*word));
    }
  }

 private:
  [[nodiscard]] Error fault(const char* what) const { return {Reason::config_invalid, "line " + std::to_string(line_) + ": " + what}; }

  void skip_blanks() {
    while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '#')) {
      if (text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      if (at_ < text_.size() && text_[at_++] == '\n') ++line_;
    }
  }

  Result<std::string> read_word() {
    const char first = text_[at_];
    if (first == '"' || first == '\'') return read_quoted(first);
    std::string word;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '$' && at_ + 1 < text_.size() && text_[at_ + 1] == '{') {  // a variable, and no block
        const std::size_t end = text_.find('}', at_);
        if (end == std::string_view::npos) return fault("a variable has no end: } is missing");
        word.append(text_.substr(at_, end + 1 - at_));
        at_ = end;
        continue;
      }
      if (is_blank(c) || c == ';' || c == '{') break;
      if (c == '\\' && at_ + 1 < text_.size()) word += text_[at_++];
      if (text_[at_] == '\n') ++line_;
      word += text_[at_];
    }
    return word;
  }

  Result<std::string> read_quoted(char quote) {
    std::string word;
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == quote) {
        ++at_;
        return word;
      }
      const bool escaped = c == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == quote || text_[at_ + 1] == '\\');
      if (escaped) c = text_[++at_];
      if (c == '\n') ++line_;
      word += c;
    }
    return fault("a quote has no end");
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace

const NginxDirective* NginxDirective::child(std::string_view name) const noexcept {
  const auto found = std::find_if(children.rbegin(), children.rend(), [name](const NginxDirective& one) { return one.name() == name; });
  return found == children.rend() ? nullptr : &*found;
}

const NginxDirective* inherited(const NginxLevels& levels, std::string_view name) noexcept {
  for (const NginxDirective* level : levels) {
    if (const NginxDirective* found = level->child(name)) return found;
  }
  return nullptr;
}

Result<std::vector<NginxDirective>> read_nginx(std::string_view text) {
  if (text.size() > kNginxBytes) return Error{Reason::config_invalid, "the file is larger than 1 MiB"};
  return Reader(text).block(0);
}

}  // namespace portcullis
