/* A supervisor that only writes down what the desk tells it: linked in place of watch/supervisor.c, so that
 * tests see what would reach the watches. The real one is tested in tests/watch and tests/api. */
#pragma once

#include "sign/roster.h"
#include "watch/supervisor.h"

enum { TOLD_ROOM = 32 };

struct supervisor {
    size_t arms, disarms, pauses, resumes;
    size_t items;                  /* of the last list handed over */
    struct gallery_item *list;     /* and the list; owned */
    uint8_t camera_key[HASH_SIZE]; /* of the last camera */
    char *token;                   /* the last one; owned */
    bool armed;                    /* something is armed now */
    bool paused;                   /* and paused */
    char withdrawn[TOLD_ROOM][ENTRY_ID_SIZE];
    size_t withdrawn_count;
    char withdrawn_from[24]; /* the operation of the last one; "" for all of them */
    bool refuses_to_arm;
    size_t set_ups, halts;
    uint64_t passages; /* counted since they were taken */
};

void told_done(struct supervisor *supervisor);
bool told_of_withdrawal(const struct supervisor *supervisor, const char *entry);
