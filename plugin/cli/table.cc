#include "plugin/cli/table.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace portcullis {
namespace {

constexpr std::string_view kGap = "  ";

/// Columns that `text` takes on a terminal: one for each code point, which is right for the Latin text that is printed here.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

void append_line(std::string& out, const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
  std::size_t pending = 0;
  for (std::size_t column = 0; column < row.size(); ++column) {
    if (!row[column].empty()) {
      out.append(pending, ' ');
      out += row[column];
      pending = 0;
    }
    pending += widths[column] - width_of(row[column]) + kGap.size();
  }
  out += '\n';
}

void append_markdown(std::string& out, const std::vector<std::string>& row) {
  out += '|';
  for (const std::string& cell : row) {
    out += ' ';
    for (const char byte : cell) {
      if (byte == '|' || byte == '<') out += '\\';
      out += byte;
    }
    out += " |";
  }
  out += '\n';
}

}  // namespace

Table::Table(std::vector<std::string> heading) : heading_(std::move(heading)) {}

void Table::add(std::vector<std::string> row) {
  row.resize(heading_.size());
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  widths.reserve(heading_.size());
  for (const std::string& title : heading_) widths.push_back(width_of(title));
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) widths[column] = std::max(widths[column], width_of(row[column]));
  }
  std::string out;
  append_line(out, heading_, widths);
  for (const auto& row : rows_) append_line(out, row, widths);
  return out;
}

std::string Table::markdown() const {
  std::string out;
  append_markdown(out, heading_);
  append_markdown(out, std::vector<std::string>(heading_.size(), "---"));
  for (const auto& row : rows_) append_markdown(out, row);
  return out;
}

}  // namespace portcullis
