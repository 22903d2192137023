#include "govern/report.h"

#include "base/text.h"
#include "govern/leaf.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Every word an alert can end with (DESIGN §4), so that what never happened stands there as 0. */
static const char *const outcomes[] = {"contact_declined", "custody", "found_safe",
    "identity_not_established", "lapsed", "lost", "no_unit", "not_found", "not_stopped", "other_custody",
    "recalled", "rejected", "right_person_no_action", "right_person_not_wanted", "wrong_person"};

static const char *const harms[] = {"death", "firearm", "injury", "none", "resistance"};

static const char *const by_gravity[] = {"none", "resistance", "injury", "firearm", "death"};

/* Of planted pairs, which are no alerts: how many there were, and the answers, wrong ones apart. */
static const char *const measures[] = {"different_pairs", "different_pairs_answers",
    "different_pairs_cannot_tell", "different_pairs_said_same", "same_pairs", "same_pairs_answers",
    "same_pairs_cannot_tell", "same_pairs_said_different"};

static const char *const steps[] = {
    "raised", "agreed", "dispatched", "accepted", "on_scene", "stopped", "closed"};

/* "why_here" stands in logs from before; "reasons" are counts by code. */
static const char *const term_names[] = {"site_kind", "purpose", "why_here", "why_dated", "reasons",
    "list_size", "threshold_e6", "pack_hash", "report_hash", "starts_at", "ends_at"};

/* What is counted of one operation while its records are read in their order. */
struct count {
    const char *operation;
    /* owned */
    json_t *terms, *events, *harm;
    json_t *alerts; /* id → {step: time, "first", "holds": outcome, "amended": true, "harm": the gravest} */
    json_t *planted;    /* pairs that measured the reviewers */
    int64_t unrecorded; /* outcomes that no crew gave: two offices closed the alert */
    int64_t muted, waiting, same, different, cannot_tell, disagreements, stops;
    int64_t first, last; /* records that belong to it; -1 for none */
};

static json_t *zeros(const char *const *names, size_t count)
{
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, names[i], json_integer(0));
    return object;
}

static void count_begin(struct count *count, const char *operation)
{
    *count = (struct count){.operation = operation, .first = -1, .last = -1};
    count->events = json_array();
    count->alerts = json_object();
    count->harm = zeros(harms, COUNT_OF(harms));
    count->planted = zeros(measures, COUNT_OF(measures));
}

static void count_end(struct count *count)
{
    json_decref(count->terms);
    json_decref(count->events);
    json_decref(count->alerts);
    json_decref(count->harm);
    json_decref(count->planted);
}

static const char *word(const json_t *leaf, const char *field)
{
    const char *value = json_string_value(json_object_get(leaf, field));
    return value ? value : "";
}

static int64_t number(const json_t *leaf, const char *field)
{
    return json_integer_value(json_object_get(leaf, field));
}

static void add_to(json_t *counts, const char *name, int64_t more)
{
    json_object_set_new(counts, name, json_integer(number(counts, name) + more));
}

static void add_one(json_t *counts, const char *name)
{
    if (*name)
        add_to(counts, name, 1);
}

static void note_terms(struct count *count, const json_t *leaf)
{
    json_decref(count->terms);
    count->terms = json_object();
    for (size_t i = 0; i < COUNT_OF(term_names); i++) {
        json_t *value = json_object_get(leaf, term_names[i]);
        if (value)
            json_object_set(count->terms, term_names[i], value);
    }
    json_object_set_new(
        count->terms, "cameras", json_integer((json_int_t)json_array_size(json_object_get(leaf, "cameras"))));
}

static void note_operation(struct count *count, const char *kind, const json_t *leaf)
{
    if (strcmp(kind, "operation_terms") == 0) {
        note_terms(count, leaf);
        return;
    }
    json_array_append_new(count->events, json_pack("{s:I, s:s, s:s}", "at", (json_int_t)number(leaf, "at"),
                                             "event", kind + strlen("operation_"), "why", word(leaf, "why")));
}

/* Of a step that is taken again (a second unit is sent) the first time counts. */
static void note_step(struct count *count, const char *step, const json_t *leaf)
{
    json_t *alert = json_object_get(count->alerts, word(leaf, "alert"));
    if (json_object_get(alert, step))
        return;
    json_object_set_new(alert, step, json_integer((json_int_t)number(leaf, "at")));
    if (strcmp(step, "stopped") == 0)
        count->stops++;
    if (strcmp(step, "closed") == 0) {
        json_object_set(alert, "first", json_object_get(leaf, "outcome"));
        json_object_set(alert, "holds", json_object_get(leaf, "outcome"));
    }
}

/* Two offices say that it was something else: that holds, and what was recorded first is never overwritten
 * (SAFEGUARDS 38). */
static void note_amendment(struct count *count, const json_t *leaf)
{
    json_t *alert = json_object_get(count->alerts, word(leaf, "alert"));
    json_object_set(alert, "holds", json_object_get(leaf, "outcome"));
    json_object_set_new(alert, "amended", json_true());
}

static void note_reviews(struct count *count, const json_t *leaf)
{
    int64_t same = number(leaf, "same"), different = number(leaf, "different");
    count->same += same;
    count->different += different;
    count->cannot_tell += number(leaf, "cannot_tell");
    count->disagreements += same > 0 && different > 0;
}

static void note_pair(struct count *count, const json_t *leaf)
{
    int64_t same = number(leaf, "same"), different = number(leaf, "different"),
            cannot_tell = number(leaf, "cannot_tell");
    const bool is_same = strcmp(word(leaf, "pair"), "same") == 0;
    if (!is_same && strcmp(word(leaf, "pair"), "different") != 0)
        return;
    add_to(count->planted, is_same ? "same_pairs" : "different_pairs", 1);
    add_to(count->planted, is_same ? "same_pairs_answers" : "different_pairs_answers",
        same + different + cannot_tell);
    add_to(count->planted, is_same ? "same_pairs_cannot_tell" : "different_pairs_cannot_tell", cannot_tell);
    add_to(count->planted, is_same ? "same_pairs_said_different" : "different_pairs_said_same",
        is_same ? different : same);
}

static int gravity(const char *harm)
{
    for (size_t i = 0; i < COUNT_OF(by_gravity); i++)
        if (strcmp(harm, by_gravity[i]) == 0)
            return (int)i;
    return -1;
}

/* Said when the crew signs and again when its outcome counts; an alert is counted once, with the gravest. */
static void note_harm(struct count *count, const json_t *leaf)
{
    json_t *alert = json_object_get(count->alerts, word(leaf, "alert"));
    int before = gravity(word(alert, "harm")), now = gravity(word(leaf, "harm"));
    if (now <= before)
        return;
    if (before >= 0)
        add_to(count->harm, by_gravity[before], -1);
    add_to(count->harm, by_gravity[now], 1);
    json_object_set_new(alert, "harm", json_string(by_gravity[now]));
}

static void note_alert(struct count *count, const char *kind, const json_t *leaf)
{
    if (strcmp(kind, "reviews_counted") == 0)
        note_reviews(count, leaf);
    if (strcmp(kind, "outcome_given") == 0 || strcmp(kind, "concurrence_asked") == 0)
        note_harm(count, leaf);
    count->unrecorded += strcmp(kind, "outcome_not_recorded") == 0;
    if (strcmp(kind, "outcome_amended") == 0)
        note_amendment(count, leaf);
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (strncmp(kind, "alert_", 6) == 0 && strcmp(kind + 6, steps[i]) == 0)
            note_step(count, steps[i], leaf);
}

static void note_leaf(struct count *count, const json_t *leaf)
{
    const char *kind = word(leaf, "kind"), *alert = word(leaf, "alert");
    bool own = strcmp(word(leaf, "operation"), count->operation) == 0;
    if (own && strcmp(kind, "alert_raised") == 0)
        json_object_set_new(count->alerts, alert, json_object());
    bool known = *alert && json_object_get(count->alerts, alert);
    if (!own && !known)
        return;
    count->last = number(leaf, "seq");
    count->first = count->first < 0 ? count->last : count->first;
    count->muted += strcmp(kind, "sighting_muted") == 0;
    count->muted += strcmp(kind, "more_sightings_unraised") == 0 ? number(leaf, "muted") : 0;
    count->waiting += strcmp(kind, "passage_waits") == 0;
    count->waiting += strcmp(kind, "more_passages_waited") == 0 ? number(leaf, "passages") : 0;
    if (own && strcmp(kind, "pair_reviewed") == 0)
        note_pair(count, leaf);
    if (known)
        note_alert(count, kind, leaf);
    else if (strncmp(kind, "operation_", 10) == 0)
        note_operation(count, kind, leaf);
}

/* The leaf that starts at *at; moves *at behind it. NULL at the empty line or where `through` ends. */
static json_t *next_leaf(const char **at, const char *end, int64_t through, struct error *err)
{
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    if (!newline || newline == *at)
        return NULL;
    json_t *leaf = json_read(*at, (size_t)(newline - *at), LEAF_LIMIT, err);
    if (leaf && through >= 0 && number(leaf, "seq") > through) {
        json_decref(leaf);
        return NULL;
    }
    *at = newline + 1;
    return leaf;
}

static int compare_numbers(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Nearest rank. */
static int64_t percentile(const int64_t *sorted, size_t count, size_t percent)
{
    size_t rank = (count * percent + 99) / 100;
    return sorted[rank ? rank - 1 : 0];
}

static json_t *stage(const json_t *alerts, const char *from, const char *to)
{
    AUTO(heap) int64_t *seconds = memory_allocate(json_object_size(alerts) + 1, sizeof *seconds);
    size_t count = 0;
    const char *id;
    json_t *alert;
    json_object_foreach ((json_t *)(uintptr_t)alerts, id, alert) {
        if (json_object_get(alert, from) && json_object_get(alert, to))
            seconds[count++] = number(alert, to) - number(alert, from);
    }
    if (!count)
        return json_pack("{s:s, s:s, s:i}", "from", from, "to", to, "alerts", 0);
    qsort(seconds, count, sizeof *seconds, compare_numbers);
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "from", from, "to", to, "alerts", (json_int_t)count,
        "median_s", (json_int_t)percentile(seconds, count, 50), "p90_s",
        (json_int_t)percentile(seconds, count, 90), "longest_s", (json_int_t)seconds[count - 1]);
}

static json_t *stages(const json_t *alerts)
{
    json_t *list = json_array();
    for (size_t i = 0; i + 1 < COUNT_OF(steps); i++)
        json_array_append_new(list, stage(alerts, steps[i], steps[i + 1]));
    return list;
}

/* The outcomes that hold, zeros included. */
static json_t *count_outcomes(const json_t *alerts)
{
    json_t *counts = zeros(outcomes, COUNT_OF(outcomes));
    const char *id;
    json_t *alert;
    json_object_foreach ((json_t *)(uintptr_t)alerts, id, alert) {
        add_one(counts, word(alert, "holds"));
    }
    return counts;
}

/* "custody_to_wrong_person": how many were recorded as the one and are held to be the other. */
static json_t *count_amended(const json_t *alerts, int64_t *total)
{
    json_t *counts = json_object();
    const char *id;
    json_t *alert;
    *total = 0;
    json_object_foreach ((json_t *)(uintptr_t)alerts, id, alert) {
        if (!json_object_get(alert, "amended"))
            continue;
        AUTO(text) char *change = text_format("%s_to_%s", word(alert, "first"), word(alert, "holds"));
        add_one(counts, change);
        ++*total;
    }
    return counts;
}

static json_t *finish(const struct count *count, const char *site)
{
    int64_t amended = 0;
    json_t *held = count_outcomes(count->alerts), *amendments = count_amended(count->alerts, &amended);
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:O, s:O, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:O, s:O, s:I, s:I, "
        "s:{s:I, s:I, s:I, s:I}, s:o}",
        "report", "operation", "site", site, "operation", count->operation, "first_record",
        (json_int_t)count->first, "last_record", (json_int_t)count->last, "terms",
        count->terms ? count->terms : json_null(), "events", count->events, "alerts",
        (json_int_t)json_object_size(count->alerts), "stops", (json_int_t)count->stops, "wrong_stops",
        (json_int_t)number(held, "wrong_person"), "outcomes_amended", (json_int_t)amended,
        "outcomes_not_recorded", (json_int_t)count->unrecorded, "outcomes", held, "amended", amendments,
        "harm", count->harm, "planted", count->planted, "sightings_muted", (json_int_t)count->muted,
        "passages_waiting", (json_int_t)count->waiting, "reviews", "same", (json_int_t)count->same,
        "different", (json_int_t)count->different, "cannot_tell", (json_int_t)count->cannot_tell,
        "alerts_disagreed", (json_int_t)count->disagreements, "stages", stages(count->alerts));
}

struct report {
    struct count count;
    char *operation;
    char site[64];
};

struct report *report_new(const char *operation)
{
    struct report *report = memory_allocate(1, sizeof *report);
    report->operation = memory_copy_text(operation);
    count_begin(&report->count, report->operation);
    return report;
}

void report_add(struct report *report, const json_t *leaf)
{
    note_leaf(&report->count, leaf);
    strncpy(report->site, word(leaf, "site"), sizeof report->site - 1);
}

json_t *report_made(const struct report *report, struct error *err)
{
    if (report->count.first >= 0)
        return finish(&report->count, report->site);
    fail(err, ERROR_MISSING, "the log holds no operation %.40s", report->operation);
    return NULL;
}

void report_free(struct report *report)
{
    if (!report)
        return;
    count_end(&report->count);
    memory_release(report->operation);
    memory_release(report);
}

json_t *report_operation(
    const void *export, size_t size, const char *operation, int64_t through, struct error *err)
{
    AUTO(report) struct report *report = report_new(operation);
    struct error bad = {0};
    const char *at = export, *end = at + size;
    for (json_t *leaf; (leaf = next_leaf(&at, end, through, &bad)); json_decref(leaf))
        report_add(report, leaf);
    if (bad.code == ERROR_NONE)
        return report_made(report, err);
    fail_as(err, &bad);
    return NULL;
}

static int year_of(int64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm split;
    gmtime_r(&when, &split);
    return split.tm_year + 1900;
}

/* id → true for every operation that ran, or that an alert names, in the year. */
static json_t *operations_of(const void *export, size_t size, int year, struct error *err)
{
    AUTO(json) json_t *ids = json_object();
    struct error bad = {0};
    const char *at = export, *end = at + size;
    for (json_t *leaf; (leaf = next_leaf(&at, end, REPORT_ALL, &bad)); json_decref(leaf)) {
        const char *kind = word(leaf, "kind");
        bool counts = strcmp(kind, "operation_running") == 0 || strcmp(kind, "operation_armed") == 0 ||
                      strcmp(kind, "alert_raised") == 0;
        if (counts && year_of(number(leaf, "at")) == year)
            json_object_set_new(ids, word(leaf, "operation"), json_true());
    }
    if (bad.code == ERROR_NONE)
        return STEAL(ids);
    fail_as(err, &bad);
    return NULL;
}

static bool has_event(const json_t *report, const char *event)
{
    const json_t *events = json_object_get(report, "events");
    for (size_t i = 0; i < json_array_size(events); i++)
        if (strcmp(word(json_array_get(events, i), "event"), event) == 0)
            return true;
    return false;
}

bool report_is_whole(const json_t *report, struct error *err)
{
    const char *id = word(report, "operation");
    if (!json_is_object(json_object_get(report, "terms")))
        return fail(err, ERROR_CONFLICT, "operation %s is missing: the log has no terms of it", id);
    if (!has_event(report, "running"))
        return fail(err, ERROR_CONFLICT, "operation %s is missing: the log never started it", id);
    if (!has_event(report, "ended"))
        return fail(
            err, ERROR_CONFLICT, "operation %s is missing: it has not ended; report after its end", id);
    return true;
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static json_t *sorted_names(const json_t *object)
{
    size_t count = 0;
    AUTO(heap) const char **names = memory_allocate(json_object_size(object) + 1, sizeof *names);
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)object, name, value)
        names[count++] = name;
    qsort(names, count, sizeof *names, compare_texts);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(names[i]));
    return list;
}

static void add_counts(json_t *sums, const json_t *counts)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)counts, name, value)
        if (json_is_integer(value))
            json_object_set_new(sums, name, json_integer(number(sums, name) + json_integer_value(value)));
}

static void add_totals(json_t *year, const json_t *report)
{
    static const char *const groups[] = {"outcomes", "amended", "harm", "reviews", "planted"};
    static const char *const numbers[] = {"alerts", "stops", "wrong_stops", "outcomes_amended",
        "outcomes_not_recorded", "sightings_muted", "passages_waiting"};
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        add_counts(json_object_get(year, groups[i]), json_object_get(report, groups[i]));
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        json_object_set_new(
            year, numbers[i], json_integer(number(year, numbers[i]) + number(report, numbers[i])));
}

static json_t *empty_year(int year)
{
    return json_pack(
        "{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:{}, s:o, s:o, s:{s:i, s:i, s:i, s:i}, "
        "s:[]}",
        "report", "year", "year", year, "alerts", 0, "stops", 0, "wrong_stops", 0, "outcomes_amended", 0,
        "outcomes_not_recorded", 0, "sightings_muted", 0, "passages_waiting", 0, "outcomes",
        zeros(outcomes, COUNT_OF(outcomes)), "amended", "harm", zeros(harms, COUNT_OF(harms)), "planted",
        zeros(measures, COUNT_OF(measures)), "reviews", "same", 0, "different", 0, "cannot_tell", 0,
        "alerts_disagreed", 0, "operations");
}

json_t *report_year(const void *export, size_t size, int year, struct error *err)
{
    AUTO(json) json_t *found = operations_of(export, size, year, err);
    if (!found)
        return NULL;
    AUTO(json) json_t *ids = sorted_names(found);
    AUTO(json) json_t *report = empty_year(year);
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        AUTO(json) json_t *one = report_operation(export, size, id, REPORT_ALL, err);
        if (!one || !report_is_whole(one, err))
            return NULL;
        add_totals(report, one);
        json_array_append(json_object_get(report, "operations"), one);
    }
    return STEAL(report);
}

const json_t *report_operations(const json_t *year)
{
    return json_object_get(year, "operations");
}
