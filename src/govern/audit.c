#include "govern/audit.h"

#include "base/text.h"
#include "govern/chain.h"

#include <string.h>

/* The empty line: where the leaves end. NULL when there is none. */
static const char *end_of_leaves(const char *bytes, size_t size)
{
    if (size > 0 && bytes[0] == '\n')
        return bytes;
    const char *found = memmem(bytes, size, "\n\n", 2);
    return found ? found + 1 : NULL;
}

static bool walk(struct chain *chain, const char *at, const char *end, struct error *err)
{
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline)
            return fail(err, ERROR_CORRUPT, "record %lld has no end", (long long)chain->tree.size);
        if (!chain_add(chain, at, (size_t)(newline - at), err))
            return false;
        at = newline + 1;
    }
    return true;
}

bool audit_verify(const void *bytes, size_t size, const uint8_t log_key[static PUBLIC_KEY_SIZE],
    struct audit_result *out, struct error *err)
{
    const char *text = bytes;
    const char *end = end_of_leaves(text, size);
    if (!end)
        return fail(err, ERROR_CORRUPT, "the checkpoint is missing: no empty line ends the records");
    struct checkpoint checkpoint = {0};
    size_t before = (size_t)(end + 1 - text);
    if (!note_read(end + 1, size - before, log_key, &checkpoint, err))
        return false;
    struct chain chain = chain_start(checkpoint.site);
    if (!walk(&chain, text, end, err) || !chain_finish(&chain, &checkpoint, err))
        return false;
    struct audit_result result = {.records = checkpoint.size, .newest_s = chain.newest_s};
    memcpy(result.site, checkpoint.site, sizeof result.site);
    hex_write(checkpoint.root, HASH_SIZE, result.root_hex);
    *out = result;
    return true;
}
