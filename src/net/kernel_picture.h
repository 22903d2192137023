/* Plain loops over planes of pictures, for kernel.c. */
#pragma once

#include "net/graph.h"

void run_pool(const struct pool *pool, const struct value *from, const struct value *to);
void run_resize(const struct resize *resize, const struct value *from, const struct value *to);
