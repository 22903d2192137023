/* A clock that only tests move: linked in place of base/clock.c. */
#pragma once

#include "base/clock.h"

enum { FAKE_START_S = 1790000000 };

void clock_pass(int64_t seconds);
void clock_drift_by(int64_t microseconds);
