#include "plugin/cli/table.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

TEST(CliTable, AlignsColumnsWithoutTrailingBlanks) {
  Table table({"ID", "TYPE"});
  table.add({"a-long-id", "RSA"});
  table.add({"b", ""});

  EXPECT_EQ(table.text(), "ID         TYPE\na-long-id  RSA\nb\n");
}

TEST(CliTable, CountsCodePointsNotBytes) {
  Table table({"ID", "TYPE"});
  table.add({"schlüssel", "RSA"});
  table.add({"123456789", "EC"});

  EXPECT_EQ(table.text(), "ID         TYPE\nschlüssel  RSA\n123456789  EC\n");
}

TEST(CliTable, FillsShortRowsAndCutsLongOnes) {
  Table table({"A", "B"});
  table.add({"1"});
  table.add({"1", "2", "3"});

  EXPECT_EQ(table.markdown(), "| A | B |\n| --- | --- |\n| 1 |  |\n| 1 | 2 |\n");
}

TEST(CliTable, EscapesWhatMarkdownWouldSwallow) {
  Table table({"PATH"});
  table.add({"/v2/<name>|x"});

  EXPECT_EQ(table.markdown(), "| PATH |\n| --- |\n| /v2/\\<name>\\|x |\n");
}

}  // namespace
}  // namespace portcullis
