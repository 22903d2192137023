/* The wall clock of a process that this is loaded into is off by as many seconds as the file says that
 * MIZAN_CLOCK names; without the file it is right. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long seconds_off(void)
{
    const char *path = getenv("MIZAN_CLOCK");
    FILE *file = path ? fopen(path, "re") : NULL;
    char text[24] = "";
    if (!file)
        return 0;
    const char *line = fgets(text, sizeof text, file);
    fclose(file);
    return line ? strtol(line, NULL, 10) : 0;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, now);
    if (result == 0 && id == CLOCK_REALTIME)
        now->tv_sec += seconds_off();
    return result;
}
