/* An entry's life: the allowed moves and who may make them (DESIGN §4). Everything else asks this table. */
#pragma once

#include "sign/roster.h"

enum entry_state { ENTRY_PROPOSED, ENTRY_APPROVED, ENTRY_SUSPENDED, ENTRY_WITHDRAWN, ENTRY_EXPIRED };
enum { ENTRY_NOWHERE = -1 }; /* before its proposal */

const char *entry_state_word(enum entry_state state);
bool entry_state_read(const char *word, enum entry_state *out);
/* Withdrawn or expired: nothing moves it any more. */
bool entry_is_over(enum entry_state state);

/* `officer` NULL asks for a move by a rule or a timer. ERROR_CONFLICT when nobody may make the move,
 * ERROR_FORBIDDEN when this officer may not. */
bool entry_may_move(int from, enum entry_state to, const struct officer *officer, struct error *err);
