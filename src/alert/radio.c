/* The fallback when the page does not reach the car: what is said over the radio, where anybody may listen
 * (SAFEGUARDS 34). Never a name, an offence or a number. */
#include "alert/evidence.h"
#include "alert/passage.h"
#include "alert/person.h"
#include "alert/recall.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

enum { CODE_SIZE = 5 };

/* An alert is called by the last four of its id on every page: by the dispatcher, the crew, and over the
 * radio. */
static void write_code(const struct alert *alert, char code[static CODE_SIZE])
{
    size_t length = strlen(alert->id);
    for (size_t i = 0; i < CODE_SIZE - 1; i++)
        code[i] = (char)toupper((unsigned char)alert->id[length - (CODE_SIZE - 1) + i]);
    code[CODE_SIZE - 1] = 0;
}

/* Short, far apart in sound, none of them a police word. */
static const char *const words[] = {"mango", "river", "copper", "window", "seven hills", "lantern", "pepper",
    "harbour", "cotton", "velvet", "orchard", "granite", "falcon", "marble", "saffron", "cedar"};

const char *radio_word(const struct alert *alert, const char *about)
{
    uint8_t hash[HASH_SIZE];
    AUTO(text) char *both = text_format("%s\n%s\n%s", about, alert->id, alert->unit);
    hash_bytes(both, strlen(both), hash);
    return words[hash[CODE_SIZE] % COUNT_OF(words)];
}

static json_t *description(const struct envelope *dispatch)
{
    static const char *const names[] = {"travel", "colour", "clothing", "pillion", "heading"};
    json_t *fields = json_object();
    for (size_t i = 0; i < COUNT_OF(names); i++)
        json_object_set(fields, names[i], json_object_get(dispatch->fields, names[i]));
    return fields;
}

static bool unit_is_on_its_way(const struct alert *alert, struct error *err)
{
    bool on_its_way = alert->unit[0] && alert->state >= ALERT_DISPATCHED && alert->state <= ALERT_ON_SCENE;
    return on_its_way || fail(err, ERROR_CONFLICT, "no unit is on its way for alert %s", alert->id);
}

/* The place of the passage that the newest dispatch names: a newer one steers nobody yet. */
static json_t *place_of(
    struct site *site, const struct alert *alert, const struct envelope *dispatch, struct error *err)
{
    const char *passage = NULL;
    const char *camera = NULL;
    if (!json_need_text(dispatch->fields, "passage", &passage, err))
        return NULL;
    AUTO(json) json_t *facts = passage_facts(site, alert->id, passage, err);
    if (!facts || !json_need_text(facts, "camera", &camera, err))
        return NULL;
    return place_json(site, camera, err);
}

static json_t *script(
    struct site *site, const struct alert *alert, const struct envelope *dispatch, struct error *err)
{
    char code[CODE_SIZE];
    AUTO(json) json_t *place = place_of(site, alert, dispatch, err);
    if (!place)
        return NULL;
    write_code(alert, code);
    return json_pack("{s:s, s:s, s:s, s:O, s:o, s:s, s:s}", "alert", alert->id, "code", code, "unit",
        alert->unit, "place", place, "description", description(dispatch), "read_back",
        radio_word(alert, "radio"), "marking", site->kind == SITE_DEMO ? DEMO_MARKING : "");
}

static json_t *read_out(struct site *site, const struct officer *officer, const char *id, struct error *err)
{
    struct alert alert;
    AUTO(statements) struct statements sent = {0};
    if (!alert_load(site, id, &alert, err) || !unit_is_on_its_way(&alert, err) ||
        !evidence_carries(site, &alert, err) ||
        !statements_load(site, &alert, "dispatch", ROLE_DISPATCHER, &sent, err))
        return NULL;
    AUTO(json) json_t *reply = script(site, &alert, sent.list[sent.count - 1], err);
    if (!reply || !alert_record(site, &alert, "radio_script_shown", officer->id, NULL, err))
        return NULL;
    return STEAL(reply);
}

json_t *alert_radio(struct site *site, const struct officer *officer, const char *alert, struct error *err)
{
    if (!officer_has(officer, ROLE_DISPATCHER)) {
        fail(err, ERROR_FORBIDDEN, "%s is no dispatcher", officer->id);
        return NULL;
    }
    if (!ledger_begin(site->ledger, err))
        return NULL;
    AUTO(json) json_t *reply = read_out(site, officer, alert, err);
    if (!reply) {
        ledger_abort(site->ledger);
        return NULL;
    }
    return ledger_commit(site->ledger, err) ? STEAL(reply) : NULL;
}
