#include "alert/identity.h"

#include "alert/evidence.h"
#include "alert/person.h"
#include "alert/slip.h"
#include "base/clock.h"
#include "base/text.h"
#include "list/entry.h"
#include "list/status.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    QUESTIONS_A_STOP = 10, /* the register is there to confirm one person, not to try numbers on */
    SAMPLE_LIMIT = 64 * 1024,
};

bool cnic_digits(const char *cnic, char out[static CNIC_DIGITS + 1])
{
    size_t count = 0;
    for (const char *at = cnic; *at; at++) {
        if (*at == '-')
            continue;
        if (!isdigit((unsigned char)*at) || count == CNIC_DIGITS)
            return false;
        out[count++] = *at;
    }
    out[count] = 0;
    return count == CNIC_DIGITS;
}

static bool is_entrys_own(
    struct site *site, const struct alert *alert, const char *digits, bool *own, struct error *err)
{
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    if (!entry_open(site, alert->entry, &person, &cases, err))
        return false;
    char enrolled[CNIC_DIGITS + 1];
    const char *cnic = json_string_value(json_object_get(person, "cnic"));
    *own = cnic && cnic_digits(cnic, enrolled) && strcmp(enrolled, digits) == 0;
    return true;
}

bool case_is_of_entry(struct site *site, const struct alert *alert, const char *case_id, struct error *err)
{
    AUTO(json) json_t *person = NULL;
    AUTO(json) json_t *cases = NULL;
    if (!entry_open(site, alert->entry, &person, &cases, err))
        return false;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const char *id = json_string_value(json_object_get(json_array_get(cases, i), "case"));
        if (id && strcmp(id, case_id) == 0)
            return true;
    }
    return fail(err, ERROR_INVALID, "case %s is not one of the entry's", case_id);
}

static bool stop_is_on(
    struct site *site, const struct officer *officer, const char *id, struct alert *alert, struct error *err)
{
    if (!alert_load(site, id, alert, err) || !crew_has_alert(site, officer->id, alert, err))
        return false;
    if (alert->state != ALERT_STOPPED)
        return fail(err, ERROR_CONFLICT, "alert %s is %s; this is asked during a stop only", id,
            alert_state_word(alert->state));
    return evidence_carries(site, alert, err);
}

/* `case_id` is NULL where the question is not about a case. */
static bool is_not_too_often(
    struct site *site, const struct alert *alert, const char *kind, const char *case_id, struct error *err)
{
    AUTO(json) json_t *notes = notes_load(site, alert, kind, err);
    size_t index, asked = 0;
    json_t *note;
    if (!notes)
        return false;
    json_array_foreach (notes, index, note) {
        const char *about = json_string_value(json_object_get(note, "case"));
        asked += !case_id || (about && strcmp(about, case_id) == 0);
    }
    if (asked >= QUESTIONS_A_STOP)
        return fail(err, ERROR_CONFLICT, "asked %d times in this stop; no more", QUESTIONS_A_STOP);
    return true;
}

static enum register_answer ask_register(struct site *site, const char *cnic, const json_t *body)
{
    const char *base64 = NULL;
    AUTO(bytes) struct bytes sample = {0};
    if (!site->ports || !json_need_text(body, "sample", &base64, NULL) ||
        !base64_read(base64, SAMPLE_LIMIT, &sample, NULL))
        return REGISTER_UNAVAILABLE;
    AUTO(text) char *text = memory_allocate(sample.size + 1, 1);
    if (sample.size)
        memcpy(text, sample.data, sample.size);
    return register_verify(site->ports, cnic, text);
}

/* With it the slip's binding, so that a stop that ends later has nothing slow to wait for. */
static json_t *keep_answer(struct site *site, const struct alert *alert, const struct officer *officer,
    const char *digits, const char *binding, const char *answer, struct error *err)
{
    bool own = false;
    if (!is_entrys_own(site, alert, digits, &own, err))
        return NULL;
    AUTO(json)
    json_t *note = json_pack("{s:s, s:s, s:s, s:b, s:I}", "cnic", digits, "binding", binding, "answer",
        answer, "own", own, "at_us", (json_int_t)clock_now_us());
    json_t *more = json_pack("{s:s, s:s}", "answer", answer, "purpose", "stop");
    if (!note_add(site, alert, "register", note, err) ||
        !alert_record(site, alert, "register_asked", officer->id, more, err))
        return NULL;
    return json_pack("{s:s}", "answer", answer);
}

static bool may_verify(struct site *site, const struct officer *officer, const char *id, const json_t *body,
    struct alert *alert, struct slip_question *question, struct error *err)
{
    static const char *const fields[] = {"cnic", "sample", NULL};
    const char *cnic = NULL;
    const char *sample = NULL;
    return json_only_fields(body, fields, err) && json_need_text(body, "cnic", &cnic, err) &&
           json_need_text(body, "sample", &sample, err) && stop_is_on(site, officer, id, alert, err) &&
           is_not_too_often(site, alert, "register", NULL, err) &&
           slip_question_of(site, alert, cnic, question, err);
}

static json_t *verify(struct site *site, const struct officer *officer, const char *id, const json_t *body,
    const uint8_t slow[static DATA_KEY_SIZE], struct error *err)
{
    static const char *const words[] = {
        [REGISTER_YES] = "yes", [REGISTER_NO] = "no", [REGISTER_UNAVAILABLE] = "unavailable"};
    struct alert alert;
    struct slip_question question;
    char binding[HEX_HASH_SIZE];
    if (!may_verify(site, officer, id, body, &alert, &question, err) ||
        !slip_binding(site, slow, binding, err))
        return NULL;
    const char *cnic = json_string_value(json_object_get(body, "cnic"));
    return keep_answer(
        site, &alert, officer, question.digits, binding, words[ask_register(site, cnic, body)], err);
}

static json_t *ask_status(
    struct site *site, const struct officer *officer, const char *id, const json_t *body, struct error *err)
{
    static const char *const words[] = {
        [STATUS_LIVE] = "live", [STATUS_CLOSED] = "closed", [STATUS_UNAVAILABLE] = "unavailable"};
    static const char *const fields[] = {"case", NULL};
    struct alert alert;
    const char *case_id = NULL;
    if (!json_only_fields(body, fields, err) || !json_need_text(body, "case", &case_id, err) ||
        !stop_is_on(site, officer, id, &alert, err) || !case_is_of_entry(site, &alert, case_id, err) ||
        !is_not_too_often(site, &alert, "status", case_id, err))
        return NULL;
    const char *answer = words[case_status_now(site, case_id)];
    AUTO(json)
    json_t *note =
        json_pack("{s:s, s:s, s:I}", "case", case_id, "answer", answer, "at_us", (json_int_t)clock_now_us());
    json_t *more = json_pack("{s:s, s:s}", "answer", answer, "case", case_id);
    if (!note_add(site, &alert, "status", note, err) ||
        !alert_record(site, &alert, "case_status_asked", officer->id, more, err))
        return NULL;
    return json_pack("{s:s}", "answer", answer);
}

static bool may_look_at_slip(struct site *site, const struct officer *officer, const char *id,
    const json_t *body, struct alert *alert, struct slip_question *question, struct error *err)
{
    static const char *const fields[] = {"cnic", "slip", NULL};
    const char *cnic = NULL;
    const char *code = NULL;
    return json_only_fields(body, fields, err) && json_need_text(body, "cnic", &cnic, err) &&
           json_need_text(body, "slip", &code, err) && stop_is_on(site, officer, id, alert, err) &&
           is_not_too_often(site, alert, "earlier_slip", NULL, err) &&
           slip_question(site, code, cnic, question, err);
}

/* Somebody else's word than the register's: the desk's own, of a stop before. */
static json_t *look_at_slip(struct site *site, const struct officer *officer, const char *id,
    const json_t *body, const uint8_t slow[static DATA_KEY_SIZE], struct error *err)
{
    struct alert alert;
    struct slip_question question;
    bool clears = false;
    if (!may_look_at_slip(site, officer, id, body, &alert, &question, err) ||
        !slip_clears(site, &alert, json_string_value(json_object_get(body, "slip")), slow, &clears, err))
        return NULL;
    const char *answer = clears ? NOT_THE_PERSON : "unknown";
    AUTO(json) json_t *note = json_pack("{s:s, s:I}", "answer", answer, "at_us", (json_int_t)clock_now_us());
    if (!note_add(site, &alert, "earlier_slip", note, err) ||
        !alert_record(
            site, &alert, "earlier_slip_shown", officer->id, json_pack("{s:s}", "answer", answer), err) ||
        !alert_event(site, &alert, "alert", "earlier_slip_shown", err))
        return NULL;
    return json_pack("{s:s}", "answer", answer);
}

static json_t *finish(struct site *site, json_t *reply, struct error *err)
{
    AUTO(json) json_t *kept = reply;
    if (!kept) {
        ledger_abort(site->ledger);
        return NULL;
    }
    return ledger_commit(site->ledger, err) ? STEAL(kept) : NULL;
}

bool alert_verify_begin(struct site *site, const struct officer *officer, const char *alert,
    const json_t *body, struct slip_question *out, struct error *err)
{
    struct alert row;
    return may_verify(site, officer, alert, body, &row, out, err);
}

json_t *alert_verify(struct site *site, const struct officer *officer, const char *alert, const json_t *body,
    const uint8_t slow[static DATA_KEY_SIZE], struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return NULL;
    return finish(site, verify(site, officer, alert, body, slow, err), err);
}

json_t *alert_case_status(struct site *site, const struct officer *officer, const char *alert,
    const json_t *body, struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return NULL;
    return finish(site, ask_status(site, officer, alert, body, err), err);
}

bool alert_earlier_slip_begin(struct site *site, const struct officer *officer, const char *alert,
    const json_t *body, struct slip_question *out, struct error *err)
{
    struct alert row;
    return may_look_at_slip(site, officer, alert, body, &row, out, err);
}

json_t *alert_earlier_slip(struct site *site, const struct officer *officer, const char *alert,
    const json_t *body, const uint8_t slow[static DATA_KEY_SIZE], struct error *err)
{
    if (!ledger_begin(site->ledger, err))
        return NULL;
    return finish(site, look_at_slip(site, officer, alert, body, slow, err), err);
}

static bool was_cleared(struct site *site, const struct alert *alert, bool *out, struct error *err)
{
    AUTO(json) json_t *notes = notes_load(site, alert, "earlier_slip", err);
    size_t index;
    json_t *note;
    if (!notes)
        return false;
    *out = false;
    json_array_foreach (notes, index, note) {
        const char *answer = json_string_value(json_object_get(note, "answer"));
        *out = *out || (answer && strcmp(answer, NOT_THE_PERSON) == 0);
    }
    return true;
}

bool identity_load(struct site *site, const struct alert *alert, struct identity *out, struct error *err)
{
    AUTO(json) json_t *notes = notes_load(site, alert, "register", err);
    if (!notes)
        return false;
    struct identity read = {0};
    for (size_t i = 0; i < json_array_size(notes); i++) {
        const json_t *note = json_array_get(notes, i);
        const char *answer = json_string_value(json_object_get(note, "answer"));
        bool own = json_is_true(json_object_get(note, "own"));
        if (!answer || strcmp(answer, "unavailable") == 0)
            continue; /* no answer neither proves nor undoes one */
        bool yes = strcmp(answer, "yes") == 0;
        const char *binding = json_string_value(json_object_get(note, "binding"));
        read.asked = true;
        read.is_entry = yes && own;
        read.is_another = yes && !own;
        if (yes)
            snprintf(read.binding, sizeof read.binding, "%s", binding ? binding : "");
    }
    if (!was_cleared(site, alert, &read.is_cleared, err))
        return false;
    /* The register compares with the person who stands there; a slip can change hands. */
    read.is_cleared = read.is_cleared && !read.is_entry;
    *out = read;
    return true;
}

bool case_status_load(
    struct site *site, const struct alert *alert, const char *case_id, char out[static 16], struct error *err)
{
    AUTO(json) json_t *notes = notes_load(site, alert, "status", err);
    if (!notes)
        return false;
    out[0] = 0;
    for (size_t i = 0; i < json_array_size(notes); i++) {
        const json_t *note = json_array_get(notes, i);
        const char *id = json_string_value(json_object_get(note, "case"));
        const char *answer = json_string_value(json_object_get(note, "answer"));
        if (id && answer && strcmp(id, case_id) == 0)
            snprintf(out, 16, "%s", answer);
    }
    if (out[0] && case_status_now(site, case_id) == STATUS_CLOSED)
        snprintf(out, 16, "closed");
    return true;
}
