#include "shims/tools/surroundings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::tools {
namespace {

using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;

class SurroundingsTest : public ::testing::Test {
 protected:
  const testing::TempDir dir_;
  const std::unique_ptr<Surroundings> machine_ = Surroundings::OfProcess();
};

TEST_F(SurroundingsTest, ReadsAFile) {
  testing::WriteFile(dir_.File("a"), std::string("x\0y", 3));
  EXPECT_EQ(*machine_->ReadFile(dir_.File("a")), std::string("x\0y", 3));
}

TEST_F(SurroundingsTest, AbsentFileIsNotFound) {
  EXPECT_THAT(machine_->ReadFile(dir_.File("a")), HasCode(absl::StatusCode::kNotFound));
  testing::WriteFile(dir_.File("a"), "");
  EXPECT_THAT(machine_->ReadFile(dir_.File("a/b")), HasCode(absl::StatusCode::kNotFound));
}

TEST_F(SurroundingsTest, PipeOrDirectoryIsNotWaitedFor) {
  ASSERT_EQ(mkfifo(dir_.File("pipe").c_str(), 0600), 0);
  EXPECT_THAT(machine_->ReadFile(dir_.File("pipe")),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("pipe: is not a file")));
  EXPECT_THAT(machine_->ReadFile(dir_.path()), HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(SurroundingsTest, HugeFileIsRefused) {
  testing::WriteFile(dir_.File("a"), "x");
  std::filesystem::resize_file(dir_.File("a"), Surroundings::kFileBytesMax);
  const auto largest = machine_->ReadFile(dir_.File("a"));
  ASSERT_OK(largest.status());
  EXPECT_EQ(largest->size(), Surroundings::kFileBytesMax);
  std::filesystem::resize_file(dir_.File("a"), Surroundings::kFileBytesMax + 1);
  EXPECT_THAT(machine_->ReadFile(dir_.File("a")),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("more than 67108864 bytes")));
}

TEST_F(SurroundingsTest, FileThatSaysNothingOfItsLengthIsReadToItsEnd) {
  const auto text = machine_->ReadFile("/proc/self/smaps");
  ASSERT_OK(text.status());
  EXPECT_GT(text->size(), 20'000u) << "more than is read at once";
}

TEST_F(SurroundingsTest, ListsADirectoryInOrder) {
  testing::WriteFile(dir_.File("b"), "");
  testing::WriteFile(dir_.File("a"), "");
  EXPECT_THAT(machine_->ListDirectory(dir_.path()), ::testing::ElementsAre(".", "..", "a", "b"));
  EXPECT_THAT(machine_->ListDirectory(dir_.File("absent")), ::testing::IsEmpty());
}

}  // namespace
}  // namespace zbroker::tools
