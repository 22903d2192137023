#include "alert/handover_log.h"

#include "base/text.h"
#include "govern/ledger_proof.h"
#include "list/former_roster.h"

#include <stdlib.h>
#include <string.h>

struct standing { /* rising */
    int64_t seq[PROVED_RECORDS];
    size_t count;
};

static const char *field(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

static const char *const lists[] = {"reviews", "outcomes", "concurrences"};

static bool has_signed(const json_t *packet, const char *key)
{
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        size_t index;
        const json_t *envelope;
        json_array_foreach (json_object_get(packet, lists[i]), index, envelope) {
            if (strcmp(field(envelope, "key"), key) == 0)
                return true;
        }
    }
    return false;
}

/* Statement's name → true, of those that the packet carries: each is known to the log by a record that goes
 * along. */
static json_t *names_of(const json_t *packet, struct error *err)
{
    AUTO(json) json_t *names = json_object();
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        size_t index;
        const json_t *item;
        json_array_foreach (json_object_get(packet, lists[i]), index, item) {
            char name[HEX_HASH_SIZE];
            AUTO(envelope) struct envelope *envelope = envelope_read(item, err);
            if (!envelope || !statement_name(envelope, name, err))
                return NULL;
            json_object_set_new(names, name, json_true());
        }
    }
    return STEAL(names);
}

/* The adoption that was the newest one when the alert was raised: before it no roster is asked for. */
static bool find_first(struct act *act, int64_t *seq, struct error *err)
{
    struct ledger *ledger = act->site->ledger;
    AUTO(finding) struct finding about = {.ledger = ledger, .by = FIND_ALERT, .value = act->alert.id};
    AUTO(finding) struct finding adopted = {.ledger = ledger, .by = FIND_KIND, .value = "roster_adopted"};
    bool is_raised = finding_next(&about);
    *seq = -1;
    while (is_raised && finding_next(&adopted) && adopted.seq < about.seq)
        *seq = adopted.seq;
    if (!finding_ok(&about, err) || !finding_ok(&adopted, err))
        return false;
    return *seq >= 0 ||
           fail(err, ERROR_CORRUPT, "no roster was in force when alert %s was raised", act->alert.id);
}

/* A roster that was adopted since is in the packet's `roster` or becomes one of its `former_rosters`. */
static bool add_roster(struct act *act, const json_t *record, json_t *packet, struct error *err)
{
    char hash[HEX_HASH_SIZE];
    envelope_hash_hex(roster_envelope(act->site->roster), hash);
    if (strcmp(field(record, "roster_hash"), hash) == 0)
        return true;
    json_t *paper = former_paper(act->site, record, err);
    return paper && json_array_append_new(json_object_get(packet, "former_rosters"), paper) == 0;
}

static bool add_standing(struct act *act, int64_t seq, const char *leaf, json_t *packet,
    struct standing *standing, struct error *err)
{
    AUTO(json) json_t *record = json_read(leaf, strlen(leaf), STATEMENT_LIMIT, err);
    if (!record)
        return false;
    bool suspends = strcmp(field(record, "kind"), "key_suspended") == 0;
    if (suspends && !has_signed(packet, field(record, "key")))
        return true;
    if (standing->count == PROVED_RECORDS)
        return fail(err, ERROR_TOO_LARGE, "more than %d rosters and suspensions since alert %s was raised",
            PROVED_RECORDS, act->alert.id);
    standing->seq[standing->count++] = seq;
    return suspends || add_roster(act, record, packet, err);
}

static bool add_all(
    struct act *act, struct finding *found, json_t *packet, struct standing *standing, struct error *err)
{
    while (finding_next(found)) {
        if (!add_standing(act, found->seq, (const char *)found->leaf.data, packet, standing, err))
            return false;
    }
    return finding_ok(found, err);
}

static int compare_numbers(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Suspensions from ever since: a key that is suspended stays so. */
static bool find_standing(struct act *act, json_t *packet, struct standing *standing, struct error *err)
{
    struct ledger *ledger = act->site->ledger;
    int64_t first = -1;
    if (!find_first(act, &first, err))
        return false;
    AUTO(finding) struct finding suspended = {.ledger = ledger, .by = FIND_KIND, .value = "key_suspended"};
    AUTO(finding)
    struct finding adopted = {.ledger = ledger, .by = FIND_KIND, .value = "roster_adopted", .next = first};
    if (!add_all(act, &suspended, packet, standing, err) || !add_all(act, &adopted, packet, standing, err))
        return false;
    qsort(standing->seq, standing->count, sizeof *standing->seq, compare_numbers);
    return true;
}

bool handover_add_log(struct act *act, json_t *packet, struct error *err)
{
    /* Anybody on duty looks and asks as often as they like, and who waits under a camera is seen again and
     * again: that must not keep a custody from its hand-over. */
    static const char *const counted[] = {
        "picture_shown", "packet_opened", "radio_script_shown", "passage_waits", NULL};
    struct standing standing = {.count = 0};
    json_object_set_new(packet, "former_rosters", json_array());
    if (!find_standing(act, packet, &standing, err))
        return false;
    AUTO(json) json_t *names = names_of(packet, err);
    if (!names)
        return false;
    const struct proof_subject subject = {FIND_ALERT, "alert", act->alert.id, counted, "case_status_asked",
        "case", names, standing.seq, standing.count};
    AUTO(json) json_t *proofs = ledger_prove_about(act->site->ledger, &subject, err);
    return proofs && json_object_set(packet, "checkpoint", json_object_get(proofs, "checkpoint")) == 0 &&
           json_object_set(packet, "records", json_object_get(proofs, "records")) == 0 &&
           json_object_set(packet, "counted", json_object_get(proofs, "counted")) == 0 &&
           json_object_set(packet, "standing", json_object_get(proofs, "beside")) == 0;
}
