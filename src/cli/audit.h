/* What the subcommands of `mizan audit` share. */
#pragma once

#include "base/crypto.h"

enum { EXPORT_LIMIT = 1 << 30 };

struct audit_arguments {
    const char *file, *key, *operation, *to, *since, *log; /* NULL where not given */
    int64_t record, from, through, year;                   /* -1 where not given */
    bool json;
};

struct audit_input {
    struct bytes file;
    uint8_t key[PUBLIC_KEY_SIZE];
};

bool audit_prove(const struct audit_arguments *arguments, const struct audit_input *input, struct error *err);
bool audit_check(const struct audit_arguments *arguments, const struct audit_input *input, struct error *err);
bool audit_report(
    const struct audit_arguments *arguments, const struct audit_input *input, struct error *err);
