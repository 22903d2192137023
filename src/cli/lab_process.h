/* What a measurement needs to know of running processes, from /proc. */
#pragma once

#include <stdint.h>

/* This process's child that was started as `PROGRAM kind … --name name …`; 0 without. */
int child_find(const char *kind, const char *name);
/* Its processor time, user and system; 0 when it is gone. */
int64_t child_used_us(int pid);
/* Its proportional share of memory; −1 when that cannot be read: only root sees into a locked-up process. */
long child_pss_kb(int pid);
