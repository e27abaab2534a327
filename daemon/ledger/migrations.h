// The SQL that makes the tables, and a newer version of them from each older one. What they mean is
// in FORMAT.md.
#ifndef ZBROKER_DAEMON_LEDGER_MIGRATIONS_H_
#define ZBROKER_DAEMON_LEDGER_MIGRATIONS_H_

namespace zbroker::ledger::sql {

// One script per version, in order; the first makes version 1. Never change one that was released.
inline constexpr const char* kMigrations[] = {
    R"(
  PRAGMA application_id = 0x7A62726B;
  CREATE TABLE boot (
    boot          INTEGER PRIMARY KEY,
    boot_id       TEXT    NOT NULL UNIQUE,
    offset_us     INTEGER NOT NULL,
    correction_us INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE account (
    account    TEXT    NOT NULL PRIMARY KEY,
    slot_limit INTEGER,
    paused     INTEGER NOT NULL,
    granted    INTEGER NOT NULL,
    throttled  INTEGER NOT NULL,
    lost       INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE lease (
    lease         INTEGER PRIMARY KEY,
    ticket        TEXT    NOT NULL,
    account       TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    priority      TEXT    NOT NULL,
    weight_micros INTEGER NOT NULL,
    session       TEXT    NOT NULL,
    parent        INTEGER NOT NULL,
    ttl_us        INTEGER NOT NULL,
    program       TEXT    NOT NULL,
    pid           INTEGER NOT NULL,
    uid           INTEGER NOT NULL,
    start_ticks   INTEGER NOT NULL,
    boot          INTEGER NOT NULL,
    queued_us     INTEGER NOT NULL,
    granted_us    INTEGER NOT NULL,
    closed_us     INTEGER,
    outcome       TEXT,
    upstream_code TEXT    NOT NULL,
    detail        TEXT    NOT NULL
  ) STRICT;
  CREATE INDEX lease_open ON lease (lease) WHERE closed_us IS NULL;
  CREATE INDEX lease_granted ON lease (boot, granted_us);
  CREATE TABLE charge (
    account       TEXT    NOT NULL,
    window        TEXT    NOT NULL,
    at_us         INTEGER NOT NULL,
    lease         INTEGER NOT NULL,
    boot          INTEGER NOT NULL,
    amount_micros INTEGER NOT NULL,
    PRIMARY KEY (account, window, at_us, lease)
  ) STRICT, WITHOUT ROWID)",
    R"(
  ALTER TABLE lease ADD COLUMN attempt       INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE lease ADD COLUMN first_byte_us INTEGER;
  ALTER TABLE lease ADD COLUMN http_status   INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lease ADD COLUMN input_tokens  INTEGER;
  ALTER TABLE lease ADD COLUMN cached_tokens INTEGER;
  ALTER TABLE lease ADD COLUMN output_tokens INTEGER;
  CREATE TABLE block (
    account       TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    scope         TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    boot          INTEGER NOT NULL,
    since_us      INTEGER NOT NULL,
    until_us      INTEGER NOT NULL,
    step          INTEGER NOT NULL,
    upstream_code TEXT    NOT NULL,
    detail        TEXT    NOT NULL,
    PRIMARY KEY (account, reason, scope, model, kind)
  ) STRICT, WITHOUT ROWID)",
    R"(
  ALTER TABLE account ADD COLUMN shadow_waits     INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE account ADD COLUMN shadow_waited_us INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE learned (
    account      TEXT    NOT NULL,
    hours        TEXT    NOT NULL,
    boot         INTEGER NOT NULL,
    start        INTEGER NOT NULL,
    slot_limit   INTEGER NOT NULL,
    ceiling      INTEGER NOT NULL,
    confirmed_us INTEGER NOT NULL,
    interval_us  INTEGER NOT NULL,
    changed_us   INTEGER NOT NULL,
    why          TEXT    NOT NULL,
    PRIMARY KEY (account, hours)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE reset (
    account TEXT    NOT NULL,
    window  TEXT    NOT NULL,
    boot    INTEGER NOT NULL,
    at_us   INTEGER NOT NULL,
    PRIMARY KEY (account, window)
  ) STRICT, WITHOUT ROWID)",
    R"(
  CREATE TABLE mark (
    mark       INTEGER PRIMARY KEY CHECK (mark = 1),
    open_from  INTEGER NOT NULL,
    counted_to INTEGER NOT NULL
  ) STRICT;
  DROP INDEX lease_open)",
    R"(
  ALTER TABLE lease ADD COLUMN served_model TEXT NOT NULL DEFAULT '')",
    R"(
  ALTER TABLE lease ADD COLUMN for_program TEXT    NOT NULL DEFAULT '';
  ALTER TABLE lease ADD COLUMN for_pid     INTEGER NOT NULL DEFAULT 0)",
    R"(
  CREATE TABLE learned_limit (
    account      TEXT    NOT NULL,
    model        TEXT    NOT NULL,
    hours        TEXT    NOT NULL,
    boot         INTEGER NOT NULL,
    start        INTEGER NOT NULL,
    slot_limit   INTEGER NOT NULL,
    ceiling      INTEGER NOT NULL,
    confirmed_us INTEGER NOT NULL,
    interval_us  INTEGER NOT NULL,
    changed_us   INTEGER NOT NULL,
    why          TEXT    NOT NULL,
    PRIMARY KEY (account, model, hours)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO learned_limit (account, model, hours, boot, start, slot_limit, ceiling, confirmed_us,
                             interval_us, changed_us, why)
  SELECT account, '', hours, boot, start, slot_limit, ceiling, confirmed_us, interval_us,
         changed_us, why
  FROM learned ORDER BY account, hours;
  DROP TABLE learned;
  CREATE TABLE pinned_limit (
    account    TEXT    NOT NULL,
    model      TEXT    NOT NULL,
    slot_limit INTEGER NOT NULL,
    PRIMARY KEY (account, model)
  ) STRICT, WITHOUT ROWID)",
    R"(
  CREATE TABLE pause (
    account  TEXT    NOT NULL,
    priority TEXT    NOT NULL,
    session  TEXT    NOT NULL,
    program  TEXT    NOT NULL,
    boot     INTEGER NOT NULL,
    until_us INTEGER,
    PRIMARY KEY (account, priority, session, program)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO pause (account, priority, session, program, boot, until_us)
  SELECT account, '', '', '', 0, NULL FROM account WHERE paused = 1 ORDER BY account;
  ALTER TABLE account DROP COLUMN paused)",
    R"(
  CREATE TABLE foreign_charge (
    account       TEXT    NOT NULL,
    window        TEXT    NOT NULL,
    at_us         INTEGER NOT NULL,
    boot          INTEGER NOT NULL,
    amount_micros INTEGER NOT NULL,
    over_us       INTEGER,
    PRIMARY KEY (account, window, at_us, boot)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE meter (
    account        TEXT    NOT NULL,
    position       INTEGER NOT NULL,
    boot           INTEGER NOT NULL,
    asked_us       INTEGER NOT NULL,
    unit           TEXT    NOT NULL,
    length_us      INTEGER NOT NULL,
    months         INTEGER NOT NULL,
    percent_micros INTEGER NOT NULL,
    used_micros    INTEGER,
    limit_micros   INTEGER,
    reset_us       INTEGER,
    used_up        INTEGER NOT NULL,
    PRIMARY KEY (account, position)
  ) STRICT, WITHOUT ROWID)",
    R"(
  CREATE TABLE event (
    event         INTEGER PRIMARY KEY AUTOINCREMENT,
    boot          INTEGER NOT NULL,
    at_us         INTEGER NOT NULL,
    account       TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    until_us      INTEGER,
    lease         INTEGER NOT NULL,
    upstream_code TEXT    NOT NULL,
    detail        TEXT    NOT NULL,
    open          INTEGER NOT NULL,
    UNIQUE (boot, at_us, account, kind, subject)
  ) STRICT;
  CREATE INDEX event_open ON event (account) WHERE open = 1;
  CREATE TABLE hook_mark (
    mark INTEGER PRIMARY KEY,
    told INTEGER NOT NULL
  ) STRICT;
  INSERT INTO hook_mark (mark, told) VALUES (1, 0))",
    R"(
  ALTER TABLE lease ADD COLUMN project TEXT NOT NULL DEFAULT '')",
};

}  // namespace zbroker::ledger::sql

#endif  // ZBROKER_DAEMON_LEDGER_MIGRATIONS_H_
