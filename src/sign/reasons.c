#include "sign/reasons.h"

#include "base/text.h"
#include "sign/limits.h"

#include <stdlib.h>
#include <string.h>

static bool add_reason(json_t *by_entry, const json_t *reason, struct error *err)
{
    size_t index;
    const json_t *entry;
    json_array_foreach (json_object_get(reason, "entries"), index, entry) {
        const char *id = json_string_value(entry);
        if (json_object_get(by_entry, id))
            return fail(err, ERROR_INVALID, "entry %s has two reasons for the place; give it one", id);
        json_object_set(by_entry, id, (json_t *)(uintptr_t)reason);
    }
    return true;
}

json_t *reasons_by_entry(const json_t *reasons, struct error *err)
{
    AUTO(json) json_t *by_entry = json_object();
    size_t index;
    const json_t *reason;
    json_array_foreach (reasons, index, reason) {
        if (!add_reason(by_entry, reason, err))
            return NULL;
    }
    return STEAL(by_entry);
}

bool reasons_are_fresh(const json_t *reasons, int64_t starts_s, struct error *err)
{
    size_t index;
    const json_t *reason;
    json_array_foreach (reasons, index, reason) {
        int64_t dated = json_integer_value(json_object_get(reason, "why_dated"));
        const char *entry = json_string_value(json_array_get(json_object_get(reason, "entries"), 0));
        if (dated > starts_s || starts_s - dated > LIMIT_WHY_AGE_S)
            return fail(err, ERROR_FORBIDDEN,
                "the reason for the place of entry %s is not of the %d days before the start; give a newer "
                "one, or leave the entry out",
                entry, LIMIT_WHY_AGE_S / 86400);
    }
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void reasons_entries_hash(const json_t *by_entry, uint8_t out[static HASH_SIZE])
{
    size_t count = 0;
    const char *entry;
    json_t *reason;
    AUTO(heap) const char **sorted = memory_allocate(json_object_size(by_entry) + 1, sizeof *sorted);
    json_object_foreach ((json_t *)(uintptr_t)by_entry, entry, reason) {
        sorted[count++] = entry;
    }
    qsort(sorted, count, sizeof *sorted, by_text);
    AUTO(text_buffer) struct text lines = {0};
    text_add(&lines, "mizan-entries-v1\n");
    for (size_t i = 0; i < count; i++)
        text_add(&lines, "%s\n", sorted[i]);
    hash_bytes(lines.data, lines.size, out);
}
