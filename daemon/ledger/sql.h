// Every SQL statement of the project, but for those in migrations.h, which make the tables. What
// the tables and columns mean is in FORMAT.md.
#ifndef ZBROKER_DAEMON_LEDGER_SQL_H_
#define ZBROKER_DAEMON_LEDGER_SQL_H_

namespace zbroker::ledger::sql {

// "zbrk" in ASCII: tells our files from everybody else's.
inline constexpr int kApplicationId = 0x7A62726B;

inline constexpr char kGetApplicationId[] = "PRAGMA application_id";
inline constexpr char kGetUserVersion[] = "PRAGMA user_version";
inline constexpr char kCountTables[] = "SELECT count(*) FROM sqlite_schema";
inline constexpr char kGetPageCount[] = "PRAGMA page_count";
inline constexpr char kQuickCheck[] = "PRAGMA quick_check(1)";

inline constexpr char kWriterSettings[] = R"(
  PRAGMA journal_mode = WAL;
  PRAGMA wal_autocheckpoint = 1000;
  PRAGMA journal_size_limit = 16777216;
  PRAGMA foreign_keys = OFF;
  PRAGMA temp_store = MEMORY)";
inline constexpr char kReaderSettings[] = R"(
  PRAGMA query_only = ON;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA temp_store = MEMORY)";
inline constexpr char kSynchronousFull[] = "PRAGMA synchronous = FULL";
inline constexpr char kSynchronousNormal[] = "PRAGMA synchronous = NORMAL";

inline constexpr char kBegin[] = "BEGIN IMMEDIATE";
inline constexpr char kCommit[] = "COMMIT";
inline constexpr char kRollback[] = "ROLLBACK";

inline constexpr char kSelectBoot[] = R"(
  SELECT boot, offset_us, correction_us FROM boot WHERE boot_id = ?1 ORDER BY boot)";
inline constexpr char kInsertBoot[] = R"(
  INSERT INTO boot (boot_id, offset_us, correction_us) VALUES (?1, ?2, 0))";
inline constexpr char kUpdateCorrection[] = R"(
  UPDATE boot SET correction_us = ?2 WHERE boot = ?1)";
inline constexpr char kSelectLargestCorrection[] = R"(
  SELECT coalesce(max(correction_us), 0) FROM boot)";

// Does nothing when this very lease is there: a commit that failed may have reached the disk.
inline constexpr char kInsertLease[] = R"(
  INSERT INTO lease (lease, ticket, account, model, kind, priority, weight_micros, session, parent,
                     ttl_us, program, pid, uid, start_ticks, boot, queued_us, granted_us,
                     attempt, for_program, for_pid, project, closed_us, outcome, upstream_code,
                     detail)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
         ?19, ?20, ?21, NULL, NULL, '', ''
  WHERE NOT EXISTS (SELECT 1 FROM lease
                    WHERE lease = ?1 AND ticket = ?2 AND boot = ?15 AND granted_us = ?17))";
inline constexpr char kInsertCharge[] = R"(
  INSERT INTO charge (account, window, at_us, lease, boot, amount_micros)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6))";
inline constexpr char kCloseLease[] = R"(
  UPDATE lease SET closed_us = ?2, outcome = ?3, upstream_code = ?4, detail = ?5,
                   first_byte_us = ?6, http_status = ?7, input_tokens = ?8, cached_tokens = ?9,
                   output_tokens = ?10, served_model = ?11
  WHERE lease = ?1 AND closed_us IS NULL)";
inline constexpr char kSettleCharge[] = R"(
  INSERT INTO charge (account, window, at_us, lease, boot, amount_micros)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (account, window, at_us, lease) DO UPDATE SET amount_micros = excluded.amount_micros)";
inline constexpr char kDeleteCharge[] = R"(
  DELETE FROM charge WHERE account = ?1 AND window = ?2 AND at_us = ?3 AND lease = ?4)";
inline constexpr char kSetBlock[] = R"(
  INSERT OR REPLACE INTO block (account, reason, scope, model, kind, boot, since_us, until_us, step,
                                upstream_code, detail)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11))";
inline constexpr char kDeleteBlock[] = R"(
  DELETE FROM block
  WHERE account = ?1 AND reason = ?2 AND scope = ?3 AND model = ?4 AND kind = ?5)";
inline constexpr char kSetLearned[] = R"(
  INSERT OR REPLACE INTO learned_limit (account, model, hours, boot, start, slot_limit, ceiling,
                                        confirmed_us, interval_us, changed_us, why)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11))";
inline constexpr char kDeleteLearned[] = R"(
  DELETE FROM learned_limit WHERE account = ?1 AND model = ?2)";
inline constexpr char kSetPin[] = R"(
  INSERT OR REPLACE INTO pinned_limit (account, model, slot_limit) VALUES (?1, ?2, ?3))";
inline constexpr char kDeletePin[] = R"(
  DELETE FROM pinned_limit WHERE account = ?1 AND model = ?2)";
inline constexpr char kSetPause[] = R"(
  INSERT OR REPLACE INTO pause (account, priority, session, program, boot, until_us)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6))";
inline constexpr char kDeletePause[] = R"(
  DELETE FROM pause WHERE account = ?1 AND priority = ?2 AND session = ?3 AND program = ?4)";
inline constexpr char kSetReset[] = R"(
  INSERT OR REPLACE INTO reset (account, window, boot, at_us) VALUES (?1, ?2, ?3, ?4))";
inline constexpr char kDeleteReset[] = R"(
  DELETE FROM reset WHERE account = ?1 AND window = ?2)";
inline constexpr char kSetForeign[] = R"(
  INSERT OR REPLACE INTO foreign_charge (account, window, at_us, boot, amount_micros, over_us)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6))";
inline constexpr char kDeleteMeter[] = "DELETE FROM meter WHERE account = ?1";
inline constexpr char kInsertMeter[] = R"(
  INSERT INTO meter (account, position, boot, asked_us, unit, length_us, months, percent_micros,
                     used_micros, limit_micros, reset_us, used_up)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12))";
inline constexpr char kCloseEpisode[] = R"(
  UPDATE event SET open = 0 WHERE open = 1 AND account = ?1 AND kind = ?2 AND subject = ?3)";
inline constexpr char kInsertEvent[] = R"(
  INSERT INTO event (boot, at_us, account, kind, subject, until_us, lease, upstream_code, detail,
                     open)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
  ON CONFLICT (boot, at_us, account, kind, subject) DO UPDATE SET open = excluded.open)";
inline constexpr char kSetHooksTold[] = R"(
  INSERT OR REPLACE INTO hook_mark (mark, told)
  VALUES (1, max(?1, coalesce((SELECT told FROM hook_mark), 0))))";
inline constexpr char kAddTotals[] = R"(
  INSERT INTO account (account, slot_limit, granted, throttled, lost, shadow_waits,
                       shadow_waited_us)
  VALUES (?1, NULL, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (account) DO UPDATE SET granted = granted + excluded.granted,
                                      throttled = throttled + excluded.throttled,
                                      lost = lost + excluded.lost,
                                      shadow_waits = shadow_waits + excluded.shadow_waits,
                                      shadow_waited_us = shadow_waited_us
                                                         + excluded.shadow_waited_us)";
// The one row, where there is none yet, or it was lost with a damaged page.
inline constexpr char kFillMark[] = R"(
  INSERT INTO mark (mark, open_from, counted_to)
  SELECT 1, coalesce((SELECT min(lease) FROM lease WHERE closed_us IS NULL),
                     (SELECT coalesce(max(lease), 0) + 1 FROM lease)),
         (SELECT coalesce(max(lease), 0) FROM lease)
  WHERE NOT EXISTS (SELECT 1 FROM mark))";
inline constexpr char kSelectUncounted[] = R"(
  SELECT account, count(*) FROM lease
  WHERE lease > (SELECT counted_to FROM mark) GROUP BY account ORDER BY account)";
inline constexpr char kCountUncounted[] = R"(
  SELECT count(*) FROM lease WHERE lease > (SELECT counted_to FROM mark))";
// Adds up the leases beyond the mark, and moves the mark to the last of them.
inline constexpr char kCountGrants[] = R"(
  INSERT INTO account (account, slot_limit, granted, throttled, lost)
  SELECT account, NULL, count(*), 0, 0 FROM lease
  WHERE lease > (SELECT counted_to FROM mark) GROUP BY account ORDER BY account
  ON CONFLICT (account) DO UPDATE SET granted = granted + excluded.granted)";
inline constexpr char kMoveMark[] = R"(
  UPDATE mark SET
    counted_to = (SELECT coalesce(max(lease), counted_to) FROM lease),
    open_from = coalesce((SELECT lease FROM lease WHERE lease >= open_from AND closed_us IS NULL
                          ORDER BY lease LIMIT 1),
                         (SELECT coalesce(max(lease), 0) + 1 FROM lease)))";
inline constexpr char kSetSettings[] = R"(
  INSERT INTO account (account, slot_limit, granted, throttled, lost)
  VALUES (?1, ?2, 0, 0, 0)
  ON CONFLICT (account) DO UPDATE SET slot_limit = excluded.slot_limit)";

inline constexpr char kSelectLastLease[] = "SELECT coalesce(max(lease), 0) FROM lease";
inline constexpr char kSelectAccounts[] = R"(
  SELECT account, slot_limit, granted, throttled, lost, shadow_waits, shadow_waited_us
  FROM account ORDER BY account)";
// Pauses without an end know no boot.
inline constexpr char kSelectPauses[] = R"(
  SELECT p.account, p.priority, p.session, p.program, p.boot, p.until_us,
         coalesce(b.correction_us, 0)
  FROM pause AS p LEFT JOIN boot AS b ON b.boot = p.boot
  ORDER BY p.account, p.priority, p.session, p.program)";
inline constexpr char kSelectLearned[] = R"(
  SELECT k.account, k.hours, k.boot, k.start, k.slot_limit, k.ceiling, k.confirmed_us,
         k.interval_us, k.changed_us, k.why, b.correction_us, k.model
  FROM learned_limit AS k JOIN boot AS b ON b.boot = k.boot
  ORDER BY k.account, k.model, k.hours)";
inline constexpr char kSelectPins[] = R"(
  SELECT account, model, slot_limit FROM pinned_limit ORDER BY account, model)";
inline constexpr char kSelectResets[] = R"(
  SELECT r.account, r.window, r.boot, r.at_us, b.correction_us
  FROM reset AS r JOIN boot AS b ON b.boot = r.boot ORDER BY r.account, r.window)";
inline constexpr char kSelectForeign[] = R"(
  SELECT f.at_us, f.boot, f.amount_micros, f.over_us, b.correction_us
  FROM foreign_charge AS f JOIN boot AS b ON b.boot = f.boot
  WHERE f.account = ?1 AND f.window = ?2 AND f.at_us > ?3
  ORDER BY f.at_us, f.boot)";
inline constexpr char kSelectMeter[] = R"(
  SELECT m.account, m.boot, m.asked_us, m.unit, m.length_us, m.months, m.percent_micros,
         m.used_micros, m.limit_micros, m.reset_us, m.used_up, b.correction_us
  FROM meter AS m JOIN boot AS b ON b.boot = m.boot ORDER BY m.account, m.position)";
inline constexpr char kSelectOpenEpisodes[] = R"(
  SELECT e.account, e.kind, e.subject, e.boot, e.at_us, e.detail, e.upstream_code, b.correction_us
  FROM event AS e JOIN boot AS b ON b.boot = e.boot WHERE e.open = 1 ORDER BY e.event)";
inline constexpr char kSelectHooksTold[] = "SELECT coalesce(max(told), 0) FROM hook_mark";
inline constexpr char kSelectNewestLease[] = R"(
  SELECT l.granted_us, l.boot, b.correction_us FROM lease AS l JOIN boot AS b ON b.boot = l.boot
  ORDER BY l.lease DESC LIMIT 1)";
inline constexpr char kCountOpenOfOtherBoots[] = R"(
  SELECT account, count(*) FROM lease
  WHERE lease >= (SELECT open_from FROM mark) AND closed_us IS NULL AND boot <> ?1
  GROUP BY account ORDER BY account)";
inline constexpr char kCloseOpenOfOtherBoots[] = R"(
  UPDATE lease
  SET closed_us = max(granted_us, ?2 - (SELECT b.correction_us FROM boot AS b
                                        WHERE b.boot = lease.boot)),
      outcome = 'lost'
  WHERE lease >= (SELECT open_from FROM mark) AND closed_us IS NULL AND boot <> ?1)";
inline constexpr char kSelectOpen[] = R"(
  SELECT lease, ticket, account, model, kind, priority, weight_micros, session, parent, ttl_us,
         program, pid, uid, start_ticks, queued_us, granted_us, attempt, for_program, for_pid,
         project
  FROM lease WHERE lease >= (SELECT open_from FROM mark) AND closed_us IS NULL ORDER BY lease)";
inline constexpr char kSelectAmount[] = R"(
  SELECT amount_micros FROM charge
  WHERE account = ?1 AND window = ?2 AND at_us = ?3 AND lease = ?4)";
inline constexpr char kSelectBlocks[] = R"(
  SELECT k.account, k.reason, k.scope, k.model, k.kind, k.boot, k.since_us, k.until_us, k.step,
         k.upstream_code, k.detail, b.correction_us
  FROM block AS k JOIN boot AS b ON b.boot = k.boot
  ORDER BY k.account, k.reason, k.scope, k.model, k.kind)";
inline constexpr char kSelectCharges[] = R"(
  SELECT c.at_us, c.boot, c.amount_micros, b.correction_us
  FROM charge AS c JOIN boot AS b ON b.boot = c.boot
  WHERE c.account = ?1 AND c.window = ?2 AND c.at_us > ?3
  ORDER BY c.at_us, c.lease)";

// A few rows at a time, so that no batch waits long for them. Their age is by corrected wall time.
// The newest lease stays for ever: its id is where the next one counts from.
inline constexpr char kPruneLeases[] = R"(
  DELETE FROM lease WHERE lease IN (
    SELECT l.lease
    FROM boot AS b CROSS JOIN lease AS l
      ON l.boot = b.boot AND l.granted_us < ?1 - b.correction_us
    WHERE l.closed_us IS NOT NULL AND l.lease < (SELECT max(lease) FROM lease)
    ORDER BY b.boot, l.granted_us LIMIT 500))";
inline constexpr char kPruneCharges[] = R"(
  DELETE FROM charge WHERE (account, window, at_us, lease) IN (
    SELECT c.account, c.window, c.at_us, c.lease
    FROM charge AS c CROSS JOIN boot AS b ON b.boot = c.boot
    WHERE c.account = ?1 AND c.window = ?2
      AND c.at_us < ?3 - (SELECT min(correction_us) FROM boot)
      AND c.at_us < ?3 - b.correction_us
    ORDER BY c.at_us LIMIT 500))";
inline constexpr char kPruneForeign[] = R"(
  DELETE FROM foreign_charge WHERE (account, window, at_us, boot) IN (
    SELECT f.account, f.window, f.at_us, f.boot
    FROM foreign_charge AS f JOIN boot AS b ON b.boot = f.boot
    WHERE f.at_us < ?1 - b.correction_us
    ORDER BY f.account, f.window, f.at_us, f.boot LIMIT 500))";
// As many as are worth keeping stay in any case, and what is open.
inline constexpr char kPruneEvents[] = R"(
  DELETE FROM event WHERE event IN (
    SELECT e.event FROM event AS e JOIN boot AS b ON b.boot = e.boot
    WHERE e.open = 0
      AND (e.at_us < ?1 - b.correction_us OR e.event <= (SELECT max(event) FROM event) - ?2)
    ORDER BY e.event LIMIT 500))";
// The windows that have charges, one after the other: DISTINCT would read every charge, and so
// would a comparison of both columns at once, which begins at the first charge of the former
// window.
inline constexpr char kSelectNextChargeKey[] = R"(
  SELECT account, window
  FROM (SELECT 1 AS part, account, window
        FROM (SELECT account, window FROM charge WHERE account = ?1 AND window > ?2
              ORDER BY window LIMIT 1)
        UNION ALL
        SELECT 2, account, window
        FROM (SELECT account, window FROM charge WHERE account > ?1
              ORDER BY account, window LIMIT 1))
  ORDER BY part LIMIT 1)";

// ?1 account, '' for all; ?2 kinds with commas around them, '' for all; ?3 earliest wall time.
#define ZBROKER_EVENT_FILTERS                             \
  "  FROM event AS e JOIN boot AS b ON b.boot = e.boot"   \
  "  WHERE (?1 = '' OR e.account = ?1 OR e.account = '')" \
  "    AND (?2 = '' OR instr(?2, ',' || e.kind || ',') > 0) AND e.at_us + b.correction_us >= ?3 "
inline constexpr char kSelectEvents[] =
    "SELECT e.event, e.at_us + b.correction_us, e.account, e.kind, e.subject,"
    "  e.until_us + b.correction_us, e.lease, e.upstream_code, e.detail" ZBROKER_EVENT_FILTERS
    "AND e.event > ?4 ORDER BY e.event LIMIT ?5";
inline constexpr char kSelectFirstOfLastEvents[] =
    "SELECT e.event" ZBROKER_EVENT_FILTERS "ORDER BY e.event DESC LIMIT 1 OFFSET ?4";
#undef ZBROKER_EVENT_FILTERS

// Reading. Parameters of the filters: ?1 account, ?2 session, ?3 model, ?4 outcome, each '' for
// all; ?5 earliest wall time of the grant; ?6 uid, -1 for all.
#define ZBROKER_LEDGER_FILTERS                                          \
  "  FROM lease AS l JOIN boot AS b ON b.boot = l.boot"                 \
  "  WHERE (?1 = '' OR l.account = ?1) AND (?2 = '' OR l.session = ?2)" \
  "    AND (?3 = '' OR l.model = ?3) AND (?4 = '' OR l.outcome = ?4)"   \
  "    AND l.granted_us + b.correction_us >= ?5 AND (?6 < 0 OR l.uid = ?6) "
inline constexpr char kSelectRows[] =
    "SELECT l.lease, l.account, l.model, l.kind, l.priority, l.weight_micros, l.session, l.parent,"
    "  l.program, l.pid, l.uid, l.queued_us + b.correction_us, l.granted_us + b.correction_us,"
    "  l.closed_us + b.correction_us, coalesce(l.outcome, ''), l.upstream_code, l.detail,"
    "  l.attempt, l.first_byte_us + b.correction_us, l.http_status, l.input_tokens,"
    "  l.cached_tokens, l.output_tokens, l.served_model, l.for_program,"
    "  l.for_pid, l.project" ZBROKER_LEDGER_FILTERS "AND l.lease > ?7 ORDER BY l.lease LIMIT ?8";
inline constexpr char kSelectFirstOfLast[] =
    "SELECT l.lease" ZBROKER_LEDGER_FILTERS "ORDER BY l.lease DESC LIMIT 1 OFFSET ?7";
// Within a boot, ids and grants grow together.
inline constexpr char kSelectFirstSince[] = R"(
  SELECT coalesce(min(first), 0)
  FROM (SELECT (SELECT l.lease FROM lease AS l
                WHERE l.boot = b.boot AND l.granted_us >= ?1 - b.correction_us
                ORDER BY l.granted_us LIMIT 1) AS first
        FROM boot AS b))";
// Sums are exact as far as a double is, 285 years of microseconds, and can't overflow: sum() of
// integers fails the query when one row was given an absurd instant.
#define ZBROKER_LEDGER_SUM(value) "CAST(total(" value ") AS INTEGER)"
#define ZBROKER_LEDGER_SUM_IF_ANY(column) \
  "CASE WHEN count(" column ") > 0 THEN " ZBROKER_LEDGER_SUM(column) " END"
#define ZBROKER_LEDGER_GROUP(key) \
  "SELECT " key                                                                            \
  " AS key, count(*),"                                                                     \
  ZBROKER_LEDGER_SUM("CASE WHEN l.outcome IN ('throttle', 'overload', 'wall', 'breaker',"  \
                     "  'terminal') THEN 0 ELSE l.weight_micros END") ","                  \
  ZBROKER_LEDGER_SUM("coalesce(l.closed_us, ?7 - b.correction_us) - l.granted_us") ","     \
  ZBROKER_LEDGER_SUM("l.granted_us - l.queued_us") ","                                     \
  "  sum(coalesce(l.outcome = 'throttle', 0)), sum(coalesce(l.outcome = 'lost', 0)),"      \
  ZBROKER_LEDGER_SUM_IF_ANY("l.input_tokens") ","                                          \
  ZBROKER_LEDGER_SUM_IF_ANY("l.cached_tokens") ","                                         \
  ZBROKER_LEDGER_SUM_IF_ANY("l.output_tokens") ZBROKER_LEDGER_FILTERS                      \
  "AND l.lease > ?8 GROUP BY key ORDER BY key"
inline constexpr char kGroupBySession[] = ZBROKER_LEDGER_GROUP("l.session");
inline constexpr char kGroupByModel[] = ZBROKER_LEDGER_GROUP("l.model");
inline constexpr char kGroupByOutcome[] = ZBROKER_LEDGER_GROUP("coalesce(l.outcome, 'open')");
inline constexpr char kGroupByProject[] = ZBROKER_LEDGER_GROUP("l.project");
inline constexpr char kGroupByHour[] = ZBROKER_LEDGER_GROUP(
    "strftime('%Y-%m-%dT%H:00:00Z', (l.granted_us + b.correction_us) / 1000000, 'unixepoch')");
#undef ZBROKER_LEDGER_GROUP
#undef ZBROKER_LEDGER_SUM_IF_ANY
#undef ZBROKER_LEDGER_SUM
#undef ZBROKER_LEDGER_FILTERS

}  // namespace zbroker::ledger::sql

#endif  // ZBROKER_DAEMON_LEDGER_SQL_H_
