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

/* How many records lie before the byte. */
static long long records_before(const char *text, size_t at)
{
    long long count = 0;
    for (const char *line = text; (line = memchr(line, '\n', (size_t)(text + at - line))); line++)
        count++;
    return count;
}

static bool goes_on_from_export(const char *text, size_t size, const char *earlier, size_t earlier_size,
    const uint8_t log_key[static PUBLIC_KEY_SIZE], int64_t *records, struct error *err)
{
    struct audit_result kept = {0};
    if (!audit_verify(earlier, earlier_size, log_key, &kept, err))
        return fail_within(err, "what was kept");
    *records = kept.records;
    const char *end = end_of_leaves(text, size), *kept_end = end_of_leaves(earlier, earlier_size);
    if (!end || !kept_end)
        return fail(err, ERROR_CORRUPT, "no empty line ends the records");
    size_t leaves = (size_t)(end - text), kept_leaves = (size_t)(kept_end - earlier), same = 0;
    while (same < leaves && same < kept_leaves && text[same] == earlier[same])
        same++;
    if (same == kept_leaves)
        return true;
    return fail(err, ERROR_CORRUPT,
        same == leaves ? "the log was rolled back: record %lld and all after it are missing"
                       : "the log was forked: record %lld is another one than was kept",
        records_before(text, same));
}

static bool goes_on_from_note(const char *text, size_t size, const char *note, size_t note_size,
    const uint8_t log_key[static PUBLIC_KEY_SIZE], int64_t *records, struct error *err)
{
    struct checkpoint kept;
    uint8_t root[HASH_SIZE];
    if (!note_read(note, note_size, log_key, &kept, err))
        return fail_within(err, "what was kept");
    *records = kept.size;
    struct chain chain = chain_start(kept.site);
    const char *end = end_of_leaves(text, size);
    for (const char *line = text; line < end && chain.tree.size < (uint64_t)kept.size;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        if (!chain_add(&chain, line, (size_t)(newline - line), err))
            return false;
        line = newline + 1;
    }
    long long size_now = (long long)chain.tree.size;
    if (size_now < kept.size)
        return fail(err, ERROR_CORRUPT, "the log was rolled back: record %lld and all after it are missing",
            size_now);
    tree_root(&chain.tree, root);
    return memcmp(root, kept.root, HASH_SIZE) == 0 ||
           fail(err, ERROR_CORRUPT,
               "the log was forked: record %lld or one before it is another one than was kept", size_now - 1);
}

bool audit_goes_on(const void *bytes, size_t size, const void *earlier, size_t earlier_size,
    const uint8_t log_key[static PUBLIC_KEY_SIZE], int64_t *records, struct error *err)
{
    bool is_export = earlier_size && ((const char *)earlier)[0] == '{';
    return (is_export ? goes_on_from_export : goes_on_from_note)(
        bytes, size, earlier, earlier_size, log_key, records, err);
}
