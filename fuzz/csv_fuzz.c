/* Any table: every line is given once, in order, and its fields lie within it. */
#include "list/csv.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv csv;
    struct csv_line line;
    struct error err;
    bool well = false;
    csv_start(&csv, data, size);
    for (size_t before = 0; csv_next(&csv, &line, &well, &err); before = line.number) {
        if (line.number <= before || (well && line.count == 0))
            __builtin_trap();
        for (size_t i = 0; well && i < line.count; i++) {
            const char *end = line.fields[i] + strlen(line.fields[i]);
            if (line.fields[i] < line.text || end >= line.text + sizeof line.text)
                __builtin_trap();
        }
    }
    return 0;
}
