/* The packet sealed to a unit's device (docs/statements.md): made at dispatch, erased when it is declined,
 * when it dies, and at the end of the stop. */
#pragma once

#include "alert/row.h"

/* `reviews` are the two verified ones; alert->unit is the unit it is for. */
bool packet_make(struct site *site, const struct alert *alert, const struct envelope *dispatch,
    struct envelope *const reviews[static 2], int64_t captured_us, struct error *err);
/* Records how many had opened it; nothing when there is none. */
bool packet_erase(struct site *site, const struct alert *alert, const char *officer, struct error *err);
/* Accepted: it lives until the end of the stop. */
bool packet_prolong(struct site *site, const struct alert *alert, struct error *err);
/* It sends the unit that has the alert to a newer place. */
bool packet_steers(struct site *site, const struct alert *alert, struct error *err);

enum { PACKET_KEY_SIZE = 32 }; /* drawn for each sealing; the sealed bytes begin with it */
struct packet_stand {
    char which[2 * PACKET_KEY_SIZE + 1]; /* the key in hex: no two packets share it */
    int64_t dies_us;
    bool steered;
};
/* False when there is no packet. */
bool packet_stands(struct site *site, const struct alert *alert, struct packet_stand *out);
