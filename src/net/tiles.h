/* The tile registers of AMX, which a process has to ask Linux for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TILE_ROWS = 16, TILE_BYTES = 64 };

/* What the tiles hold, as the processor reads it. */
struct tile_shapes {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/* Whether this process may use tiles of bytes and of bfloat16. Asks at its first call, which has to come
 * before a lock-up; then it only tells. */
bool tiles_allowed(void);
