#include "policy/cel/parse/parser.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/codec/utf8.h"
#include "policy/cel/parse/faults.h"
#include "policy/cel/parse/lexer.h"
#include "policy/cel/parse/literal.h"
#include "policy/cel/parse/macros.h"
#include "policy/cel/parse/tree.h"

namespace portcullis::cel {
namespace {

struct Operator {
  std::string_view text;
  int level;  ///< binds the tighter the higher
  std::string_view function;
};

constexpr int kLoosest = 1;
constexpr std::array kOperators = {Operator{"<", 1, "_<_"},   Operator{"<=", 1, "_<=_"}, Operator{">", 1, "_>_"},
                                   Operator{">=", 1, "_>=_"}, Operator{"==", 1, "_==_"}, Operator{"!=", 1, "_!=_"},
                                   Operator{"in", 1, "@in"},  Operator{"+", 2, "_+_"},   Operator{"-", 2, "_-_"},
                                   Operator{"*", 3, "_*_"},   Operator{"/", 3, "_/_"},   Operator{"%", 3, "_%_"}};

/// Recursive descent. Only a bracket recurses into `expression`, and brackets are bounded; chains are loops. Every function answers
/// `kNoNode` after a syntax error or a bound, and then nothing is parsed any more.
class Parser {
 public:
  Parser(std::string_view source, const ParseLimits& limits, std::vector<Token> tokens, Faults& faults)
      : limits_(limits), tokens_(std::move(tokens)), faults_(faults), tree_(source, limits, faults) {}

  Ast run() {
    const NodeId root = expression();
    if (root != kNoNode && token().kind != TokenKind::end) fail("<EOF>");
    return tree_.take(root);
  }

 private:
  [[nodiscard]] const Token& token(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  [[nodiscard]] bool is(std::string_view text, std::size_t ahead = 0) const {
    const Token& next = token(ahead);
    return (next.kind == TokenKind::symbol || next.kind == TokenKind::keyword) && next.text == text;
  }
  bool accept(std::string_view text) {
    if (!is(text)) return false;
    ++at_;
    return true;
  }
  bool expect(std::string_view text) { return accept(text) || fail("'" + std::string(text) + "'") != kNoNode; }
  NodeId fail(const std::string& expected) {
    faults_.add(token().offset, "Syntax error: mismatched input '" + std::string(token().text) + "' expecting " + expected);
    return kNoNode;
  }
  /// Behind an element: whether there is another, and not just a trailing comma.
  bool continues(std::string_view closing) { return !is(closing, 1) && accept(","); }
  /// One bracket deeper; false, and a fault, beyond the bound.
  bool open() {
    if (++nesting_ <= limits_.nesting) return true;
    faults_.add(token().offset, "the expression is nested too deep: more than " + std::to_string(limits_.nesting) + " open brackets");
    return false;
  }
  bool close(std::string_view bracket) {
    --nesting_;
    return expect(bracket);
  }

  NodeId expression();
  NodeId logical_or() { return logical("||", "_||_", &Parser::logical_and); }
  NodeId logical_and() { return logical("&&", "_&&_", &Parser::relation); }
  NodeId logical(std::string_view symbol, std::string_view function, NodeId (Parser::*term)());
  NodeId relation() { return arithmetic(kLoosest); }
  NodeId arithmetic(int loosest);
  NodeId unary();
  NodeId member();
  NodeId primary(std::string& name);
  NodeId named(std::string& name);
  NodeId number_or_text(std::uint32_t offset, bool negative);
  NodeId keyword();
  NodeId select(NodeId operand, std::string& name);
  NodeId index(NodeId operand);
  NodeId message(const std::string& name);
  NodeId list();
  NodeId map();
  NodeId call(std::string function, NodeId target);

  const ParseLimits& limits_;
  std::vector<Token> tokens_;
  Faults& faults_;
  Tree tree_;
  std::size_t at_ = 0;
  std::size_t nesting_ = 0;
};

/// `a ? b : c ? d : e`: a loop, built from the right. `?` cannot stand between `?` and `:` without parentheses.
NodeId Parser::expression() {
  struct Branch {
    std::uint32_t offset;
    NodeId condition;
    NodeId value;
  };
  std::vector<Branch> branches;
  NodeId result = kNoNode;
  while (true) {
    result = logical_or();
    if (result == kNoNode) return kNoNode;
    const std::uint32_t offset = token().offset;
    if (!accept("?")) break;
    const NodeId value = logical_or();
    if (value == kNoNode || !expect(":")) return kNoNode;
    branches.push_back({offset, result, value});
  }
  for (auto branch = branches.rbegin(); branch != branches.rend(); ++branch) {
    result = tree_.call(branch->offset, "_?_:_", {branch->condition, branch->value, result});
  }
  return result;
}

/// Builds a tree as flat as can be of `terms[from]` to `terms[to]`; `offsets[i]` is that of the operator behind `terms[i]`.
NodeId balanced(Tree& tree, std::string_view function, const std::vector<NodeId>& terms, const std::vector<std::uint32_t>& offsets,
                std::size_t from, std::size_t to) {
  if (from == to) return terms[from];
  const std::size_t middle = (from + to) / 2;
  const NodeId left = balanced(tree, function, terms, offsets, from, middle);
  const NodeId right = balanced(tree, function, terms, offsets, middle + 1, to);
  return tree.call(offsets[middle], std::string(function), {left, right});
}

NodeId Parser::logical(std::string_view symbol, std::string_view function, NodeId (Parser::*term)()) {
  std::vector<NodeId> terms;
  std::vector<std::uint32_t> offsets;
  do {
    terms.push_back((this->*term)());
    if (terms.back() == kNoNode) return kNoNode;
    offsets.push_back(token().offset);
  } while (accept(symbol));
  return balanced(tree_, function, terms, offsets, 0, terms.size() - 1);
}

const Operator* operator_at(const Token& token) {
  if (token.kind != TokenKind::symbol && token.kind != TokenKind::keyword) return nullptr;
  for (const Operator& known : kOperators) {
    if (known.text == token.text) return &known;
  }
  return nullptr;
}

NodeId Parser::arithmetic(int loosest) {
  NodeId left = unary();
  while (left != kNoNode) {
    const Operator* found = operator_at(token());
    if (found == nullptr || found->level < loosest) break;
    const std::uint32_t offset = token().offset;
    ++at_;
    const NodeId right = arithmetic(found->level + 1);
    left = tree_.call(offset, std::string(found->function), {left, right});
  }
  return left;
}

bool is_number(const Token& token) { return token.kind == TokenKind::integer || token.kind == TokenKind::floating; }

NodeId Parser::unary() {
  const Token first = token();
  if (!is("!") && !is("-")) return member();
  if (is("-") && is_number(token(1))) return member();
  std::size_t count = 0;
  while (accept(first.text)) ++count;
  const NodeId operand = member();
  return count % 2 == 0 ? operand : tree_.call(first.offset, first.text == "!" ? "!_" : "-_", {operand});
}

/// A primary, and what is selected of it. `name` is what was read so far as a qualified name, empty if it is none: a message may follow.
NodeId Parser::member() {
  std::string name;
  NodeId node = primary(name);
  while (node != kNoNode) {
    if (is(".")) {
      node = select(node, name);
    } else if (is("[")) {
      name.clear();
      node = index(node);
    } else if (is("{") && !name.empty()) {
      node = message(name);
      name.clear();
    } else {
      break;
    }
  }
  return node;
}

NodeId Parser::select(NodeId operand, std::string& name) {
  const std::uint32_t offset = token().offset;
  ++at_;
  const bool optional = accept("?");
  const Token field = token();
  if (field.kind != TokenKind::identifier) return fail("IDENTIFIER");
  ++at_;
  const std::string text(field.text);
  if (optional) {
    name.clear();
    return tree_.call(offset, "_?._", {operand, tree_.literal(field.offset, Value::of(text))});
  }
  if (is("(")) {
    name.clear();
    return call(text, operand);
  }
  if (!name.empty()) name += "." + text;
  return tree_.add(offset, Select{operand, text});
}

NodeId Parser::index(NodeId operand) {
  const std::uint32_t offset = token().offset;
  if (!open()) return kNoNode;
  ++at_;
  const bool optional = accept("?");
  const NodeId key = expression();
  if (key == kNoNode || !close("]")) return kNoNode;
  return tree_.call(offset, optional ? "_[?_]" : "_[_]", {operand, key});
}

NodeId Parser::message(const std::string& name) {
  const std::uint32_t offset = token().offset;
  if (!open()) return kNoNode;
  ++at_;
  MessageLiteral literal{name, {}};
  for (bool more = !is("}") && !is(","); more; more = continues("}")) {
    const bool optional = accept("?");
    const Token field = token();
    if (field.kind != TokenKind::identifier) return fail("IDENTIFIER");
    ++at_;
    const std::uint32_t colon = token().offset;
    if (!expect(":")) return kNoNode;
    const NodeId value = expression();
    if (value == kNoNode) return kNoNode;
    literal.fields.push_back({std::string(field.text), value, colon, optional});
  }
  accept(",");
  return close("}") ? tree_.add(offset, std::move(literal)) : kNoNode;
}

NodeId Parser::primary(std::string& name) {
  const Token first = token();
  if (is("-") && is_number(token(1))) {
    ++at_;
    return number_or_text(first.offset, true);
  }
  if (first.kind == TokenKind::keyword) return keyword();
  if (first.kind == TokenKind::identifier || is(".")) return named(name);
  if (is("[")) return list();
  if (is("{")) return map();
  if (is("(")) {
    if (!open()) return kNoNode;
    ++at_;
    const NodeId inner = expression();
    return inner != kNoNode && close(")") ? inner : kNoNode;
  }
  if (first.kind == TokenKind::symbol || first.kind == TokenKind::end) return fail("an expression");
  return number_or_text(first.offset, false);
}

NodeId Parser::keyword() {
  const Token word = token();
  if (word.text == "in") return fail("an expression");
  ++at_;
  return tree_.literal(word.offset, word.text == "null" ? Value() : Value::of(word.text == "true"));
}

NodeId Parser::number_or_text(std::uint32_t offset, bool negative) {
  const Token literal = token();
  ++at_;
  auto value = literal_value(literal, negative, faults_);
  return tree_.literal(offset, value ? *std::move(value) : Value());
}

NodeId Parser::named(std::string& name) {
  const bool global = accept(".");
  const Token word = token();
  if (word.kind != TokenKind::identifier) return fail("IDENTIFIER");
  ++at_;
  if (is_reserved(word.text)) faults_.add(word.offset, "reserved identifier: " + std::string(word.text));
  if (is("(")) return call((global ? "." : "") + std::string(word.text), kNoNode);
  name = (global ? "." : "") + std::string(word.text);
  return tree_.identifier(word.offset, name);
}

NodeId Parser::call(std::string function, NodeId target) {
  WrittenCall written{token().offset, function, target, {}};
  if (!open()) return kNoNode;
  ++at_;
  while (!is(")")) {
    written.arguments.push_back(expression());
    if (written.arguments.back() == kNoNode) return kNoNode;
    if (!accept(",")) break;
    if (is(")")) return fail("an expression");
  }
  if (!close(")")) return kNoNode;
  if (const auto expanded = expand_macro(written, tree_, faults_)) return *expanded;
  if (function.starts_with('.')) function.erase(0, 1);  // a function has no scope to step over
  return tree_.add(written.offset, Call{std::move(function), target, std::move(written.arguments)});
}

NodeId Parser::list() {
  const std::uint32_t offset = token().offset;
  if (!open()) return kNoNode;
  ++at_;
  ListLiteral literal;
  for (bool more = !is("]") && !is(","); more; more = continues("]")) {
    literal.optional.push_back(accept("?"));
    literal.elements.push_back(expression());
    if (literal.elements.back() == kNoNode) return kNoNode;
  }
  accept(",");
  return close("]") ? tree_.add(offset, std::move(literal)) : kNoNode;
}

NodeId Parser::map() {
  const std::uint32_t offset = token().offset;
  if (!open()) return kNoNode;
  ++at_;
  MapLiteral literal;
  for (bool more = !is("}") && !is(","); more; more = continues("}")) {
    const bool optional = accept("?");
    const NodeId key = expression();
    if (key == kNoNode || !expect(":")) return kNoNode;
    const NodeId value = expression();
    if (value == kNoNode) return kNoNode;
    literal.entries.push_back({key, value, optional});
  }
  accept(",");
  return close("}") ? tree_.add(offset, std::move(literal)) : kNoNode;
}

}  // namespace

Result<Ast> parse(std::string_view source, const ParseLimits& limits) {
  Faults faults(source);
  if (source.size() > limits.source_bytes) {
    const std::string size = std::to_string(source.size()) + " bytes, " + std::to_string(limits.source_bytes) + " at most";
    return Error{Reason::compile_error, "ERROR: <input>:1:1: the expression is too long: " + size};
  }
  if (!is_utf8(source)) return Error{Reason::compile_error, "ERROR: <input>:1:1: the expression is not UTF-8"};
  std::vector<Token> tokens = tokens_of(source, faults);
  if (!faults.empty()) return faults.error();
  Ast ast = Parser(source, limits, std::move(tokens), faults).run();
  if (!faults.empty()) return faults.error();
  return ast;
}

}  // namespace portcullis::cel
