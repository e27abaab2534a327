#include "shims/gateway/acquire.h"

namespace zbroker::gateway {
namespace {

v1::Kind ToKind(zai::Kind kind) {
  switch (kind) {
    case zai::Kind::kPrompt:
      return v1::KIND_PROMPT;
    case zai::Kind::kCall:
      return v1::KIND_CALL;
    case zai::Kind::kMcp:
      return v1::KIND_MCP;
  }
  return v1::KIND_CALL;
}

}  // namespace

v1::Acquire AcquireFor(const v1::Acquire& terms, const zai::Inspection& inspection,
                       const Caller& caller) {
  v1::Acquire acquire = terms;
  acquire.set_model(inspection.model);
  acquire.set_kind(ToKind(inspection.kind));
  if (inspection.background) {
    acquire.set_background(true);
    // What a program was given does not lift what it does on the side.
    if (acquire.priority() != v1::PRIORITY_BACKGROUND) acquire.clear_priority();
  }
  if (!inspection.session.empty()) {
    acquire.set_session(inspection.session);
    acquire.set_parent_session(inspection.parent_session);
  } else if (acquire.session().empty()) {
    acquire.set_session(caller.name);
  }
  // A long-lived gateway serves programs that it knows nothing of itself, under leases or not.
  acquire.set_program(caller.program);
  acquire.set_program_pid(caller.pid);
  acquire.set_project(caller.project);
  if (caller.parent != 0) acquire.set_parent_lease_id(caller.parent);
  return acquire;
}

}  // namespace zbroker::gateway
