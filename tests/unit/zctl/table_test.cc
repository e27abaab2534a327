#include "client/zctl/table.h"

#include <gtest/gtest.h>

#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

using Align = Table::Align;

TEST(TableTest, AlignsLeftAndRight) {
  Table table({{.title = "NAME"}, {.title = "N", .align = Align::kRight}, {.title = "X"}});
  table.AddRow({{"a"}, {"1"}, {"x"}});
  table.AddRow({{"bcdef"}, {"234"}, {"y"}});
  EXPECT_EQ(table.Render(Plain()),
            "NAME     N  X\n"
            "a        1  x\n"
            "bcdef  234  y\n");
}

TEST(TableTest, HasNoTitleLineWithoutTitles) {
  Table table({{}, {}}, 2);
  table.AddRow({{"a"}, {"b"}});
  EXPECT_EQ(table.Render(Plain()), "  a  b\n");
}

TEST(TableTest, LeavesOutEmptyColumns) {
  Table table({{.title = "A"}, {.title = "PARENT"}, {.title = "B"}});
  table.AddRow({{"1"}, {""}, {"2"}});
  EXPECT_EQ(table.Render(Plain()), "A  B\n1  2\n");
}

TEST(TableTest, LeavesOutWhatEveryRowSays) {
  Table table({{.title = "A"}, {.title = "ACCOUNT", .only_if_varied = true}});
  table.AddRow({{"1"}, {"default"}});
  table.AddRow({{"2"}, {"default"}});
  EXPECT_EQ(table.Render(Plain()), "A\n1\n2\n");
}

TEST(TableTest, AnEmptyCellIsNoVariation) {
  Table table({{.title = "A"}, {.title = "PRIORITY", .only_if_varied = true}});
  table.AddRow({{"1"}, {""}});
  table.AddRow({{"2"}, {"normal"}});
  EXPECT_EQ(table.Render(Plain()), "A\n1\n2\n");
}

TEST(TableTest, KeepsWhatVaries) {
  Table table({{.title = "A"}, {.title = "ACCOUNT", .only_if_varied = true}});
  table.AddRow({{"1"}, {"home"}});
  table.AddRow({{"2"}, {"work"}});
  EXPECT_EQ(table.Render(Plain()), "A  ACCOUNT\n1  home\n2  work\n");
}

TEST(TableTest, LinesHaveNoSpacesAtTheEnd) {
  Table table({{.title = "LONG"}, {.title = "B"}});
  table.AddRow({{"1"}, {""}});
  table.AddRow({{"2"}, {"b"}});
  EXPECT_EQ(table.Render(Plain()), "LONG  B\n1\n2     b\n");
}

TEST(TableTest, CutsTheWidestColumnFirst) {
  Table table({{.title = "A", .width_min = 3}, {.title = "B", .width_min = 3}});
  table.AddRow({{"abcdef"}, {"abcdefghij"}});
  EXPECT_EQ(table.Render(Plain(14)), "A       B\nabcdef  abcde…\n");
}

TEST(TableTest, CutsTheLastOnesOnlyWhenItMust) {
  Table table({{.title = "A", .width_min = 3}, {.title = "B", .width_min = 3, .cut_last = true}});
  table.AddRow({{"abcdef"}, {"abcdefghij"}});
  EXPECT_EQ(table.Render(Plain(15)), "A    B\nab…  abcdefghij\n");
  EXPECT_EQ(table.Render(Plain(12)), "A    B\nab…  abcdef…\n");
}

TEST(TableTest, LeavesOutTheLastResortAfterAllThatIsSpare) {
  Table table(
      {{.title = "A"}, {.title = "BB", .spare = true}, {.title = "CC", .spare_last = true}});
  table.AddRow({{"1"}, {"2"}, {"3"}});
  EXPECT_EQ(table.Render(Plain(9)), "A  BB  CC\n1  2   3\n");
  EXPECT_EQ(table.Render(Plain(8)), "A  CC\n1  3\n");
  EXPECT_EQ(table.Render(Plain(4)), "A\n1\n");
}

TEST(TableTest, LeavesOutSpareColumnsLastFirst) {
  Table table({{.title = "A"}, {.title = "BB", .spare = true}, {.title = "CC", .spare = true}});
  table.AddRow({{"a"}, {"bb"}, {"cc"}});
  EXPECT_EQ(table.Render(Plain(9)), "A  BB  CC\na  bb  cc\n");
  EXPECT_EQ(table.Render(Plain(8)), "A  BB\na  bb\n");
  EXPECT_EQ(table.Render(Plain(4)), "A\na\n");
}

TEST(TableTest, LongNameIsCutHoweverMuchRoomThereIs) {
  Table table({{.title = "SESSION", .width_min = 8},
               {.title = "N"},
               {.title = "WHY", .width_min = 8, .cut_last = true}});
  const std::string uuid = "123e4567-e89b-12d3-a456-426614174000";
  const std::string why(50, 'w');
  table.AddRow({{uuid}, {"1"}, {why}});
  table.AddRow({{std::string(256, 'x')}, {"2"}, {"y"}});
  EXPECT_EQ(table.Render(Plain()), "SESSION                                   N  WHY\n" + uuid +
                                       "      1  " + why + "\n" + std::string(39, 'x') +
                                       "…  2  y\n");
}

TEST(TableTest, NeverCutsAColumnWithoutALeastWidth) {
  Table table({{.title = "LEASE"}});
  table.AddRow({{"1234567890"}});
  EXPECT_EQ(table.Render(Plain(4)), "LEASE\n1234567890\n");
}

TEST(TableTest, WideCharactersKeepTheAlignment) {
  Table table({{.title = "NAME"}, {.title = "X"}});
  table.AddRow({{"智谱"}, {"x"}});
  table.AddRow({{"für"}, {"y"}});
  EXPECT_EQ(table.Render(Plain()), "NAME  X\n智谱  x\nfür   y\n");
}

TEST(TableTest, ColorDoesNotCountAsWidth) {
  Table table(std::vector<Table::Column>(2));
  table.AddRow({{"a", Paint::kGood}, {"x"}});
  table.AddRow({{"bbb"}, {"y"}});
  ViewOptions options = Plain();
  options.color = true;
  EXPECT_EQ(table.Render(options), "\x1b[32ma\x1b[0m    x\nbbb  y\n");
}

}  // namespace
}  // namespace zbroker::zctl
