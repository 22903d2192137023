/* What a desk hands out sealed to a station's or to oversight's machine, opened there. A unit's packet is not
 * among it: the unit's page opens it, which checks both reviewers' signatures and forgets it in time. */
#pragma once

#include "base/json.h"
#include "cli/command.h"

/* Whether this command's answer holds something for a device. */
bool sealed_is_for_device(const struct office_command *command);
/* Puts what opens with the device's key in the place of what was sealed; `subject` is the alert's or the
 * copy's id, which the seal is bound to. ERROR_CORRUPT when nothing opens. */
bool sealed_open(const struct office_command *command, const char *subject,
    const uint8_t secret[static SEED_SIZE], json_t *answer, struct error *err);
