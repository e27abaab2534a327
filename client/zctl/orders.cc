// What changes the broker's mind.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <memory>
#include <string>

#include "client/zctl/arguments.h"
#include "client/zctl/subcommands.h"

namespace zbroker::zctl {
namespace {

// A way to say what the limit is to be.
CLI::App* AddLimitOrder(CLI::App* parent, const Subcommands::Texts& texts,
                        const std::shared_ptr<SetLimitCommand>& command) {
  CLI::App* sub = Subcommands::Add(parent, texts, nullptr);
  AddAccount(sub, &command->account, "Of this account (default: the default account)");
  AddName(sub, "--model", &command->model,
          "Of this model inside the account, or of the pool\nthat learns with it");
  sub->add_flag("--dry-run", command->dry_run, "Only say what the limit would be");
  AddJson(sub, &command->json);
  return sub;
}

void AddLimit(Subcommands& subcommands) {
  auto show = std::make_shared<ShowLimitCommand>();
  CLI::App* sub =
      subcommands.Add({"limit", "The slot limits: what they are and why; or pin one",
                       "  zctl limit           what was learned, when and why\n"
                       "  zctl limit --json | jq '.accounts[0].slots.learned_limits'\n"
                       "  zctl limit set 4     pin it, whatever was configured or learned\n"
                       "  zctl limit auto      unpin it: as configured and learned again\n"
                       "  zctl limit set 1 --model glm-5"},
                      show);
  AddAccount(sub, &show->account, "Only this account");
  AddJson(sub, &show->json);

  auto set = std::make_shared<SetLimitCommand>();
  CLI::App* set_sub = AddLimitOrder(sub,
                                    {"set", "Pin the slot limit, or unpin it",
                                     "  zctl limit set 4\n"
                                     "  zctl limit set 4 --account work\n"
                                     "  zctl limit set 1 --dry-run\n"
                                     "  zctl limit set 1 --model glm-5"},
                                    set);
  AddRead(
      set_sub, "limit", [set](const auto& text) { return ReadSlotLimit(text, &set->limit); },
      "1 to 1000, or auto: as configured and learned")
      ->required()
      ->type_name("N|auto");
  // What it is without a number.
  AddLimitOrder(sub,
                {"auto", "Unpin the slot limit: as configured and learned",
                 "  zctl limit auto\n"
                 "  zctl limit auto --account work\n"
                 "  zctl limit auto --model glm-5"},
                set);
  sub->require_subcommand(0, 1);
  // The parent's callback comes last and has the last word.
  sub->callback([&subcommands, sub, show, set] {
    if (set->account.empty()) set->account = show->account;
    set->json = set->json || show->json;
    if (sub->get_subcommands().empty()) {
      subcommands.Choose(*show);
    } else {
      subcommands.Choose(*set);
    }
  });
}

// `part` is of a command that lives as long as the parser.
void AddPart(CLI::App* sub, std::function<v1::Part&()> part) {
  AddRead(
      sub, "--priority",
      [part](const auto& text) {
        v1::Priority priority = v1::PRIORITY_UNSPECIFIED;
        const absl::Status read = ReadPriority(text, &priority);
        part().set_priority(priority);
        return read;
      },
      "Only work of this priority: interactive, normal or background")
      ->type_name("WORD");
  AddName(sub, "--session", part().mutable_session(), "Only work of this session");
  AddName(sub, "--program", part().mutable_program(),
          "Only work of this program, as `zctl queue` shows it");
}

void AddPauseAndResume(Subcommands& subcommands) {
  const std::string description = "This account (default: the default account)";
  auto pause = std::make_shared<PauseCommand>();
  CLI::App* pause_sub = subcommands.Add(
      {"pause", "Stop granting; leases go on, waiters keep their places",
       "  zctl pause\n"
       "  zctl pause --account work --until 18:00\n"
       "  zctl pause --priority background --until 2h    only what nobody waits for"},
      pause);
  AddAccount(pause_sub, &pause->account, description);
  AddPart(pause_sub, [pause]() -> v1::Part& { return pause->part; });
  AddRead(
      pause_sub, "--until", [pause](const auto& text) { return ReadInstant(text, &pause->until); },
      "Resume at this time: 18:00, 2h, a date (default: `zctl resume`)")
      ->type_name("TIME");
  AddJson(pause_sub, &pause->json);
  auto resume = std::make_shared<ResumeCommand>();
  CLI::App* resume_sub =
      subcommands.Add({"resume", "Grant again; ends all pauses, cool-downs, overloads and walls",
                       "  zctl resume\n"
                       "  zctl resume --account work\n"
                       "  zctl resume --priority background    only that pause, and nothing else"},
                      resume);
  AddAccount(resume_sub, &resume->account, description);
  AddPart(resume_sub, [resume]() -> v1::Part& { return resume->part; });
  resume_sub->add_flag("--end-breaker", resume->end_breaker,
                       "End a breaker too; trying during the silence that the upstream\n"
                       "demands may prolong it, or cost the account");
  AddJson(resume_sub, &resume->json);
}

void AddRevoke(Subcommands& subcommands) {
  auto command = std::make_shared<RevokeCommand>();
  CLI::App* sub = subcommands.Add({"revoke", "Take a lease away from its holder",
                                   "  zctl revoke 1041    the number is in 'zctl status'"},
                                  command);
  AddRead(
      sub, "lease", [command](const auto& text) { return ReadLeaseId(text, &command->lease_id); },
      "Number of the lease")
      ->required()
      ->type_name("LEASE");
  AddJson(sub, &command->json);
}

void AddReload(Subcommands& subcommands) {
  auto command = std::make_shared<ReloadCommand>();
  CLI::App* sub = subcommands.Add(
      {"reload", "Read the configuration file again; the old one stays if it is not valid",
       "  zctl reload\n"
       "  zctl reload --check    what it would change, or why it would be refused"},
      command);
  sub->add_flag("--check", command->check, "Only say what would change");
  AddJson(sub, &command->json);
}

}  // namespace

void DeclareOrders(Subcommands& subcommands) {
  AddLimit(subcommands);
  AddPauseAndResume(subcommands);
  AddRevoke(subcommands);
  AddReload(subcommands);
}

}  // namespace zbroker::zctl
