#include "cli/audit.h"

#include "base/file.h"
#include "base/text.h"
#include "govern/audit.h"
#include "govern/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { REPORT_FILE_LIMIT = 64 << 20 };

/* A published file is not written over: it is the same, or something is wrong. */
static bool write_or_compare(
    const char *folder, const char *name, const char *ending, const char *text, struct error *err)
{
    AUTO(text) char *path = text_format("%s/%s.%s", folder, name, ending);
    AUTO(bytes) struct bytes there = {0};
    if (access(path, F_OK) != 0)
        return file_write(path, 0644, text, strlen(text), err);
    if (!file_read(path, REPORT_FILE_LIMIT, &there, err))
        return false;
    if (there.size != strlen(text) || memcmp(there.data, text, there.size) != 0)
        return fail(err, ERROR_CORRUPT, "%s differs from what the log gives", path);
    return true;
}

static bool write_files(const char *folder, const char *name, const json_t *report, struct error *err)
{
    AUTO(text) char *json = report_json_text(report, err);
    AUTO(text) char *csv = report_csv_text(report);
    AUTO(text) char *html = report_html_text(report);
    return json && file_make_folder(folder, 0755, err) && write_or_compare(folder, name, "json", json, err) &&
           write_or_compare(folder, name, "csv", csv, err) &&
           write_or_compare(folder, name, "html", html, err);
}

/* What lies in the folder is what the log gave when it was published: things happen after that (an outcome is
 * amended), and a published record stays what it was. The year itself counts all that the log says by now. */
static bool is_as_published(const char *folder, const json_t *now, const struct bytes *log, struct error *err)
{
    const char *id = json_string_value(json_object_get(now, "operation"));
    AUTO(text) char *path = text_format("%s/%s.json", folder, id);
    AUTO(bytes) struct bytes there = {0};
    int64_t through = 0;
    if (access(path, F_OK) != 0)
        return fail(err, ERROR_CONFLICT, "operation %s is missing: its record is not in %s", id, folder);
    if (!file_read(path, REPORT_FILE_LIMIT, &there, err))
        return false;
    AUTO(json) json_t *published = json_read((const char *)there.data, there.size, REPORT_FILE_LIMIT, err);
    if (!published || !json_need_integer(published, "last_record", &through, err))
        return fail_within(err, "%s", path);
    /* The whole log is read again only for one of which it has said more since. */
    if (through == json_integer_value(json_object_get(now, "last_record")))
        return write_files(folder, id, now, err);
    AUTO(json) json_t *then = report_operation(log->data, log->size, id, through, err);
    if (!then || !report_is_whole(then, err))
        return fail_within(err, "%s", path);
    return write_files(folder, id, then, err);
}

/* The year counts only what was published: each operation's own record has to lie there already. */
static bool all_are_published(
    const char *folder, const json_t *year, const struct bytes *log, struct error *err)
{
    const json_t *operations = report_operations(year);
    for (size_t i = 0; i < json_array_size(operations); i++) {
        if (!is_as_published(folder, json_array_get(operations, i), log, err))
            return false;
    }
    return true;
}

bool audit_report(const struct audit_arguments *arguments, const struct audit_input *input, struct error *err)
{
    struct audit_result result;
    bool yearly = arguments->year >= 0;
    if (!arguments->to || !arguments->operation == !yearly)
        return fail(
            err, ERROR_USAGE, "audit report takes --to FOLDER and either --operation ID or --year YEAR");
    if (!audit_verify(input->file.data, input->file.size, input->key, &result, err))
        return fail_within(err, "%s", arguments->file);
    AUTO(json)
    json_t *report = yearly ? report_year(input->file.data, input->file.size, (int)arguments->year, err)
                            : report_operation(input->file.data, input->file.size, arguments->operation,
                                  arguments->through, err);
    if (!report || (yearly && !all_are_published(arguments->to, report, &input->file, err)))
        return false;
    AUTO(text) char *year = text_format("%lld", (long long)arguments->year);
    const char *name = yearly ? year : arguments->operation;
    if (!write_files(arguments->to, name, report, err))
        return false;
    printf("%s/%s.json, .csv and .html are what the log gives\n", arguments->to, name);
    return true;
}
