#include "alert/charge.h"

/* The index makes "one open alert per entry" the database's own rule. */
static const char tables[] =
    "CREATE TABLE alert (alert TEXT PRIMARY KEY, entry TEXT NOT NULL, operation TEXT NOT NULL,"
    " camera TEXT NOT NULL, passage TEXT NOT NULL, unit TEXT NOT NULL, state TEXT NOT NULL,"
    " outcome TEXT NOT NULL, told TEXT NOT NULL, pending TEXT NOT NULL, raised_us INTEGER NOT NULL,"
    " agreed_us INTEGER NOT NULL, dispatched_us INTEGER NOT NULL, accepted_us INTEGER NOT NULL,"
    " arrived_us INTEGER NOT NULL, stopped_us INTEGER NOT NULL, closed_us INTEGER NOT NULL,"
    " mark BLOB NOT NULL, overrun INTEGER NOT NULL DEFAULT 0, erase_us INTEGER,"
    " erased INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE UNIQUE INDEX alert_one_open ON alert (entry) WHERE state IN"
    " ('raised', 'agreed', 'dispatched', 'accepted', 'on_scene', 'stopped');"
    "CREATE INDEX alert_of_operation ON alert (operation, state);"
    "CREATE INDEX alert_to_erase ON alert (erase_us) WHERE erased = 0;"
    "CREATE TABLE alert_passage (passage TEXT PRIMARY KEY, alert TEXT NOT NULL, arrived_us INTEGER NOT NULL,"
    " facts BLOB NOT NULL);"
    "CREATE INDEX alert_passage_of ON alert_passage (alert, arrived_us);"
    "CREATE TABLE alert_picture (passage TEXT NOT NULL, name TEXT NOT NULL, sealed BLOB NOT NULL,"
    " PRIMARY KEY (passage, name));"
    "CREATE TABLE alert_draw (passage TEXT NOT NULL, officer TEXT NOT NULL, drawn_us INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('asked', 'answered', 'passed')), PRIMARY KEY (passage, officer));"
    "CREATE TABLE alert_statement (number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE,"
    " alert TEXT NOT NULL, type TEXT NOT NULL, officer TEXT NOT NULL, envelope TEXT NOT NULL,"
    " reply TEXT NOT NULL);"
    "CREATE INDEX alert_statement_of ON alert_statement (alert, type);"
    "CREATE TABLE alert_note (number INTEGER PRIMARY KEY, alert TEXT NOT NULL, kind TEXT NOT NULL,"
    " sealed BLOB NOT NULL);"
    "CREATE INDEX alert_note_of ON alert_note (alert, kind);"
    "CREATE TABLE alert_packet (alert TEXT PRIMARY KEY, unit TEXT NOT NULL, dies_us INTEGER NOT NULL,"
    " seen INTEGER NOT NULL DEFAULT 0, sealed BLOB NOT NULL);"
    "CREATE TABLE alert_handover (alert TEXT PRIMARY KEY, station TEXT NOT NULL, hash TEXT NOT NULL,"
    " sealed BLOB NOT NULL);"
    "CREATE TABLE alert_mute (operation TEXT NOT NULL, camera TEXT NOT NULL, entry TEXT NOT NULL,"
    " PRIMARY KEY (operation, camera, entry));"
    "CREATE TABLE alert_seen (alert TEXT NOT NULL, officer TEXT NOT NULL, PRIMARY KEY (alert, officer));"
    "CREATE TABLE alert_oversight (alert TEXT PRIMARY KEY, expires_us INTEGER NOT NULL,"
    " sealed BLOB NOT NULL);";

/* "waiting", "asked", then "same", "different" or "none"; "before" when a later one took its place. */
static const char passages_beside[] =
    "ALTER TABLE alert_passage ADD COLUMN review TEXT NOT NULL DEFAULT 'waiting';"
    "CREATE TABLE alert_packet_seen (alert TEXT NOT NULL, officer TEXT NOT NULL,"
    " PRIMARY KEY (alert, officer));";

/* The signed amendments decide; `amended` is for counting. */
static const char amended[] = "ALTER TABLE alert ADD COLUMN amended TEXT NOT NULL DEFAULT '';"
                              "CREATE TABLE alert_camera_halt (operation TEXT NOT NULL, camera TEXT NOT NULL,"
                              " PRIMARY KEY (operation, camera));";

static const char recall[] = "CREATE TABLE alert_recall (alert TEXT PRIMARY KEY, told_us INTEGER NOT NULL,"
                             " state TEXT NOT NULL CHECK (state IN ('told', 'escalated', 'acknowledged')));";

/* A slip's code is kept as a keyed hash; `binding` ties it to the number that the register verified in the
 * stop without holding the number (NULL when none was). */
static const char redress[] =
    "CREATE TABLE slip (code BLOB PRIMARY KEY, alert TEXT NOT NULL, binding BLOB,"
    " expires_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE redress (request TEXT PRIMARY KEY, alert TEXT NOT NULL, kind TEXT NOT NULL,"
    " state TEXT NOT NULL, officer TEXT NOT NULL, made_us INTEGER NOT NULL, expires_us INTEGER NOT NULL,"
    " sealed BLOB NOT NULL, mark BLOB NOT NULL) STRICT;"
    "CREATE INDEX redress_of_alert ON redress (alert);"
    "CREATE TABLE redress_try (number INTEGER PRIMARY KEY, officer TEXT NOT NULL, at_us INTEGER NOT NULL,"
    " fitted INTEGER NOT NULL) STRICT;"
    "CREATE TABLE redress_statement (hash TEXT PRIMARY KEY, request TEXT NOT NULL) STRICT;";

/* One packet for the custody station and one for each case's. */
static const char handovers[] =
    "CREATE TABLE handover_copy (alert TEXT NOT NULL, station TEXT NOT NULL, ordinal INTEGER NOT NULL,"
    " hash TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (alert, station)) STRICT;"
    "INSERT INTO handover_copy SELECT alert, station, 0, hash, sealed FROM alert_handover;"
    "DROP TABLE alert_handover; ALTER TABLE handover_copy RENAME TO alert_handover;";

/* When a reviewer was first shown which picture of a passage. */
static const char looks[] =
    "CREATE TABLE alert_look (passage TEXT NOT NULL, officer TEXT NOT NULL, name TEXT NOT NULL,"
    " shown_us INTEGER NOT NULL, PRIMARY KEY (passage, officer, name)) STRICT;";

static const char devices[] =
    "CREATE TABLE alert_device (passage TEXT NOT NULL, officer TEXT NOT NULL, device TEXT NOT NULL,"
    " PRIMARY KEY (passage, officer)) STRICT;";

/* Under the row's mark: which packets a custody was handed over with. */
static const char packets[] = "ALTER TABLE alert ADD COLUMN packets TEXT NOT NULL DEFAULT '';";

static const char planted[] = "ALTER TABLE alert ADD COLUMN planted INTEGER NOT NULL DEFAULT 0;";

/* Whether it took the place of one that sent the same unit to where the person was seen before. */
static const char steered[] = "ALTER TABLE alert_packet ADD COLUMN steered INTEGER NOT NULL DEFAULT 0;";

static const char slip_mark[] = "ALTER TABLE slip ADD COLUMN mark BLOB;";

/* A slip's code is in no reply that is kept, and in no hash that can be tried through without a key. A
 * redress statement said again is refused by its request's id and by its time as well. */
static const char no_codes[] =
    "UPDATE alert_statement SET reply = json_remove(reply, '$.slip', '$.slip_text') WHERE type = 'stop';"
    "DELETE FROM redress_statement;";

static const char places[] =
    "CREATE INDEX alert_to_forget ON alert (operation) WHERE erased = 1 AND entry <> '';";

/* Later passages about which somebody said "different"; written again from the log at a start. */
static const char rejection[] =
    "CREATE TABLE alert_rejection (passage TEXT PRIMARY KEY, operation TEXT NOT NULL,"
    " camera TEXT NOT NULL, entry TEXT NOT NULL, rejected_us INTEGER NOT NULL) STRICT;";

static const char report[] =
    "CREATE TABLE alert_report (hash TEXT PRIMARY KEY, report TEXT NOT NULL) STRICT;";

static const char waited[] = "ALTER TABLE alert ADD COLUMN waited INTEGER NOT NULL DEFAULT 0;";

/* Under the row's mark, once there was a stop. */
static const char why_here[] = "ALTER TABLE alert ADD COLUMN why_here TEXT NOT NULL DEFAULT '';"
                               "ALTER TABLE alert ADD COLUMN why_dated INTEGER NOT NULL DEFAULT 0;";

static const char counter[] = "ALTER TABLE redress ADD COLUMN stations TEXT NOT NULL DEFAULT '[]';";

/* What an older desk kept of alerts of which nobody can ask any more. */
static const char statements_end[] =
    "DELETE FROM alert_statement WHERE alert IN (SELECT alert FROM alert WHERE erased = 1 AND entry = '');"
    "DELETE FROM alert_recall WHERE alert IN (SELECT alert FROM alert WHERE erased = 1 AND entry = '');"
    "CREATE INDEX shift_at ON shift (at);";

/* Asked about every entry that is over, until it is wiped. */
static const char of_entry[] = "CREATE INDEX alert_of_entry ON alert (entry);";

/* That raised nothing: the first ones are recorded, the others counted here. */
static const char unraised[] =
    "ALTER TABLE alert_mute ADD COLUMN sightings INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE alert_camera_halt ADD COLUMN sightings INTEGER NOT NULL DEFAULT 0;";

const struct migration alert_migrations[] = {{"0001-alert", tables},
    {"0002-passages-beside", passages_beside}, {"0003-amended", amended}, {"0004-recall", recall},
    {"0005-redress", redress}, {"0006-handovers", handovers}, {"0007-looks", looks},
    {"0008-devices", devices}, {"0009-packets", packets}, {"0010-planted", planted},
    {"0011-charge", charge_sql}, {"0012-steered", steered}, {"0013-slip-mark", slip_mark},
    {"0016-no-codes", no_codes}, {"0032-rejection", rejection}, {"0033-report", report},
    {"0036-places", places}, {"0037-waited", waited}, {"0038-why-here", why_here}, {"0039-counter", counter},
    {"0044-statements-end", statements_end}, {"0045-alert-of-entry", of_entry}, {"0046-unraised", unraised}};
const size_t alert_migration_count = COUNT_OF(alert_migrations);
