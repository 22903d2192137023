#include "govern/cosign.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_HASH_SIZE = 4, TIME_SIZE = 8, LINE_BYTES = KEY_HASH_SIZE + TIME_SIZE + SIGNATURE_SIZE };

static const char dash[] = "\xe2\x80\x94 ";

char *witness_request(const struct tree_proof *proof, int64_t old_size, const char *note)
{
    AUTO(text_buffer) struct text text = {0};
    text_add(&text, "old %lld\n", (long long)old_size);
    for (size_t i = 0; i < proof->count; i++) {
        AUTO(text) char *hash = base64_write(proof->hashes[i], HASH_SIZE);
        text_add(&text, "%s\n", hash);
    }
    text_add(&text, "\n%s", note);
    return memory_steal(&text.data);
}

static void key_hash_of(
    const char *name, const uint8_t key[static PUBLIC_KEY_SIZE], uint8_t out[static KEY_HASH_SIZE])
{
    AUTO(text_buffer) struct text input = {0};
    uint8_t hash[HASH_SIZE];
    text_add(&input, "%s\n", name);
    text_add_bytes(&input, "\x04", 1);
    text_add_bytes(&input, key, PUBLIC_KEY_SIZE);
    hash_bytes(input.data, input.size, hash);
    memcpy(out, hash, KEY_HASH_SIZE);
}

/* What a cosignature is over: the note's text above its empty line, and the time. */
static char *message_of(const char *note, int64_t at_s)
{
    const char *empty = strstr(note, "\n\n");
    int size = empty ? (int)(empty + 1 - note) : 0;
    return text_format("cosignature/v1\ntime %lld\n%.*s", (long long)at_s, size, note);
}

static void put_time(uint8_t out[static TIME_SIZE], int64_t at_s)
{
    for (int i = TIME_SIZE - 1; i >= 0; i--, at_s >>= 8)
        out[i] = (uint8_t)at_s;
}

static int64_t time_in(const uint8_t bytes[static TIME_SIZE])
{
    uint64_t at_s = 0;
    for (int i = 0; i < TIME_SIZE; i++)
        at_s = at_s << 8 | bytes[i];
    return (int64_t)(at_s & INT64_MAX);
}

static char *cosign(const struct witness *witness, const char *note, int64_t at_s)
{
    uint8_t bytes[LINE_BYTES];
    AUTO(text) char *message = message_of(note, at_s);
    key_hash_of(witness->name, witness->key + SEED_SIZE, bytes);
    put_time(bytes + KEY_HASH_SIZE, at_s);
    sign_bytes(message, strlen(message), witness->key, bytes + KEY_HASH_SIZE + TIME_SIZE);
    AUTO(text) char *base64 = base64_write(bytes, sizeof bytes);
    return text_format("%s%s %s\n", dash, witness->name, base64);
}

bool cosignature_check(const char *line, const char *name, const uint8_t key[static PUBLIC_KEY_SIZE],
    const char *note, int64_t *at_s, struct error *err)
{
    AUTO(text) char *head = text_format("%s%s ", dash, name);
    AUTO(bytes) struct bytes bytes = {0};
    uint8_t key_hash[KEY_HASH_SIZE];
    if (strncmp(line, head, strlen(head)) != 0)
        return fail(err, ERROR_INVALID, "the answer is no cosignature of %s", name);
    AUTO(text) char *base64 = memory_copy_text(line + strlen(head));
    base64[strcspn(base64, "\r\n")] = '\0';
    if (!base64_read(base64, NOTE_LIMIT, &bytes, err))
        return false;
    key_hash_of(name, key, key_hash);
    if (bytes.size != LINE_BYTES || memcmp(bytes.data, key_hash, KEY_HASH_SIZE) != 0)
        return fail(err, ERROR_UNSIGNED, "the cosignature is of another key than the one known for %s", name);
    int64_t when = time_in(bytes.data + KEY_HASH_SIZE);
    AUTO(text) char *message = message_of(note, when);
    if (!sign_verify(message, strlen(message), key, bytes.data + KEY_HASH_SIZE + TIME_SIZE))
        return fail(err, ERROR_UNSIGNED, "the cosignature of %s does not verify", name);
    *at_s = when;
    return true;
}

bool cosigned_note_check(const char *note, const char *name, const uint8_t key[static PUBLIC_KEY_SIZE],
    int64_t *at_s, struct error *err)
{
    const char *line = note + note_size(note);
    while (*line) {
        if (cosignature_check(line, name, key, note, at_s, NULL))
            return true;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return fail(err, ERROR_UNSIGNED, "it carries no cosignature of %s", name);
}

struct request {
    int64_t old_size;
    struct tree_proof proof;
    const char *note; /* within the request's text */
};

static bool read_hash(struct tree_proof *proof, const char *line, size_t size, struct error *err)
{
    AUTO(text) char *base64 = text_format("%.*s", (int)size, line);
    AUTO(bytes) struct bytes hash = {0};
    if (proof->count == TREE_PROOF_LIMIT || !base64_read(base64, HASH_SIZE, &hash, NULL) ||
        hash.size != HASH_SIZE)
        return fail(err, ERROR_INVALID, "the request's proof is not a list of hashes");
    memcpy(proof->hashes[proof->count++], hash.data, HASH_SIZE);
    return true;
}

static bool read_request(const char *text, struct request *out, struct error *err)
{
    char *end = NULL;
    *out = (struct request){.note = text};
    if (strncmp(text, "old ", 4) == 0)
        out->old_size = strtoll(text + 4, &end, 10);
    if (!end || end == text + 4 || *end != '\n' || out->old_size < 0)
        return fail(err, ERROR_INVALID, "the request does not begin with 'old' and a size");
    const char *line = end + 1;
    while (*line && *line != '\n') {
        size_t size = strcspn(line, "\n");
        if (!line[size] || !read_hash(&out->proof, line, size, err))
            return fail(err, ERROR_INVALID, "the request's proof is not a list of hashes");
        line += size + 1;
    }
    out->note = *line ? line + 1 : line;
    return true;
}

/* From nothing there is nothing to prove; everything else has to grow out of what was seen. */
static bool grows_from(const struct checkpoint *seen, const struct checkpoint *next,
    const struct tree_proof *proof, struct error *err)
{
    if (next->size < seen->size)
        return fail(err, ERROR_CORRUPT, "the log became shorter: %lld records after %lld",
            (long long)next->size, (long long)seen->size);
    bool same = next->size == seen->size && memcmp(next->root, seen->root, HASH_SIZE) == 0;
    if (seen->size == 0 || same)
        return true;
    if (next->size == seen->size || strcmp(next->site, seen->site) != 0 ||
        !tree_check_consistency(proof, (uint64_t)next->size, (uint64_t)seen->size, next->root, seen->root))
        return fail(err, ERROR_CORRUPT,
            "the log of %lld records does not begin with the %lld seen before: a fork", (long long)next->size,
            (long long)seen->size);
    return true;
}

char *witness_sign(
    struct witness *witness, const char *request, size_t size, int64_t now_s, struct error *err)
{
    struct request asked;
    struct checkpoint next;
    if (size > WITNESS_REQUEST_LIMIT || memchr(request, '\0', size)) {
        fail(err, ERROR_INVALID, "the request is not text of at most %d bytes", WITNESS_REQUEST_LIMIT);
        return NULL;
    }
    AUTO(text) char *text = text_format("%.*s", (int)size, request);
    if (!read_request(text, &asked, err) ||
        !note_read(asked.note, strlen(asked.note), witness->log_key, &next, err))
        return NULL;
    if (asked.old_size != witness->seen.size) {
        fail(err, ERROR_CONFLICT, "%lld", (long long)witness->seen.size);
        return NULL;
    }
    if (!grows_from(&witness->seen, &next, &asked.proof, err))
        return NULL;
    witness->seen = next;
    return cosign(witness, asked.note, now_s);
}

char *witness_newest(const struct witness *witness, const char *note, int64_t now_s, struct error *err)
{
    struct checkpoint newest;
    if (witness->seen.size == 0) {
        fail(err, ERROR_MISSING, "nothing was cosigned yet");
        return NULL;
    }
    if (!note_read(note, strlen(note), witness->log_key, &newest, err))
        return NULL;
    AUTO(text) char *line = cosign(witness, note, now_s);
    return text_format("%s%s", note, line);
}
