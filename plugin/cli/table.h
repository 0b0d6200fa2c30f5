// Aligned columns for people, and the same rows as a Markdown table for the documentation.
#pragma once

#include <string>
#include <vector>

namespace portcullis {

/// Rows under one heading. Rows shorter than the heading are filled with empty cells; longer ones are cut.
class Table {
 public:
  explicit Table(std::vector<std::string> heading);
  void add(std::vector<std::string> row);

  /// Columns two blanks apart, no blank at the end of a line, one newline behind each.
  [[nodiscard]] std::string text() const;
  /// A GitHub-flavoured Markdown table; `|` and `<` in cells are escaped, so that a path's `<name>` stays visible.
  [[nodiscard]] std::string markdown() const;

 private:
  std::vector<std::string> heading_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace portcullis
