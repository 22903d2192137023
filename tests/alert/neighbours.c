/* Entries and operations as alerts see them, under a test's control; also the still process, which needs
 * models. */
#include "list/entry.h"
#include "list/entry_answer.h"
#include "list/entry_copy.h"
#include "list/operation.h"
#include "list/operation_reason.h"
#include "list/operation_refused.h"
#include "world.h"

struct neighbours neighbours;
/* The cameras' accepted statements, which the entries' migration would make. */
const char neighbour_tables[] =
    "CREATE TABLE accepted (statement TEXT PRIMARY KEY, reply TEXT NOT NULL, at INTEGER NOT NULL) STRICT";

bool entry_is_party(struct site *site, const char *entry, const char *officer, struct error *err)
{
    (void)site, (void)entry, (void)err;
    return strcmp(officer, id_of(PROPOSER)) == 0 || strcmp(officer, id_of(APPROVER)) == 0;
}

bool entry_withdraw_by_outcome(struct site *site, const char *entry, const char *reason, struct error *err)
{
    (void)entry, (void)err;
    assert_true(store_in_transaction(site->ledger->store));
    neighbours.withdrawals++;
    snprintf(neighbours.reason, sizeof neighbours.reason, "%s", reason);
    return true;
}

void entry_tell_watches(struct site *site, const char *entry)
{
    (void)entry;
    assert_false(store_in_transaction(site->ledger->store));
    neighbours.watches_told++;
}

bool entry_suspend(struct site *site, const char *entry, const char *reason, struct error *err)
{
    (void)entry, (void)reason, (void)err;
    assert_true(store_in_transaction(site->ledger->store));
    neighbours.suspensions++;
    return true;
}

bool entry_has_look_alike(struct site *site, const char *entry, bool *out, struct error *err)
{
    (void)site, (void)entry, (void)err;
    *out = neighbours.near_pair;
    return true;
}

bool entry_open(struct site *site, const char *entry, json_t **person, json_t **cases, struct error *err)
{
    (void)site, (void)entry, (void)err;
    *person = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s}", "name", "Aslam Test", "father", "Karim Test",
        "cnic", CNIC, "born", 1980, "gender", "male", "description", "a scar on the chin");
    *cases = json_pack(
        "[{s:s, s:s, s:s*}]", "case", CASE, "number", "FIR 12/2026", "station", neighbours.case_station);
    for (int i = 0; i < neighbours.more_cases; i++) {
        AUTO(text) char *id = text_format("k-%016d", i + 2);
        json_array_append_new(*cases, json_pack("{s:s, s:s}", "case", id, "number", "FIR 13/2026"));
    }
    return true;
}

/* Whoever has CNIC is listed while the entry was not taken back. */
bool entry_number_is_listed(struct site *site, const char *cnic, bool *out, struct error *err)
{
    (void)site, (void)err;
    *out = strcmp(cnic, CNIC) == 0 && neighbours.withdrawals == 0;
    return true;
}

bool entry_ground_of(
    struct site *site, const char *entry, char ground[static 32], char state[static 16], struct error *err)
{
    (void)site, (void)entry, (void)err;
    snprintf(ground, 32, "%s", neighbours.ground ? neighbours.ground : "court_warrant");
    snprintf(state, 16, neighbours.suspensions ? "suspended" : "approved");
    return true;
}

bool operation_reason_of(struct site *site, const char *operation, const char *entry,
    char why_here[static REASON_WORD_SIZE], int64_t *dated_s, struct error *err)
{
    (void)site, (void)err;
    bool found = strcmp(operation, OPERATION) == 0 && strcmp(entry, ENTRY) == 0;
    snprintf(why_here, REASON_WORD_SIZE, "%s", found ? "last_seen" : "");
    *dated_s = found ? 1789000000 : 0;
    return true;
}

bool entry_is_missing(struct site *site, const char *entry, bool *missing, bool *adult, struct error *err)
{
    (void)site, (void)entry, (void)err;
    *missing = neighbours.missing;
    *adult = !neighbours.minor;
    return true;
}

json_t *entry_copies(struct site *site, struct error *err)
{
    (void)site, (void)err;
    return json_pack("[{s:s, s:i}]", "copy", ENTRY, "expires_at", 2000000000);
}

bool entry_copy_sealed(struct site *site, const char *entry, struct bytes *out, struct error *err)
{
    (void)site;
    if (strcmp(entry, ENTRY) != 0)
        return (fail)(err, ERROR_MISSING, "no copy");
    *out = bytes_copy("sealed", 6);
    return true;
}

bool entry_picture(struct site *site, const char *entry, struct bytes *out, struct error *err)
{
    (void)site, (void)entry, (void)err;
    const uint8_t picture[] = {0xff, 0xd8, 0xff, 0xe0, neighbours.enrolled, 0xff, 0xd9};
    *out = bytes_copy(picture, sizeof picture);
    return true;
}

bool operation_allows(struct site *site, const char *operation, const char *camera, const char *entry,
    int64_t *threshold_e6, const char **why, struct error *err)
{
    (void)site, (void)camera, (void)entry;
    *why = "not_running";
    if (!neighbours.operation_allows || strcmp(operation, OPERATION) != 0)
        return (fail)(err, ERROR_CONFLICT, "not allowed");
    *threshold_e6 = 500000;
    return true;
}

bool operation_count_refused(
    struct site *site, const char *operation, const char *why, int64_t *count, struct error *err)
{
    assert_true(store_in_transaction(site->ledger->store));
    if (strcmp(operation, OPERATION) != 0)
        return (fail)(err, ERROR_MISSING, "no such operation");
    neighbours.refused_for = why;
    *count = ++neighbours.refused;
    return true;
}

bool operation_is_trial(struct site *site, const char *operation, bool *out, struct error *err)
{
    (void)site, (void)operation, (void)err;
    *out = !neighbours.no_trial;
    return true;
}

/* OTHER_PHOTO is another photograph of ENTRY, FOREIGN_PHOTO one of OTHER_ENTRY. */
bool entry_photo(struct site *site, const char *entry, const char *photo, const char *other,
    struct bytes *out, struct error *err)
{
    (void)site, (void)other;
    if (strcmp(photo, strcmp(entry, ENTRY) == 0 ? OTHER_PHOTO : FOREIGN_PHOTO) != 0)
        return (fail)(err, ERROR_MISSING, "no such photograph");
    const uint8_t picture[] = {0xff, 0xd8, 0xff, 0xe0, 7, 0xff, 0xd9};
    *out = bytes_copy(picture, sizeof picture);
    return true;
}

bool operation_owe_record(struct site *site, const char *operation, struct error *err)
{
    (void)err;
    assert_true(store_in_transaction(site->ledger->store));
    assert_string_equal(operation, OPERATION);
    neighbours.records_owed++;
    return true;
}

bool operation_list_size(struct site *site, const char *operation, int64_t *out, struct error *err)
{
    (void)site, (void)operation, (void)err;
    *out = 20;
    return true;
}

const char *operation_state(struct site *site, const char *operation, struct error *err)
{
    (void)site, (void)operation, (void)err;
    return neighbours.operation_state;
}

bool operation_halt_by_rule(struct site *site, const char *operation, const char *reason, struct error *err)
{
    assert_true(store_in_transaction(site->ledger->store));
    neighbours.halts++;
    neighbours.operation_state = "halted";
    snprintf(neighbours.reason, sizeof neighbours.reason, "%s", reason);
    return alert_recall_operation(site, operation, "halted", err);
}

void operation_disarm_halted(struct site *site)
{
    assert_false(store_in_transaction(site->ledger->store));
    neighbours.disarms++;
}

bool still_mark(struct supervisor *supervisor, const void *jpeg, size_t size, const char *words,
    struct bytes *out, struct error *err)
{
    (void)supervisor, (void)jpeg, (void)size, (void)err;
    *out = bytes_copy(words, strlen(words));
    return true;
}

void supervisor_halt(struct supervisor *supervisor, const char *operation, const char *camera)
{
    (void)supervisor;
    snprintf(neighbours.halted_operation, sizeof neighbours.halted_operation, "%s", operation);
    snprintf(neighbours.halted_camera, sizeof neighbours.halted_camera, "%s", camera);
    neighbours.camera_halts++;
}

/* No cameras run here. */
const struct watch_health *supervisor_health(
    const struct supervisor *supervisor, const char *camera, enum camera_state *state, const char **reason)
{
    (void)supervisor, (void)camera, (void)state, (void)reason;
    return NULL;
}

const char *camera_state_word(enum camera_state state)
{
    (void)state;
    return "off";
}
