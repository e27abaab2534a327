// What a gate is. Of gates.cc and explain.cc alone.
#ifndef ZBROKER_DAEMON_CORE_GATE_LIST_H_
#define ZBROKER_DAEMON_CORE_GATE_LIST_H_

#include <string>

#include "daemon/core/account.h"

namespace zbroker::core {

struct Account::Gate {
  GateName name;
  bool (*shut)(const Account&, const Asking&, const Terms&);
  // Of one that is shut: what a waiter is told. The position is there already.
  void (*tell)(const Account&, const Waiter&, const Terms&, WaitState&);
  // Of one that is open: how it stands.
  std::string (*stands)(const Account&, const Waiter&, const Terms&);
  // Of one that is shut: what opens it, besides time.
  std::string (*opens)(const Account&, const Waiter&);
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_GATE_LIST_H_
