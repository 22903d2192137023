#include "list/one_person.h"

#include "govern/ledger_find.h"
#include "list/former_roster.h"

#include <ctype.h>
#include <string.h>

static void lower(const char *number, char out[static SERVICE_NUMBER_SIZE])
{
    size_t i = 0;
    for (; i < SERVICE_NUMBER_SIZE - 1 && number[i]; i++)
        out[i] = (char)tolower((unsigned char)number[i]);
    out[i] = '\0';
}

/* Each service number's officer. */
static json_t *officers_by_number(const struct roster *roster)
{
    json_t *map = json_object();
    for (size_t i = 0; i < roster_officers(roster); i++) {
        const struct officer *officer = roster_officer_at(roster, i);
        char number[SERVICE_NUMBER_SIZE];
        lower(officer->service_number, number);
        if (*number)
            json_object_set_new(map, number, json_string(officer->id));
    }
    return map;
}

size_t one_person_count(const struct roster *roster)
{
    AUTO(json) json_t *map = officers_by_number(roster);
    return json_object_size(map);
}

/* Whom no force numbers: they belong to a court, to the oversight body or to another authority. */
static bool is_from_outside(const struct officer *officer)
{
    static const uint32_t outside = 1U << ROLE_OUTSIDE_SIGNER | 1U << ROLE_INSPECTOR | 1U << ROLE_AUDITOR;
    return (officer->roles & ~outside) == 0;
}

static bool all_have_numbers(const struct roster *next, struct error *err)
{
    for (size_t i = 0; i < roster_officers(next); i++) {
        const struct officer *officer = roster_officer_at(next, i);
        if (!officer->service_number[0] && !is_from_outside(officer))
            return fail(err, ERROR_INVALID,
                "officer %s has no service number, by which a live site tells that one person is one "
                "officer; put it into that line and sign the roster anew",
                officer->id);
    }
    return true;
}

static bool keep_their_codes(const struct envelope *former, const json_t *next, struct error *err)
{
    size_t index;
    const json_t *line;
    json_array_foreach (json_object_get(former->fields, "officers"), index, line) {
        const char *number = json_string_value(json_object_get(line, "service_number"));
        const char *before = json_string_value(json_object_get(line, "officer"));
        char key[SERVICE_NUMBER_SIZE] = "";
        if (number)
            lower(number, key);
        const char *after = json_string_value(json_object_get(next, key));
        if (after && strcmp(before, after) != 0)
            return fail(err, ERROR_CONFLICT,
                "%s is officer %s already and would become %s: one person is one officer; enrol again with "
                "the "
                "code %s",
                number, before, after, before);
    }
    return true;
}

static bool check_against(
    struct site *site, const char *leaf, const struct roster *next, const json_t *officers, struct error *err)
{
    AUTO(json) json_t *record = json_read(leaf, strlen(leaf), STATEMENT_LIMIT, err);
    int64_t number = json_integer_value(json_object_get(record, "number"));
    if (!record)
        return false;
    if (json_integer_value(json_object_get(record, "service_numbers")) == 0 || number >= roster_number(next))
        return true;
    AUTO(envelope)
    struct envelope *former =
        former_roster(site, number, json_string_value(json_object_get(record, "roster_hash")), err);
    return former && keep_their_codes(former, officers, err);
}

bool one_person_check(struct site *site, const struct roster *next, struct error *err)
{
    if (site->kind == SITE_LIVE && !all_have_numbers(next, err))
        return false;
    AUTO(json) json_t *officers = officers_by_number(next);
    AUTO(finding) struct finding found = {.ledger = site->ledger, .by = FIND_KIND, .value = "roster_adopted"};
    while (finding_next(&found)) {
        if (!check_against(site, (const char *)found.leaf.data, next, officers, err))
            return false;
    }
    return finding_ok(&found, err);
}
