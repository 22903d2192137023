/* `mizan doctor`: what a site and its machine lack, each with its cure. It changes nothing but what a start
 * of the desk would: opening the database finishes what a crash has interrupted. */
#pragma once

#include "cli/site_ledger.h"

enum finding_level { FINDING_WELL, FINDING_WARNING, FINDING_BAD };

struct finding {
    enum finding_level level;
    enum error_code code; /* of a bad one: the exit status */
    char words[600], cure[240];
};

struct patient {
    const char *path;
    struct site_folder folder;
    bool is_open;   /* `folder` could be read; without it most checks are left out */
    bool desk_runs; /* found by the check of the database */
};

struct check {
    const char *name;
    bool needs_folder;
    void (*run)(struct patient *patient, struct finding *finding);
};

extern const struct check doctor_site_checks[], doctor_machine_checks[];
extern const size_t doctor_site_check_count, doctor_machine_check_count;

void finding_well(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Words and cure; the worst stays when a check says several things. */
void finding_add(struct finding *finding, enum finding_level level, enum error_code code, const char *cure,
    const char *format, ...) __attribute__((format(printf, 5, 6)));
