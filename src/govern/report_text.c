/* A report as JSON, CSV and one HTML page. All of it holds ids, codes and numbers only, which is what a leaf
 * may hold: nothing needs escaping. */
#include "base/clock.h"
#include "base/text.h"
#include "govern/report.h"

#include <string.h>

enum { BAR_HEIGHT = 18, BAR_ROOM = 320, LABEL_ROOM = 200 };

static const char *const count_names[] = {"alerts", "stops", "wrong_stops", "outcomes_amended",
    "outcomes_not_recorded", "sightings_muted", "passages_waiting"};

static const char *word(const json_t *object, const char *field)
{
    const char *value = json_string_value(json_object_get(object, field));
    return value ? value : "";
}

static long long number(const json_t *object, const char *field)
{
    return json_integer_value(json_object_get(object, field));
}

static char *take(struct text *text)
{
    return memory_steal(&text->data);
}

char *report_json_text(const json_t *report, struct error *err)
{
    AUTO(text) char *canonical = json_canonical(report, err);
    return canonical ? text_format("%s\n", canonical) : NULL;
}

/* The name that comes next in byte order, so that a report is the same text wherever it is made; NULL at the
 * end. */
static const char *name_after(const json_t *object, const char *before)
{
    const char *next = NULL, *name;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)object, name, value)
        if ((!before || strcmp(name, before) > 0) && (!next || strcmp(name, next) < 0))
            next = name;
    return next;
}

static void csv_group(struct text *out, const json_t *report, const char *id, const char *group)
{
    const json_t *counts = json_object_get(report, group);
    for (const char *name = name_after(counts, NULL); name; name = name_after(counts, name))
        text_add(out, "%s,%s_%s,%lld\n", id, group, name, number(counts, name));
}

static void csv_stages(struct text *out, const json_t *report, const char *id)
{
    static const char *const names[] = {"alerts", "median_s", "p90_s", "longest_s"};
    const json_t *list = json_object_get(report, "stages");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *stage = json_array_get(list, i);
        for (size_t k = 0; k < COUNT_OF(names); k++)
            if (json_object_get(stage, names[k]))
                text_add(out, "%s,stage_%s_%s_%s,%lld\n", id, word(stage, "from"), word(stage, "to"),
                    names[k], number(stage, names[k]));
    }
}

static void csv_report(struct text *out, const json_t *report, const char *id)
{
    for (size_t i = 0; i < COUNT_OF(count_names); i++)
        text_add(out, "%s,%s,%lld\n", id, count_names[i], number(report, count_names[i]));
    csv_group(out, report, id, "outcomes");
    csv_group(out, report, id, "amended");
    csv_group(out, report, id, "harm");
    csv_group(out, report, id, "reviews");
    csv_group(out, report, id, "planted");
    csv_stages(out, report, id);
}

static bool is_year(const json_t *report)
{
    return strcmp(word(report, "report"), "year") == 0;
}

char *report_csv_text(const json_t *report)
{
    AUTO(text_buffer) struct text out = {0};
    text_add(&out, "operation,measure,value\n");
    if (!is_year(report)) {
        csv_report(&out, report, word(report, "operation"));
        return take(&out);
    }
    csv_report(&out, report, "all");
    const json_t *operations = report_operations(report);
    for (size_t i = 0; i < json_array_size(operations); i++)
        csv_report(&out, json_array_get(operations, i), word(json_array_get(operations, i), "operation"));
    return take(&out);
}

static long long largest_of(const json_t *counts)
{
    long long largest = 1;
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)counts, name, value)
        largest = json_integer_value(value) > largest ? json_integer_value(value) : largest;
    return largest;
}

struct plot { /* where the next bar goes, and how long one is */
    long long row, largest;
};

static void bar(struct text *out, struct plot *plot, const char *name, long long value)
{
    long long top = plot->row++ * BAR_HEIGHT;
    text_add(out,
        "<text x=\"%d\" y=\"%lld\" text-anchor=\"end\">%s</text><rect x=\"%d\" y=\"%lld\" width=\"%lld\" "
        "height=\"%d\"/>"
        "<text x=\"%lld\" y=\"%lld\">%lld</text>\n",
        LABEL_ROOM - 6, top + 13, name, LABEL_ROOM, top + 3, value * BAR_ROOM / plot->largest, BAR_HEIGHT - 6,
        LABEL_ROOM + 6 + value * BAR_ROOM / plot->largest, top + 13, value);
}

static void add_plot(struct text *out, const json_t *report, const char *group, const char *title)
{
    const json_t *counts = json_object_get(report, group);
    struct plot plot = {0, largest_of(counts)};
    text_add(out, "<h2>%s</h2>\n<svg width=\"%d\" height=\"%zu\" role=\"img\" aria-label=\"%s\">\n", title,
        LABEL_ROOM + BAR_ROOM + 80, json_object_size(counts) * BAR_HEIGHT, title);
    for (const char *name = name_after(counts, NULL); name; name = name_after(counts, name))
        bar(out, &plot, name, number(counts, name));
    text_add(out, "</svg>\n");
}

static void add_counts(struct text *out, const json_t *report)
{
    text_add(out, "<h2>Totals</h2>\n<table>\n");
    for (size_t i = 0; i < COUNT_OF(count_names); i++)
        text_add(out, "<tr><th>%s</th><td>%lld</td></tr>\n", count_names[i], number(report, count_names[i]));
    text_add(out, "</table>\n");
}

static void add_amended(struct text *out, const json_t *report)
{
    const json_t *amended = json_object_get(report, "amended");
    if (json_object_size(amended) == 0)
        return;
    text_add(out, "<h2>Outcomes amended: recorded first, to what holds</h2>\n<table>\n");
    for (const char *name = name_after(amended, NULL); name; name = name_after(amended, name))
        text_add(out, "<tr><th>%s</th><td>%lld</td></tr>\n", name, number(amended, name));
    text_add(out, "</table>\n");
}

static void error_row(struct text *out, const json_t *planted, const char *pairs, const char *answers,
    const char *wrong, const char *cannot_tell)
{
    long long asked = number(planted, answers), missed = number(planted, wrong);
    text_add(out,
        "<tr><th>%s</th><td>%lld</td><td>%lld</td><td>%lld</td><td>%lld</td><td>%lld.%lld %%</td></tr>\n",
        pairs, number(planted, pairs), asked, missed, number(planted, cannot_tell),
        asked ? missed * 100 / asked : 0, asked ? missed * 1000 / asked % 10 : 0);
}

/* Of pairs whose answer was known before (SAFEGUARDS 28). */
static void add_reviewer_error(struct text *out, const json_t *report)
{
    const json_t *planted = json_object_get(report, "planted");
    text_add(out,
        "<h2>Reviewer error on planted pairs</h2>\n<table>\n<tr><th>pairs</th><th>number</th><th>answers</th>"
        "<th>wrong</th><th>cannot tell</th><th>wrong, of the answers</th></tr>\n");
    error_row(out, planted, "same_pairs", "same_pairs_answers", "same_pairs_said_different",
        "same_pairs_cannot_tell");
    error_row(out, planted, "different_pairs", "different_pairs_answers", "different_pairs_said_same",
        "different_pairs_cannot_tell");
    text_add(out, "</table>\n");
}

static void add_stages(struct text *out, const json_t *report)
{
    const json_t *list = json_object_get(report, "stages");
    if (!list)
        return;
    text_add(out,
        "<h2>Stage times</h2>\n<table>\n"
        "<tr><th>stage</th><th>alerts</th><th>median s</th><th>p90 s</th><th>longest s</th></tr>\n");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *stage = json_array_get(list, i);
        text_add(out, "<tr><th>%s to %s</th><td>%lld</td><td>%lld</td><td>%lld</td><td>%lld</td></tr>\n",
            word(stage, "from"), word(stage, "to"), number(stage, "alerts"), number(stage, "median_s"),
            number(stage, "p90_s"), number(stage, "longest_s"));
    }
    text_add(out, "</table>\n");
}

static void add_events(struct text *out, const json_t *report)
{
    const json_t *list = json_object_get(report, "events");
    if (!list)
        return;
    text_add(out, "<h2>What happened</h2>\n<table>\n");
    for (size_t i = 0; i < json_array_size(list); i++) {
        char when[21];
        clock_write_iso(number(json_array_get(list, i), "at"), when);
        text_add(out, "<tr><th>%s</th><td>%s</td><td>%s</td></tr>\n", when,
            word(json_array_get(list, i), "event"), word(json_array_get(list, i), "why"));
    }
    text_add(out, "</table>\n");
}

static void add_operations(struct text *out, const json_t *report)
{
    const json_t *list = report_operations(report);
    text_add(out, "<h2>Operations</h2>\n<table>\n<tr><th>operation</th><th>alerts</th><th>stops</th>"
                  "<th>wrong stops</th></tr>\n");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        text_add(out, "<tr><th>%s</th><td>%lld</td><td>%lld</td><td>%lld</td></tr>\n", word(one, "operation"),
            number(one, "alerts"), number(one, "stops"), number(one, "wrong_stops"));
    }
    text_add(out, "</table>\n");
}

static void add_head(struct text *out, const json_t *report)
{
    AUTO(text) char *year = text_format("Operations of %lld", number(report, "year"));
    AUTO(text)
    char *operation = text_format("Operation %s of %s", word(report, "operation"), word(report, "site"));
    const char *title = is_year(report) ? year : operation;
    text_add(out,
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>%s</title>\n"
        "<style>body{font:15px sans-serif;max-width:46em;margin:2em auto}table{border-collapse:collapse}"
        "td,th{border:1px solid #888;padding:2px 8px;text-align:start;font-weight:normal}td{text-align:end}"
        "svg{font:12px sans-serif}rect{fill:#456}</style>\n<h1>%s</h1>\n"
        "<p>Computed from the exported log alone; anybody with the log can compute it again.</p>\n",
        title, title);
}

char *report_html_text(const json_t *report)
{
    AUTO(text_buffer) struct text out = {0};
    add_head(&out, report);
    add_counts(&out, report);
    if (is_year(report))
        add_operations(&out, report);
    add_plot(&out, report, "outcomes", "Outcomes that hold");
    add_amended(&out, report);
    add_plot(&out, report, "harm", "Harm");
    add_plot(&out, report, "reviews", "Reviewers' answers, and alerts they disagreed on");
    add_reviewer_error(&out, report);
    add_stages(&out, report);
    add_events(&out, report);
    text_add(&out, "</html>\n");
    return take(&out);
}
