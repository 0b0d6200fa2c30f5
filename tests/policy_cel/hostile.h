// Expressions that somebody wrote to cost as much as they can, and claims as large as a token could make them, and larger.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/cel/value.h"

namespace portcullis::cel {

/// `claims` for them. Lists have 10,000 elements, `s64` is a text of 64 KiB.
inline Value hostile_claims() {
  const auto texts = [](const std::string& stem) {
    List list;
    for (int i = 0; i < 10'000; ++i) list.push_back(Value::of(stem + std::to_string(i)));
    return list;
  };
  const auto repeated = [](std::string_view piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += piece;
    return Value::of(text);
  };
  const auto numbered = [&] {
    Map map;
    for (int i = 0; i < 10'000; ++i) map.emplace_back(Value::of("group-" + std::to_string(i)), Value::of(1.0 * i));
    return Value::of(std::move(map));
  };
  List lists;
  for (int i = 0; i < 10'000; ++i) lists.push_back(Value::of(List{Value::of(1.0 * i)}));
  List pair_of_lists = lists;
  List numbers;
  for (int i = 0; i < 10'000; ++i) numbers.push_back(Value::of(1.7e308 - i));
  Map claims{{Value::of("huge"), Value::of(texts("group-"))},
             {Value::of("twin"), Value::of(texts("group-"))},
             {Value::of("lists"), Value::of(std::move(lists))},
             {Value::of("lists2"), Value::of(std::move(pair_of_lists))},
             {Value::of("numbers"), Value::of(std::move(numbers))},
             {Value::of("map"), numbered()},
             {Value::of("map2"), numbered()},
             {Value::of("s64"), repeated("a", 65'536)},
             {Value::of("other"), repeated("a", 65'536)},
             {Value::of("s32"), repeated("a", 32'768)},
             {Value::of("wide"), repeated("\xE2\x82\xAC", 21'845)},
             {Value::of("digits"), repeated("9", 400)},
             {Value::of("zeros"), Value::of(std::string(65'535, '0') + "1")},
             {Value::of("classes"), repeated("\\pL", 300)},
             {Value::of("broken"), repeated("(\\pL\\PN[^b]", 80)},
             {Value::of("quotes"), repeated("\"", 30'000)},
             {Value::of("b64"), repeated("QUFB", 16'000)},
             {Value::of("commas"), repeated("a,", 9'000)}};
  return Value::of(std::move(claims));
}

/// Work for `again_and_again`: each is true, or its failure is forgiven, so that only the cost limit ends it.
inline constexpr std::string_view kHostileWork[] = {
    // comparing
    "claims.s64 == claims.other", "claims.s64 <= claims.other", "claims.huge == claims.twin", "claims.lists == claims.lists2",
    "claims.map == claims.map2", "bytes(claims.s64) == bytes(claims.other)", "[claims.s64, x] == [claims.other, x]", "!(x in claims.lists)",
    "x in claims.huge || true", "!(claims.s64 in claims.map)", "sets.contains(claims.huge, [x])", "sets.intersects([x], claims.huge)",
    "sets.equivalent(claims.huge, claims.twin)", "!sets.intersects(claims.lists, claims.huge)",
    "!sets.contains(claims.numbers, claims.huge)",
    // texts
    "!claims.s64.contains(claims.s32 + 'b')", "claims.s64.contains(claims.s32)", "claims.s64.lastIndexOf(claims.s32) > 0",
    "claims.s64.indexOf('b') < 0", "claims.s64.indexOf('b', 9) < 0", "claims.wide.indexOf('b') < 0", "claims.wide.lastIndexOf('b', 9) < 0",
    "claims.s64.startsWith(claims.s32)", "claims.s64.endsWith(claims.s32)", "(claims.s32 + x) != ''", "claims.s64.reverse() != ''",
    "claims.wide.reverse() != ''", "claims.s64.upperAscii() != ''", "claims.s64.trim() != ''", "claims.s64.size() > 0",
    "claims.wide.size() > 0", "claims.wide.charAt(21844) != ''", "claims.wide.substring(9, 21844) != ''", "claims.s64.charAt(65535) == 'a'",
    "claims.commas.split(',').size() > 0", "claims.commas.split('').size() > 0 || true", "claims.s64.replace('a', 'b') != ''",
    "claims.commas.replace(',', '') != ''", "claims.s64.replace(claims.s32, '') == ''", "claims.wide.replace('', 'a', 9000) != ''",
    "claims.huge.join('') != '' || true", "strings.quote(claims.quotes) != ''", "strings.quote(x) != ''",
    // conversions and formats
    "string(bytes(claims.s64)) != ''", "string(bytes(claims.wide)) != ''", "base64.encode(bytes(claims.s32)) != ''",
    "base64.decode(claims.b64) != b''", "double(claims.digits) > 0.0 || true", "double('1e-308') > 0.0", "string(1.7e308 / 3.0) != ''",
    "string(claims.numbers[0]) != ''", "int(x) > 0 || true", "int(claims.zeros) == 1", "uint(claims.zeros) == 1u",
    "double(claims.zeros) == 1.0 || true", "timestamp(claims.s64) > timestamp(0) || true", "duration(claims.s64) > duration('0s') || true",
    "bool(claims.s64) || true", "'%s'.format([claims.s64]) != ''", "'%s'.format([claims.lists]) != '' || true",
    "'%s'.format([claims.map]) != ''", "'%.100f'.format([1.7e308]) != ''", "'%.100e'.format([1.7e-308]) != ''",
    "'%s'.format([1.7e308]) != ''", "'%x'.format([claims.s32]) != ''", "'%d%d%d%d'.format([1, 2, 3, 4]) != ''", "type(x) == string",
    "string(timestamp(0)) != ''",
    // times
    "timestamp('2009-02-13T23:31:30.123456789Z') > timestamp(0)", "timestamp('x') > timestamp(0) || true",
    "duration('1h1m1s1ms1us1ns') > duration('0s')", "string(duration('1h1m1s1ms1us1ns')) != ''",
    "timestamp(0).getFullYear('America/New_York') > 0", "timestamp(0).getHours('Nowhere/At_All') > 0 || true",
    "timestamp(0).getDayOfYear('-08:00') > 0", "timestamp(0).getHours('Pacific/Auckland') >= 0",
    "timestamp(4102444800).getMilliseconds('Europe/London') == 0", "timestamp(0) + duration('1h') > timestamp(0)",
    // patterns
    "!claims.s64.matches('(a|b|ab)*c')", "!claims.s64.matches('(a{1,20}){1,20}b')", "!claims.s64.matches('b')",
    "!claims.wide.matches('[^a]*a')", "!claims.s64.matches('a?a?a?a?a?a?a?a?aaaaaaaab')", "!x.matches('^(a|b)*$')",
    "!claims.s64.matches('(x+x+)+y|.*.*.*c')", "!claims.s32.matches('[ab]*a[ab]{8}c')", "x.matches('(' + x + ')*')",
    "x.matches('\\\\pL' + x) || true", "x.matches('(?i)(\\\\pL\\\\pN)*' + x) || true", "x.matches(x + '(\\\\pL{1,9}){1,99}') || true",
    "x.matches(x + '((a{1,9}){1,9}){1,9}') || true", "x.matches('(' + x) || true", "x.matches(claims.classes) || true",
    "x.matches(claims.broken) || true", "x.matches('(?i)[a-z]{1,99}' + x) || true", "x.matches('[[:^alpha:]]{1,99}' + x) || true",
    "x.matches(x + '(.{1,30}){1,30}') || true", "x.matches(x + '(?s).{500}') || true", "x.matches('[^a]{1,99}' + x) || true",
    "x.matches(x + '(a|b|c|d|e|f|g|h|i){99}') || true", "x.matches('\\\\x{10FFFF}.{99}' + x) || true",
    // lists, maps, errors
    "claims.huge.map(z, z).size() > 0", "claims.huge.filter(z, true).size() > 0", "claims.huge.filter(z, z == x).size() < 2",
    "claims.huge.map(z, [z]).size() > 0", "claims.huge.map(z, {z: z}).size() > 0", "claims.huge.exists_one(z, z == x)",
    "claims.huge.exists(z, z == '')|| true", "claims.huge.map(z, z + x).size() > 0", "claims.map.all(z, z != '')",
    "[x, x, x, x, x, x, x, x].size() > 0", "{'a': x, 'b': x, 'c': x, 'd': x, 'e': x}.size() > 0", "[[[[[[[[x]]]]]]]].size() > 0",
    "claims.missing || true", "claims[x] == 1 || true", "1 / 0 > 0 || true", "claims.huge[10001] == x || true",
    "claims.?missing.orValue(x) != ''", "optional.of(claims.huge).orValue([]).size() > 0", "optional.of(x).optMap(z, z + z).hasValue()",
    "claims.map[?x].hasValue()", "(claims.commas.split(',') + []).size() > 0", "-(-(-(-1))) == 1 ? true : !x.startsWith('z')",
    "dyn(claims.huge).first().hasValue()", "claims.s64 in {'b': 1} == false"};

/// An expression that does `work` a hundred million times, if it may.
inline std::string again_and_again(std::string_view work) { return "claims.huge.all(w, claims.huge.all(x, " + std::string(work) + "))"; }

/// Whole expressions.
inline constexpr std::string_view kHostileWholes[] = {
    "claims.huge.map(x, claims.huge)",
    "claims.huge.map(x, claims.huge) == claims.huge.map(x, claims.huge)",
    "'%s'.format([claims.huge.map(x, claims.huge)])",
    "claims.huge.map(x, claims.map)",
    "claims.huge.map(x, [claims.s64])",
    "claims.huge.map(x, claims.huge.map(y, x + y))",
    "claims.huge.map(x, {x: claims.lists})",
    "claims.huge.map(x, claims.s64 + '')",
    "claims.huge.map(x, claims.s64.split('', 9000))",
    "claims.huge.map(x, claims.s32 + x)",
    "claims.huge.map(x, bytes(claims.s64))",
    "[claims.huge, claims.huge, claims.huge, claims.huge].map(a, [a, a, a, a]).map(b, [b, b, b, b]).map(c, [c, c, c, c])",
    "sets.equivalent(claims.huge, claims.twin.map(x, x + ''))",
    "claims.huge.map(x, optional.of(claims.huge))",
    "claims.huge.map(x, claims.huge.map(y, [y]))",
    "claims.huge.map(x, x.reverse() + x)",
    "claims.huge.map(x, x.split(''))",
    "claims.huge.map(x, strings.quote(x))",
    "claims.huge.map(x, '%s%s'.format([x, x]))",
    "claims.huge.map(x, {x: {x: {x: x}}})",
    "claims.huge.map(x, x.split('').map(y, y.split('')))"};

}  // namespace portcullis::cel
