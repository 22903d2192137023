#include "list/entry_rules.h"

#include "base/clock.h"
#include "list/offence.h"
#include "list/section.h"
#include "sign/limits.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ADULT_YEARS = 18 };

struct ground_rule {
    const char *word;
    int64_t longest_s;
    const char *sources; /* of its photos, each between spaces */
    bool consents;       /* the only kind a demo site knows */
    bool suspect;        /* needs the signed offence table */
    const char *kind;    /* of one case at least; NULL: any */
};

/* The closed set. */
static const struct ground_rule ground_rules[] = {
    {"court_warrant", LIMIT_ENTRY_S, " custody prison court ", false, false, "court"},
    {"proclaimed_offender", LIMIT_ENTRY_S, " custody prison court ", false, false, "court"},
    {"suspect_with_warrant", LIMIT_ENTRY_S, " custody prison court ", false, true, "court"},
    {"suspect_fir_only", LIMIT_FIR_ONLY_S, " custody prison court ", false, true, "fir"},
    {"escaped_prisoner", LIMIT_ENTRY_S, " custody prison court ", false, false, NULL},
    {"missing_or_at_risk", LIMIT_ENTRY_S, " family ", false, false, NULL},
    {"consenting_test_subject", LIMIT_ENTRY_S, " consenting_subject ", true, false, NULL},
};

static bool is_missing(const struct ground_rule *rule)
{
    return strcmp(rule->word, "missing_or_at_risk") == 0;
}

static const struct ground_rule *ground_of(struct site *site, const json_t *fields, struct error *err)
{
    const char *word = NULL;
    if (!json_need_text(fields, "ground", &word, err))
        return NULL;
    const struct ground_rule *found = NULL;
    for (size_t i = 0; i < COUNT_OF(ground_rules); i++)
        if (strcmp(word, ground_rules[i].word) == 0)
            found = &ground_rules[i];
    if (!found) {
        fail(err, ERROR_INVALID, "'%.40s' is not a ground; the grounds are a closed set", word);
        return NULL;
    }
    if (site->kind == SITE_DEMO && !found->consents) {
        fail(err, ERROR_FORBIDDEN, "a demo site does not take the ground %s", word);
        return NULL;
    }
    return found->suspect && !offence_table_counts(site, err) ? NULL : found;
}

bool cnic_is_valid(const char *cnic)
{
    static const char form[] = "ddddd-ddddddd-d";
    if (strlen(cnic) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? !isdigit((unsigned char)cnic[i]) : cnic[i] != form[i])
            return false;
    return true;
}

static int year_now(void)
{
    time_t now = (time_t)clock_now_s();
    struct tm when;
    gmtime_r(&now, &when);
    return when.tm_year + 1900;
}

bool born_is_minor(int64_t born)
{
    return year_now() - born - 1 < ADULT_YEARS;
}

static bool check_person(const json_t *fields, const struct ground_rule *rule, bool *minor, struct error *err)
{
    const json_t *person = NULL;
    const char *cnic = NULL, *name = NULL;
    int64_t born = 0;
    if (!json_need_object(fields, "person", &person, err) || !json_need_text(person, "cnic", &cnic, err) ||
        !json_need_text(person, "name", &name, err) || !json_need_integer(person, "born", &born, err))
        return false;
    bool unknown_is_well = is_missing(rule) && !*cnic;
    if (!unknown_is_well && !cnic_is_valid(cnic))
        return fail(err, ERROR_INVALID, "the CNIC has to have the form 00000-0000000-0");
    if (!*name)
        return fail(err, ERROR_INVALID, "the person has no name");
    if (born > year_now())
        return fail(err, ERROR_INVALID, "the year of birth lies in the future");
    *minor = born_is_minor(born);
    if (*minor && !is_missing(rule))
        return fail(
            err, ERROR_FORBIDDEN, "somebody under %d is listed only as missing or at risk", ADULT_YEARS);
    return true;
}

/* Invented cases and a magistrate's order about somebody missing are under no section of an act. */
static bool names_law(const struct ground_rule *rule)
{
    return !rule->consents && !is_missing(rule);
}

static bool check_case(
    struct site *site, const json_t *legal_case, const struct ground_rule *rule, struct error *err)
{
    const char *id = NULL, *kind = NULL, *number = NULL, *section = NULL, *station = NULL, *officer = NULL;
    int64_t dated = 0;
    if (!json_need_text(legal_case, "case", &id, err) || !json_need_text(legal_case, "kind", &kind, err) ||
        !json_need_text(legal_case, "number", &number, err) ||
        !json_need_text(legal_case, "section", &section, err) ||
        !json_need_text(legal_case, "station", &station, err) ||
        !json_need_text(legal_case, "officer", &officer, err) ||
        !json_need_integer(legal_case, "dated", &dated, err))
        return false;
    if (!*number || !*section || !*officer)
        return fail(err, ERROR_INVALID, "case %s: number, section and officer have to be given", id);
    if (strcmp(kind, "court") != 0 && strcmp(kind, "fir") != 0)
        return fail(err, ERROR_INVALID, "case %s: the kind is court or fir", id);
    if (dated <= 0 || dated > clock_now_s())
        return fail(err, ERROR_INVALID, "case %s: its date has to lie in the past", id);
    if (!roster_station(site->roster, station))
        return fail(err, ERROR_INVALID, "case %s: the roster has no station %s", id, station);
    if (section_is_blocked(section))
        return fail(err, ERROR_FORBIDDEN,
            "case %s: sections on speech, blasphemy, sedition, assembly and defamation are blocked", id);
    return !names_law(rule) || section_names_law(section, err) || fail_within(err, "case %s", id);
}

static bool case_allows_suspect(const json_t *legal_case, struct error *err)
{
    const char *section = json_string_value(json_object_get(legal_case, "section"));
    return offence_allows_suspect(offence_table, section, err) ||
           fail_within(err, "case %s", json_string_value(json_object_get(legal_case, "case")));
}

static bool differ_by(const json_t *array, const char *field, struct error *err)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        for (size_t j = 0; j < i; j++)
            if (json_equal(json_object_get(json_array_get(array, i), field),
                    json_object_get(json_array_get(array, j), field)))
                return fail(err, ERROR_INVALID, "the same %s is given twice", field);
    return true;
}

static bool check_cases(
    struct site *site, const json_t *fields, const struct ground_rule *rule, bool minor, struct error *err)
{
    const json_t *cases = NULL;
    if (!json_need_array(fields, "cases", &cases, err))
        return false;
    if (json_array_size(cases) == 0)
        return fail(err, ERROR_INVALID, "an entry needs at least one case with a court or FIR reference");
    size_t index;
    const json_t *legal_case;
    bool court = false, fits = !rule->kind;
    json_array_foreach (cases, index, legal_case) {
        if (!check_case(site, legal_case, rule, err) ||
            (rule->suspect && !case_allows_suspect(legal_case, err)))
            return false;
        const char *kind = json_string_value(json_object_get(legal_case, "kind"));
        court = court || strcmp(kind, "court") == 0;
        fits = fits || strcmp(kind, rule->kind) == 0;
    }
    if (!fits)
        return fail(err, ERROR_INVALID, "the ground %s needs a case of kind %s", rule->word, rule->kind);
    if (is_missing(rule) && !minor && !court)
        return fail(err, ERROR_FORBIDDEN, "a missing adult needs a magistrate's order: a case of kind court");
    return differ_by(cases, "case", err);
}

static bool check_photo(const json_t *photo, const struct ground_rule *rule, struct error *err)
{
    const char *source = NULL, *record_number = NULL;
    int64_t dated = 0;
    if (!json_need_text(photo, "source", &source, err) ||
        !json_need_text(photo, "record_number", &record_number, err) ||
        !json_need_integer(photo, "dated", &dated, err))
        return false;
    const char *found = strstr(rule->sources, source);
    if (!*source || !found || found[-1] != ' ' || found[strlen(source)] != ' ')
        return fail(err, ERROR_FORBIDDEN, "a photo of %s cannot come from '%.24s'", rule->word, source);
    if (!*record_number)
        return fail(err, ERROR_INVALID, "a photo has no record number");
    if (dated <= 0 || dated > clock_now_s())
        return fail(err, ERROR_INVALID, "a photo's date has to lie in the past");
    return true;
}

static bool check_photos(const json_t *fields, const struct ground_rule *rule, struct error *err)
{
    const json_t *photos = NULL;
    if (!json_need_array(fields, "photos", &photos, err))
        return false;
    if (json_array_size(photos) == 0)
        return fail(err, ERROR_INVALID, "an entry needs a photo");
    if (json_array_size(photos) > LIMIT_ENTRY_PHOTOS)
        return fail(err, ERROR_TOO_LARGE, "an entry has at most %d photos", LIMIT_ENTRY_PHOTOS);
    size_t index;
    const json_t *photo;
    json_array_foreach (photos, index, photo) {
        if (!check_photo(photo, rule, err))
            return false;
    }
    return differ_by(photos, "photo", err);
}

static bool check_expiry(const json_t *fields, const struct ground_rule *rule, bool minor, struct error *err)
{
    int64_t expires = 0, now = clock_now_s();
    int64_t longest = is_missing(rule) && !minor ? LIMIT_MISSING_ADULT_S : rule->longest_s;
    if (!json_need_integer(fields, "expires_at", &expires, err))
        return false;
    if (expires <= now)
        return fail(err, ERROR_INVALID, "the entry would have expired already");
    if (expires > now + longest)
        return fail(err, ERROR_INVALID, "an entry on the ground %s lives at most %lld hours", rule->word,
            (long long)longest / 3600);
    return true;
}

bool entry_rules_check(struct site *site, const struct envelope *proposal, struct error *err)
{
    bool minor = false;
    const struct ground_rule *rule = ground_of(site, proposal->fields, err);
    return rule && check_person(proposal->fields, rule, &minor, err) &&
           check_cases(site, proposal->fields, rule, minor, err) &&
           check_photos(proposal->fields, rule, err) && check_expiry(proposal->fields, rule, minor, err);
}

bool entry_rules_still_arm(struct site *site, const struct envelope *proposal, struct error *err)
{
    const struct ground_rule *rule = ground_of(site, proposal->fields, err);
    if (!rule || !rule->suspect)
        return rule != NULL;
    size_t index;
    const json_t *legal_case;
    json_array_foreach (json_object_get(proposal->fields, "cases"), index, legal_case) {
        if (!case_allows_suspect(legal_case, err))
            return false;
    }
    return true;
}

bool entry_rules_renew(const struct envelope *proposal, int64_t expires_s, struct error *err)
{
    const char *word = json_string_value(json_object_get(proposal->fields, "ground"));
    const json_t *person = json_object_get(proposal->fields, "person");
    bool minor = born_is_minor(json_integer_value(json_object_get(person, "born")));
    for (size_t i = 0; i < COUNT_OF(ground_rules); i++) {
        const struct ground_rule *rule = &ground_rules[i];
        if (strcmp(rule->word, word) != 0)
            continue;
        if (rule->longest_s != LIMIT_ENTRY_S || (is_missing(rule) && !minor))
            return fail(
                err, ERROR_FORBIDDEN, "an entry on the ground %s is proposed anew, not renewed", word);
        AUTO(json) json_t *fields = json_pack("{s:I}", "expires_at", (json_int_t)expires_s);
        return check_expiry(fields, rule, minor, err);
    }
    return fail(err, ERROR_INVALID, "'%.40s' is not a ground", word);
}
