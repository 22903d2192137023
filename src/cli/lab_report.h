/* The signed report of an evaluation. */
#pragma once

#include "base/crypto.h"
#include "cli/lab_command.h"
#include "lab/trials.h"

struct lab_report {
    uint8_t secret_key[SECRET_KEY_SIZE];
};

/* Whether the folder of this path takes files: asked before hours of measuring, not after. */
bool lab_can_write(const char *path, struct error *err);

/* Where the line wants a report: opens the key, and refuses what could not be written or signed later. */
bool lab_report_begin(
    struct lab_report *report, const struct lab_line *line, const struct pack *pack, struct error *err);
bool lab_report_write(const struct lab_report *report, const struct lab_line *line, const struct pack *pack,
    const struct search_result *result, struct error *err);
void lab_report_done(struct lab_report *report);
