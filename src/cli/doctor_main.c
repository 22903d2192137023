#include "cli/commands.h"
#include "cli/doctor.h"

#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: mizan doctor FOLDER [--json]\n\n"
    "Looks at a site and its machine: folder and modes, roster, database and log, keyring, report, models, "
    "backups,\n"
    "certificates, witness; clock, kernel, limits, disk. Says what is wrong and what helps. Best run as the "
    "user\n"
    "that runs the desk. With a desk that does not run, the database is opened as its start would.\n"
    "Exit status: 0 when nothing is bad (there may be warnings), else that of the first bad finding.\n";

static const char *const level_words[] = {
    [FINDING_WELL] = "well", [FINDING_WARNING] = "warning", [FINDING_BAD] = "bad"};

void finding_well(struct finding *finding, const char *format, ...)
{
    if (finding->level != FINDING_WELL)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->words, sizeof finding->words, format, arguments);
    va_end(arguments);
}

void finding_add(struct finding *finding, enum finding_level level, enum error_code code, const char *cure,
    const char *format, ...)
{
    if (level < finding->level || (level == finding->level && level != FINDING_WELL))
        return;
    finding->level = level;
    finding->code = code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->words, sizeof finding->words, format, arguments);
    va_end(arguments);
    snprintf(finding->cure, sizeof finding->cure, "%s", cure);
}

static void print_text(const struct check *check, const struct finding *finding)
{
    printf("%-8s %-12s %s\n", level_words[finding->level], check->name, finding->words);
    if (finding->cure[0])
        printf("%21s → %s\n", "", finding->cure);
}

static json_t *finding_json(const struct check *check, const struct finding *finding)
{
    json_t *json = json_pack("{s:s, s:s, s:s}", "check", check->name, "level", level_words[finding->level],
        "words", finding->words);
    if (finding->cure[0])
        json_object_set_new(json, "cure", json_string(finding->cure));
    return json;
}

struct summary {
    json_t *findings; /* NULL: print lines */
    enum error_code worst;
    size_t warnings, bad;
};

static void run_checks(
    struct patient *patient, const struct check *checks, size_t count, struct summary *summary)
{
    for (size_t i = 0; i < count; i++) {
        struct finding finding = {.level = FINDING_WELL};
        if (checks[i].needs_folder && !patient->is_open)
            continue;
        checks[i].run(patient, &finding);
        if (summary->findings)
            json_array_append_new(summary->findings, finding_json(&checks[i], &finding));
        else
            print_text(&checks[i], &finding);
        summary->warnings += finding.level == FINDING_WARNING;
        summary->bad += finding.level == FINDING_BAD;
        if (finding.level == FINDING_BAD && summary->worst == ERROR_NONE)
            summary->worst = finding.code;
    }
}

static int report(struct patient *patient, bool as_json)
{
    AUTO(json) json_t *findings = as_json ? json_array() : NULL;
    struct summary summary = {.findings = findings};
    run_checks(patient, doctor_site_checks, doctor_site_check_count, &summary);
    run_checks(patient, doctor_machine_checks, doctor_machine_check_count, &summary);
    if (as_json) {
        AUTO(json) json_t *all = json_pack("{s:O, s:b}", "findings", findings, "well", summary.bad == 0);
        AUTO(text) char *text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
        puts(text ? text : "{}");
    } else {
        printf("\n%zu bad, %zu warnings\n", summary.bad, summary.warnings);
    }
    if (patient->is_open)
        site_folder_done(&patient->folder);
    return summary.bad ? error_exit_status(summary.worst) : 0;
}

int doctor_main(int argc, char **argv)
{
    struct error err = {0};
    bool as_json = argc == 3 && !strcmp(argv[2], "--json");
    if (argc < 2 || !strcmp(argv[1], "--help")) {
        fputs(help, stdout);
        return argc < 2 ? error_exit_status(ERROR_USAGE) : 0;
    }
    if (argc > 3 || (argc == 3 && !as_json)) {
        fail(&err, ERROR_USAGE, "doctor takes a site's folder and --json; see 'mizan doctor --help'");
        return report_failure(&err);
    }
    struct patient patient = {.path = argv[1]};
    return report(&patient, as_json);
}
