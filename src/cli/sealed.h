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

/* Whether the command signs a receipt: with the last one the desk erases its copy of the packet. */
bool sealed_is_signed_for(const struct office_command *command);
/* Of what the desk shows of alert's packets the one of this hash: hashed, opened with the device's key and
 * saved, sealed as it came, in `file`. What opened stands in the place of all of it then. */
bool sealed_receive(const char *alert, const char *hash, const uint8_t secret[static SEED_SIZE],
    const char *file, json_t *shown, struct error *err);

/* Whether the answer is an operation's keyed marks, which say of one number at a time whether it was listed.
 */
bool sealed_asks_number(const struct office_command *command);
/* Puts {"operation", "listed", "listed_hash", "sealed_key_hash"} in the place of the marks: whether `cnic`
 * (as written on the card) was listed, compared here, so that the number goes to nobody; and the hashes of
 * what it was compared with, which the log has to name. ERROR_CORRUPT when the marks are not those that the
 * desk names or the key is not oversight's. */
bool sealed_look_up(const char *operation, const char *cnic, const uint8_t secret[static SEED_SIZE],
    json_t *answer, struct error *err);
