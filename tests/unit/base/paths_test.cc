#include "client/base/paths.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "tests/testing/ordinary_user.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker {
namespace {

using ::testing::EndsWith;
using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

// Starts each test without any variable that matters, and puts them all back.
class PathsTest : public ::testing::Test {
 protected:
  PathsTest() {
    for (const char* name : {"HOME", "ZBROKER_STATE_DIR", "ZBROKER_SOCKET", "ZBROKER_CONFIG"}) {
      const char* value = getenv(name);
      before_[name] = value == nullptr ? std::nullopt : std::optional<std::string>(value);
      unsetenv(name);
    }
  }
  ~PathsTest() override {
    for (const auto& [name, value] : before_) {
      if (value) {
        setenv(name.c_str(), value->c_str(), 1);
      } else {
        unsetenv(name.c_str());
      }
    }
  }

  static void Set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }

  static std::string MakeConfig(const std::string& home) {
    const std::string path = home + "/.config/zbroker/config.toml";
    std::filesystem::create_directories(home + "/.config/zbroker");
    testing::WriteFile(path, "");
    return path;
  }

  testing::TempDir dir_;

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(PathsTest, HomeIsWhatTheEnvironmentSays) {
  Set("HOME", "/somewhere");
  EXPECT_EQ(*HomeDirectory(), "/somewhere");
}

TEST_F(PathsTest, WithoutHomeThePasswordDatabaseDecides) {
  const passwd* entry = getpwuid(geteuid());
  if (entry == nullptr) {
    EXPECT_THAT(HomeDirectory(), Fails(kRefused, HasSubstr("set HOME")));
  } else {
    EXPECT_EQ(*HomeDirectory(), entry->pw_dir);
    Set("HOME", "");
    EXPECT_EQ(*HomeDirectory(), entry->pw_dir);
  }
}

TEST_F(PathsTest, StateIsBelowHomeUnlessNamed) {
  Set("HOME", "/h");
  EXPECT_EQ(*StateDirectory(), "/h/.local/state/zbroker");
  Set("ZBROKER_STATE_DIR", "/s");
  EXPECT_EQ(*StateDirectory(), "/s");
  Set("ZBROKER_STATE_DIR", "");
  EXPECT_EQ(*StateDirectory(), "/h/.local/state/zbroker");
}

TEST_F(PathsTest, NamedSocketWinsOverEverything) {
  Set("ZBROKER_STATE_DIR", "/s");
  Set("ZBROKER_SOCKET", "/x.sock");
  EXPECT_EQ(*SocketPath(), "/x.sock");
}

TEST_F(PathsTest, NamedStateDirectoryHoldsTheSocket) {
  Set("ZBROKER_STATE_DIR", "/s");
  EXPECT_EQ(*SocketPath(), "/s/broker.sock");
}

// A daemon that is started with it works elsewhere.
TEST_F(PathsTest, RelativePathIsRefused) {
  Set("ZBROKER_STATE_DIR", "state");
  EXPECT_THAT(StateDirectory(), Fails(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("ZBROKER_STATE_DIR=state is no absolute path")));
  Set("ZBROKER_SOCKET", "broker.sock");
  EXPECT_THAT(SocketPath(), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(PathsTest, MachineWideSocketComesBeforeOnesOwn) {
  Set("HOME", "/h");
  const std::string machine(kSystemSocket);
  EXPECT_EQ(*SocketPath(),
            std::filesystem::exists(machine) ? machine : "/h/.local/state/zbroker/broker.sock");
}

TEST_F(PathsTest, NamedConfigurationNeedNotExist) {
  Set("HOME", dir_.path());
  MakeConfig(dir_.path());
  Set("ZBROKER_CONFIG", "/nowhere/config.toml");
  EXPECT_EQ(ConfigPath(), "/nowhere/config.toml");
}

TEST_F(PathsTest, ConfigurationBelowHomeIsFoundIfPresent) {
  Set("HOME", dir_.path());
  const std::string machine = "/etc/zbroker/config.toml";
  EXPECT_EQ(ConfigPath(), std::filesystem::exists(machine) ? machine : "");
  const std::string own = MakeConfig(dir_.path());
  EXPECT_EQ(ConfigPath(), own);
}

TEST_F(PathsTest, AConfigurationThatIsHiddenFromUsIsNotTakenForNone) {
  Set("HOME", dir_.path());
  const std::string own = MakeConfig(dir_.path());
  const std::string folder = std::filesystem::path(own).parent_path();
  std::filesystem::permissions(folder, std::filesystem::perms::none);
  {
    const testing::AsOrdinaryUser somebody(dir_);
    EXPECT_EQ(ConfigPath(), own);
  }
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
}

TEST_F(PathsTest, ExecutableDirectoryIsWhereTheTestIs) {
  EXPECT_EQ(ExecutableDirectory(), std::filesystem::read_symlink("/proc/self/exe").parent_path());
}

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

class PrivateDirectoryTest : public ::testing::Test {
 protected:
  // Made with exactly this mode, whatever the umask.
  std::string Directory(const std::string& name, mode_t mode) {
    const std::string path = dir_.File(name);
    EXPECT_EQ(mkdir(path.c_str(), 0700), 0);
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }

  testing::TempDir dir_;
};

TEST_F(PrivateDirectoryTest, IsMadeWithItsParentsForUsAlone) {
  const std::string path = dir_.File("a/bc/d");
  EXPECT_OK(PreparePrivateDirectory(path));
  EXPECT_EQ(ModeOf(path), 0700);
  EXPECT_EQ(ModeOf(dir_.File("a")), 0700);
}

TEST_F(PrivateDirectoryTest, MayBeRelative) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(dir_.path());
  EXPECT_OK(PreparePrivateDirectory("s/x"));
  EXPECT_OK(PreparePrivateDirectory("t/"));
  std::filesystem::current_path(before);
  EXPECT_EQ(ModeOf(dir_.File("s/x")), 0700);
  EXPECT_EQ(ModeOf(dir_.File("t")), 0700);
}

TEST_F(PrivateDirectoryTest, IsTakenAsItIsWhenItExists) {
  const std::string path = Directory("d", 0755);
  EXPECT_OK(PreparePrivateDirectory(path));
  EXPECT_EQ(ModeOf(path), 0755);
}

TEST_F(PrivateDirectoryTest, AFileIsRefused) {
  const std::string path = dir_.File("f");
  testing::WriteFile(path, "");
  EXPECT_THAT(PreparePrivateDirectory(path), Fails(kRefused, EndsWith("f is not a directory")));
}

TEST_F(PrivateDirectoryTest, AFileAmongTheParentsIsRefused) {
  testing::WriteFile(dir_.File("f"), "");
  EXPECT_THAT(PreparePrivateDirectory(dir_.File("f/d")), Fails(kRefused, HasSubstr("f/d")));
}

TEST_F(PrivateDirectoryTest, OneThatOthersMayWriteToIsRefused) {
  EXPECT_THAT(PreparePrivateDirectory(Directory("g", 0770)),
              Fails(kRefused, HasSubstr("chmod go-w")));
  EXPECT_THAT(PreparePrivateDirectory(Directory("o", 0702)),
              Fails(kRefused, HasSubstr("chmod go-w")));
}

TEST_F(PrivateDirectoryTest, SomebodyElsesIsRefused) {
  // Where we are root a directory can be given away; else the root directory is not ours.
  std::string path = "/";
  if (geteuid() == 0) {
    path = Directory("d", 0700);
    ASSERT_EQ(chown(path.c_str(), testing::AsOrdinaryUser::kNobody, static_cast<gid_t>(-1)), 0);
  }
  EXPECT_THAT(PreparePrivateDirectory(path), Fails(kRefused, HasSubstr("not to us")));
}

TEST_F(PrivateDirectoryTest, OneThatIsNotWritableIsRefused) {
  const testing::AsOrdinaryUser user(dir_);
  EXPECT_THAT(PreparePrivateDirectory(Directory("d", 0500)),
              Fails(absl::StatusCode::kPermissionDenied, HasSubstr("d is not writable")));
}

TEST_F(PrivateDirectoryTest, ParentsThatAreNotWritableAreAMatterOfPermission) {
  const testing::AsOrdinaryUser user(dir_);
  EXPECT_THAT(PreparePrivateDirectory(Directory("d", 0500) + "/e"),
              HasCode(absl::StatusCode::kPermissionDenied));
}

}  // namespace
}  // namespace zbroker
