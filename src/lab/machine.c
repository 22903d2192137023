#include "lab/machine.h"

#include "base/memory.h"
#include "base/text.h"
#include "lab/commit.h"
#include "match/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 8192 };

/* The rest of the first line of /proc/cpuinfo that begins with the key; "" without. */
static char *processor_line(const char *key)
{
    AUTO(heap) char *line = memory_allocate(LINE, 1);
    char *found = NULL;
    FILE *file = fopen("/proc/cpuinfo", "re");
    while (file && !found && fgets(line, LINE, file)) {
        const char *colon = strchr(line, ':');
        line[strcspn(line, "\n")] = '\0';
        if (colon && !strncmp(line, key, strlen(key)))
            found = memory_copy_text(colon + 1 + strspn(colon + 1, " "));
    }
    if (file)
        fclose(file);
    return found ? found : memory_copy_text("");
}

static void add_vectors(struct text *out)
{
    static const char *const wanted[] = {"avx2", "avx512f", "avx512_vnni", "avx_vnni"};
    AUTO(text) char *flags = processor_line("flags");
    char *rest = NULL;
    text_add(out, "%s", "");
    for (const char *flag = strtok_r(flags, " ", &rest); flag; flag = strtok_r(NULL, " ", &rest))
        for (size_t i = 0; i < COUNT_OF(wanted); i++)
            if (!strcmp(flag, wanted[i]))
                text_add(out, "%s%s", out->size ? " " : "", flag);
}

json_t *machine_json(void)
{
    AUTO(text) char *processor = processor_line("model name");
    AUTO(text_buffer) struct text vectors = {NULL, 0};
    double load[1] = {0.0};
    add_vectors(&vectors);
    if (getloadavg(load, 1) != 1)
        load[0] = 0.0;
    json_int_t memory_kb = (json_int_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / 1024;
    return json_pack("{s:s, s:s, s:I, s:f, s:I, s:s, s:s}", "processor", processor, "vectors", vectors.data,
        "cores", (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "load", load[0], "memory_kb", memory_kb, "commit",
        MIZAN_COMMIT, "search_kernel", score_kernel_best()->name);
}

char *machine_line(const json_t *machine)
{
    return text_format("%s, %lld cores, %s; load %.2f; tree %s; search by %s",
        json_string_value(json_object_get(machine, "processor")),
        (long long)json_integer_value(json_object_get(machine, "cores")),
        json_string_value(json_object_get(machine, "vectors")),
        json_real_value(json_object_get(machine, "load")),
        json_string_value(json_object_get(machine, "commit")),
        json_string_value(json_object_get(machine, "search_kernel")));
}

char *machine_when(void)
{
    char day[16] = "";
    time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts))
        strftime(day, sizeof day, "%Y-%m-%d", &parts);
    return text_format("%s, mizan-lab %s (%s).", day, MIZAN_VERSION, MIZAN_COMMIT);
}
