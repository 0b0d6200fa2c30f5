#include "policy/cel/eval/reads.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace portcullis::cel {
namespace {

class Collector {
 public:
  explicit Collector(const Ast& ast) : ast_(ast) {}

  void visit(NodeId id) {
    const Node& node = ast_.nodes[id];
    if (const auto* identifier = std::get_if<Identifier>(&node.content)) return add(node, identifier->name, std::nullopt);
    if (const auto* fold = std::get_if<Comprehension>(&node.content)) return visit_fold(*fold);
    if (visit_access(node)) return;
    for_each_child(node, [this](NodeId child) { visit(child); });
  }

  std::vector<Read> take() { return std::move(reads_); }

 private:
  /// `variable.field`, `variable['field']`, and their optional forms.
  bool visit_access(const Node& node) {
    const std::optional<FieldAccess> last = access_of(node);
    if (!last) return false;
    if (const auto* identifier = std::get_if<Identifier>(&ast_.nodes[last->operand].content)) {
      add(node, identifier->name, last->field);
      return true;
    }
    const std::optional<FieldAccess> first = access_of(ast_.nodes[last->operand]);
    const auto* identifier = first ? std::get_if<Identifier>(&ast_.nodes[first->operand].content) : nullptr;
    if (identifier == nullptr) return false;
    add(node, identifier->name, first->field, last->field);
    return true;
  }

  struct FieldAccess {
    NodeId operand;
    std::string_view field;
  };

  /// A field whose name stands there.
  [[nodiscard]] std::optional<FieldAccess> access_of(const Node& node) const {
    if (const auto* select = std::get_if<Select>(&node.content)) return FieldAccess{select->operand, select->field};
    const auto* call = std::get_if<Call>(&node.content);
    if (call == nullptr || call->arguments.size() != 2 || call->target != kNoNode) return std::nullopt;
    if (call->function != "_[_]" && call->function != "_?._" && call->function != "_[?_]") return std::nullopt;
    const auto* key = std::get_if<Literal>(&ast_.nodes[call->arguments[1]].content);
    if (key == nullptr || !key->value.text()) return std::nullopt;
    return FieldAccess{call->arguments[0], *key->value.text()};
  }

  void add(const Node& node, std::string_view name, std::optional<std::string_view> field, std::string_view inner = {}) {
    const bool global = name.starts_with('.');
    if (global) name.remove_prefix(1);
    if (!global && std::find(scope_.begin(), scope_.end(), name) != scope_.end()) return;
    const bool whole = !field.has_value();
    const bool known = std::any_of(reads_.begin(), reads_.end(), [&](const Read& read) {
      return read.variable == name && read.whole == whole && read.field == field.value_or("") && read.inner == inner;
    });
    if (!known) reads_.push_back({std::string(name), std::string(field.value_or("")), whole, std::string(inner), node.offset});
  }

  void visit_fold(const Comprehension& fold) {
    visit(fold.range);
    visit(fold.start);
    scope_.emplace_back(fold.accumulator);
    visit(fold.result);
    scope_.emplace_back(fold.variable);
    visit(fold.condition);
    visit(fold.step);
    scope_.resize(scope_.size() - 2);
  }

  const Ast& ast_;
  std::vector<std::string_view> scope_;
  std::vector<Read> reads_;
};

}  // namespace

std::vector<Read> reads_of(const Ast& ast) {
  Collector collector(ast);
  collector.visit(ast.root);
  return collector.take();
}

}  // namespace portcullis::cel
