/* An operation's life: the allowed moves and who may make them (DESIGN §4). Everything else asks this table.
 */
#pragma once

#include "sign/roster.h"

enum operation_phase {
    OPERATION_DRAFT,
    OPERATION_REQUESTED,
    OPERATION_AUTHORISED,
    OPERATION_RUNNING,
    OPERATION_PAUSED,
    OPERATION_ENDED,
    OPERATION_WIPED,
    OPERATION_REFUSED,
    OPERATION_CANCELLED,
    OPERATION_HALTED,
};
enum { OPERATION_NOWHERE = -1 }; /* before its draft */

const char *operation_phase_word(enum operation_phase phase);
bool operation_phase_read(const char *word, enum operation_phase *out);

/* `officer` NULL asks for a move by a rule or a timer. ERROR_CONFLICT when nobody may make the move,
 * ERROR_FORBIDDEN when this officer may not. */
bool operation_may_move(int from, enum operation_phase to, const struct officer *officer, struct error *err);
