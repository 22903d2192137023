/* docs/security.md says of every table of the database what class it is of and until when its rows are kept.
 */
#include "desk.h"

#include "base/file.h"
#include "alert/row.h"
#include "base/text.h"

#include <stdlib.h>

/* The row's cell after this many bars, without blanks; false when it has none. */
static bool cell(const char *line, int bars, char out[static 256])
{
    const char *at = line;
    for (int i = 0; at && i < bars; i++)
        at = strchr(at + (i > 0), '|');
    const char *end = at ? strchr(at + 1, '|') : NULL;
    if (!end || end - at - 3 < 1 || end - at - 3 > 255)
        return false;
    snprintf(out, 256, "%.*s", (int)(end - at - 3), at + 2);
    return true;
}

static char *schedule(void)
{
    struct error err = {0};
    AUTO(bytes) struct bytes text = {NULL, 0};
    AUTO(text) char *path = text_format("%s/docs/security.md", getenv("MIZAN_SOURCE"));
    if (!file_read(path, 1 << 20, &text, &err))
        fail_msg("%s", err.text);
    return text_format("%.*s", (int)text.size, (const char *)text.data);
}

static bool is_a_class(const char *word)
{
    static const char *const classes[] = {"person", "alert", "officer", "operation", "site", "log"};
    return word_is_in(word, classes, COUNT_OF(classes));
}

static int tables_of(struct desk *desk)
{
    struct error err = {0};
    AUTO(query)
    struct query *query =
        query_new(desk->site.ledger->store, "SELECT count(*) FROM sqlite_master WHERE type = 'table'", &err);
    assert_true(query_next(query));
    return (int)query_get_integer(query, 0);
}

static void each_table_of_the_database_has_its_class_and_its_end(void **state)
{
    struct desk *desk = *state;
    struct error err = {0};
    char class[256], end[256];
    int listed = 0;
    AUTO(text) char *text = schedule();
    AUTO(query)
    struct query *query =
        query_new(desk->site.ledger->store, "SELECT name FROM sqlite_master WHERE type = 'table'", &err);
    while (query_next(query)) {
        AUTO(text) char *row = text_format("\n| `%s` |", query_get_text(query, 0));
        const char *found = strstr(text, row);
        if (!found || !cell(found + 1, 2, class) || !is_a_class(class) || !cell(found + 1, 3, end))
            fail_msg("docs/security.md does not say what class %s is of and until when it is kept",
                query_get_text(query, 0));
    }
    for (const char *at = strstr(text, "\n| `"); at; at = strstr(at + 1, "\n| `"))
        listed += cell(at + 1, 2, class) && is_a_class(class);
    assert_int_equal(listed, tables_of(desk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_table_of_the_database_has_its_class_and_its_end),
    };
    return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
