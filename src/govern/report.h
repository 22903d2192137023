/* The public record of one operation, and the year's, computed from an exported log and nothing else: the
 * same export gives the same bytes. Totals, stops, outcomes and wrong stops are always there, zeros included;
 * nothing is suppressed because it is small. Outcomes are those that hold; "amended" says which of them were
 * recorded as something else first.
 *
 * The export has to be verified before (audit_verify). */
#pragma once

#include "base/json.h"

enum { REPORT_ALL = -1 };

/* The same leaf by leaf, in their order. What is neither about the operation nor about an alert raised in it
 * counts nothing and may be left out. */
struct report;
struct report *report_new(const char *operation);
void report_add(struct report *report, const json_t *leaf);
/* ERROR_MISSING when none was about the operation. */
json_t *report_made(const struct report *report, struct error *err);
void report_free(struct report *report);
AUTO_FREE(report, struct report *, report_free)

/* Counts the records up to number `through` (REPORT_ALL: all), so that a record made earlier can be made
 * again from a longer log. ERROR_MISSING when the log knows no such operation. */
json_t *report_operation(
    const void *export, size_t size, const char *operation, int64_t through, struct error *err);

/* ERROR_CONFLICT when an operation's terms, start or end is not in its report. */
bool report_is_whole(const json_t *report, struct error *err);

/* Every operation that ran in the calendar year (UTC), with totals. ERROR_CONFLICT names an operation that is
 * missing: one that alerts name and the log never started, one whose terms are not there, or one that has not
 * ended. */
json_t *report_year(const void *export, size_t size, int year, struct error *err);

/* The operations' ids of a year's report, which have to be published each: borrowed list. */
const json_t *report_operations(const json_t *year);

/* Heap texts. */
char *report_json_text(const json_t *report, struct error *err); /* canonical, one line */
char *report_csv_text(const json_t *report);                     /* operation,measure,value */
char *report_html_text(const json_t *report);                    /* one file, plots inside as SVG */
