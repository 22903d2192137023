/* Inside sign/: what reading a roster leaves and its questions are answered from. */
#pragma once

#include "sign/roster.h"

struct roster {
    struct envelope *envelope; /* owned: a copy of what was read */
    int64_t number;
    enum site_kind kind;
    uint8_t oversight_key[PUBLIC_KEY_SIZE];
    struct officer *officers;
    size_t officer_count;
    struct device *units;
    size_t unit_count;
    struct device *stations;
    size_t station_count;
    uint8_t (*report_keys)[PUBLIC_KEY_SIZE];
    size_t report_key_count;
    json_t *suspended; /* ids */
    size_t shares;
};
