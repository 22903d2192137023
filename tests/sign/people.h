/* Officers, a roster, a report and an operation's token for tests: all valid until a test changes one thing.
 */
#pragma once

#include "base/text.h"
#include "sign/limits.h"
#include "sign/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1790000000LL
#define ID(prefix, digit) prefix "-000000000000000" digit

enum person { ROOT, REQUESTER, FIRST, SECOND, COLLEAGUE, JUDGE, STRANGER, LAB, REVIEWER, OVERSIGHT, PEOPLE };

struct key_pair {
    uint8_t public_key[PUBLIC_KEY_SIZE], secret[SECRET_KEY_SIZE];
};

/* The same keys in every run. */
static inline struct key_pair key_of(int person)
{
    struct key_pair pair;
    uint8_t seed[SEED_SIZE] = {(uint8_t)(person + 1)};
    sign_key_from_seed(seed, pair.public_key, pair.secret);
    return pair;
}

static inline const char *name_of(int person)
{
    static const char *const names[PEOPLE] = {[ROOT] = "root",
        [REQUESTER] = ID("o", "1"),
        [FIRST] = ID("o", "2"),
        [SECOND] = ID("o", "3"),
        [COLLEAGUE] = ID("o", "4"),
        [JUDGE] = ID("o", "5"),
        [STRANGER] = ID("o", "6"),
        [LAB] = "lab",
        [REVIEWER] = ID("o", "7"),
        [OVERSIGHT] = "oversight"};
    return names[person];
}

/* Takes `fields`. */
static inline struct envelope *sign_as(int person, const char *type, json_t *fields)
{
    struct error err = {0};
    json_object_set_new(fields, "type", json_string(type));
    if (!json_object_get(fields, "site"))
        json_object_set_new(fields, "site", json_string("karachi-demo"));
    json_object_set_new(fields, "by", json_string(name_of(person)));
    json_object_set_new(fields, "at", json_integer(NOW));
    struct envelope *envelope = envelope_sign(fields, key_of(person).secret, &err);
    if (!envelope)
        print_error("%s\n", err.text);
    assert_non_null(envelope);
    json_decref(fields);
    return envelope;
}

static inline json_t *hex_text(const void *bytes)
{
    char hex[HEX_HASH_SIZE];
    hex_write(bytes, 32, hex);
    return json_string(hex);
}

static inline json_t *hex_of(uint8_t fill)
{
    uint8_t bytes[32];
    memset(bytes, fill, sizeof bytes);
    return hex_text(bytes);
}

static inline json_t *officer_json(int person, const char *office, const char *role)
{
    return json_pack("{s:s, s:s, s:[s], s:[], s:o}", "officer", name_of(person), "office", office, "roles",
        role, "posts", "key", hex_text(key_of(person).public_key));
}

static inline json_t *roster_fields(void)
{
    json_t *officers = json_pack("[o, o, o, o, o, o]", officer_json(REQUESTER, ID("f", "1"), "watch_officer"),
        officer_json(FIRST, ID("f", "1"), "authoriser"), officer_json(SECOND, ID("f", "2"), "authoriser"),
        officer_json(COLLEAGUE, ID("f", "1"), "authoriser"),
        officer_json(JUDGE, ID("f", "3"), "outside_signer"),
        officer_json(REVIEWER, ID("f", "2"), "reviewer"));
    return json_pack("{s:s, s:i, s:o, s:o, s:[{s:s, s:o}], s:[{s:s, s:o}], s:[o], s:o}", "kind", "demo",
        "number", 3, "previous", hex_of(9), "officers", officers, "units", "unit", ID("u", "1"), "key",
        hex_of(0x71), "stations", "station", ID("s", "1"), "key", hex_of(0x72), "report_keys",
        hex_text(key_of(LAB).public_key), "oversight_key", hex_of(0x73));
}

static inline void fill_up(
    json_t *list, const char *prefix, const char *field, size_t most, const json_t *more)
{
    for (size_t i = json_array_size(list); i < most; i++) {
        char id[24], key[HEX_HASH_SIZE], number[SERVICE_NUMBER_SIZE];
        snprintf(id, sizeof id, "%s-%016zu", prefix, i + 100);
        snprintf(key, sizeof key, "%c%063zu", *prefix == 'o' ? '1' : *prefix == 'u' ? '2' : '3', i);
        snprintf(number, sizeof number, "%024zu", i);
        json_t *line = json_deep_copy(more);
        json_object_set_new(line, field, json_string(id));
        json_object_set_new(line, "key", json_string(key));
        if (*prefix == 'o')
            json_object_set_new(line, "service_number", json_string(number));
        json_array_append_new(list, line);
    }
}

/* 2,000 officers, 500 units and 500 stations, with every field as long as it may be: a name's quotes are
 * escaped. */
static inline json_t *fullest_roster(json_t *fields)
{
    char name[65];
    memset(name, '"', 64);
    name[64] = '\0';
    AUTO(json) json_t *named = json_pack("{s:s}", "name", name);
    AUTO(json)
    json_t *officer = json_pack("{s:s, s:[s, s, s, s, s, s, s, s, s, s], s:[]}", "office", ID("f", "1"),
        "roles", "watch_officer", "authoriser", "reviewer", "dispatcher", "crew", "station", "auditor",
        "outside_signer", "inspector", "admin", "posts");
    fill_up(json_object_get(fields, "units"), "u", "unit", 500, named);
    fill_up(json_object_get(fields, "stations"), "s", "station", 500, named);
    for (size_t i = 1; i <= 8; i++)
        json_array_append(json_object_get(officer, "posts"),
            json_object_get(json_array_get(json_object_get(fields, "units"), i), "unit"));
    fill_up(json_object_get(fields, "officers"), "o", "officer", 2000, officer);
    return fields;
}

static inline json_t *report_fields(void)
{
    return json_pack("{s:o, s:i, s:i, s:i, s:s, s:s, s:i}", "pack_hash", hex_of(0xaa), "n", 20,
        "threshold_e6", 500000, "fpir_bound_e9", 900000, "camera_class", "day", "made_on", "passages",
        "samples", 10000);
}

/* Takes the entries. */
static inline json_t *reason_json(const char *why_here, int64_t dated_s, json_t *entries)
{
    return json_pack("{s:s, s:s, s:I, s:o}", "why_here", why_here, "why_reference", "T-1", "why_dated",
        (json_int_t)dated_s, "entries", entries);
}

static inline json_t *request_fields(void)
{
    json_t *fields = json_pack("{s:s, s:s, s:s, s:[o, o], s:[o, o]}", "kind", "demo", "operation",
        ID("op", "1"), "purpose", "trial", "reasons",
        reason_json("last_seen", NOW - 86400, json_pack("[s, s]", ID("e", "1"), ID("e", "2"))),
        reason_json(
            "court_order", NOW - 2 * 86400, json_pack("[s, s, s]", ID("e", "3"), ID("e", "4"), ID("e", "5"))),
        "cameras", hex_of(0xc1), hex_of(0xc2));
    json_t *more = json_pack("{s:o, s:i, s:o, s:i, s:s, s:i, s:o, s:I, s:b, s:I, s:I}", "list_hash",
        hex_of(0xbb), "list_size", 5, "pack_hash", hex_of(0xaa), "threshold_e6", 520000, "camera_class",
        "day", "expected_passages", 1111, "assessment_hash", hex_of(0xdd), "assessment_dated",
        (json_int_t)(NOW - 86400), "notice_confirmed", 1, "starts_at", (json_int_t)(NOW - 60), "ends_at",
        (json_int_t)(NOW + 3600));
    json_object_update(fields, more);
    json_decref(more);
    return fields;
}
