/* Whether an operation may arm, proved from its signed statements and not from its row (SAFEGUARDS 13, 50).
 */
#pragma once

#include "list/operation_terms.h"

enum { ARMAMENT_CAMERAS = 42 };

struct armament { /* what the watches are handed; owned */
    char *token;
    struct camera cameras[ARMAMENT_CAMERAS];
    char credentials[ARMAMENT_CAMERAS][128];
    size_t camera_count;
    struct operation_list list;
};
void armament_done(struct armament *armament);
static inline void armament_auto(struct armament *armament)
{
    armament_done(armament);
}

struct signatures { /* what is kept of them, signed by officers who have those roles today */
    bool two_offices;
    bool outside;
    bool urgent;
};
bool operation_signatures(
    struct site *site, const struct operation_row *row, struct signatures *out, struct error *err);

/* A camera of the operation stands in a protected place at a protected time: the outside signer has to sign,
 * on demo sites and in urgent operations, too (SAFEGUARDS 19). */
bool operation_is_protected(struct site *site, const struct operation_row *row, bool *out, struct error *err);
/* In the caller's transaction: halts what runs in such a place without that signature; appends their ids. */
bool operation_halt_protected(struct site *site, json_t *halted, struct error *err);

/* The token of the request and the authorisations kept so far; the requester counts today, two different
 * offices are there and, on a live site, the outside signer or an authoriser's word that it is urgent; in a
 * protected place the former.
 * Sets *complete; without it *token stays NULL. Heap text. */
bool operation_token(
    struct site *site, const struct operation_row *row, char **token, bool *complete, struct error *err);
/* token_verify for each camera at `now_s`, and that the token's terms are the row's. */
bool operation_token_holds(
    struct site *site, const struct operation_row *row, const char *token, int64_t now_s, struct error *err);
/* Token, cameras and list, all verified now; or first all but that the list is the signed one, which takes
 * long for a long one (operation_list_measure_next). */
bool operation_prove_signed(
    struct site *site, const struct operation_row *row, struct armament *out, struct error *err);
bool operation_prove_list(
    const struct operation_row *row, const struct operation_list *list, struct error *err);
bool operation_prove(
    struct site *site, const struct operation_row *row, struct armament *out, struct error *err);
