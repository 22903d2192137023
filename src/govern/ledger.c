#include "govern/ledger.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "govern/ledger_private.h"

#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400 };

bool ledger_begin(struct ledger *ledger, struct error *err)
{
    if (!store_begin(ledger->store, err))
        return false;
    keyring_begin(ledger->keyring);
    return true;
}

void ledger_abort(struct ledger *ledger)
{
    store_rollback(ledger->store);
    keyring_end(ledger->keyring);
    ledger->tree->now = ledger->tree->committed;
    ledger->tree->gives_up_keys = false;
}

static int64_t log_time(const struct ledger *ledger)
{
    int64_t now = clock_now_s();
    return now > ledger->tree->now.newest_s ? now : ledger->tree->now.newest_s;
}

static bool write_checkpoint(struct ledger *ledger, struct error *err)
{
    const struct chain *chain = &ledger->tree->now;
    struct checkpoint checkpoint = {.size = (int64_t)chain->tree.size,
        .keyring_epoch = keyring_epoch(ledger->keyring),
        .at_s = log_time(ledger)};
    memcpy(checkpoint.site, ledger->site, sizeof checkpoint.site);
    tree_root(&chain->tree, checkpoint.root);
    AUTO(text) char *note = note_write(&checkpoint, ledger->log_key);
    AUTO(query)
    struct query *query =
        query_new(ledger->store, "INSERT INTO ledger_checkpoint (size, note) VALUES (:size, :note)", err);
    query_integer(query, ":size", checkpoint.size);
    query_text(query, ":note", note);
    return query_done(query, err);
}

static bool record_given_up(struct ledger *ledger, struct error *err)
{
    AUTO(json) json_t *fields = json_object();
    const struct record record = {.kind = "keys_given_up", .by = "site", .public_fields = fields};
    return ledger_note_waiting(ledger, fields, err) && ledger_record(ledger, &record, err);
}

static bool write_end(struct ledger *ledger, struct error *err)
{
    struct ledger_tree *tree = ledger->tree;
    if (tree->gives_up_keys && !record_given_up(ledger, err))
        return false;
    return tree->now.tree.size == tree->committed.tree.size || write_checkpoint(ledger, err);
}

bool ledger_commit_plain(struct ledger *ledger, struct error *err)
{
    if (!write_end(ledger, err) || !keyring_write(ledger->keyring, err) ||
        !store_commit(ledger->store, err)) {
        ledger_abort(ledger);
        return false;
    }
    keyring_end(ledger->keyring);
    ledger->tree->committed = ledger->tree->now;
    ledger->tree->gives_up_keys = false;
    return true;
}

bool ledger_commit(struct ledger *ledger, struct error *err)
{
    if (!ledger_commit_plain(ledger, err))
        return false;
    /* The caller's change is durable whatever happens here; what waits is tried again with the next commit
     * and at the next start. */
    struct error late = {0};
    if (!ledger_settle_erasures(ledger, &late))
        log_write(LOG_ERROR, "erasure_waits", "%s", late.text);
    return true;
}

/* Salt and canonical private fields, ready for sealing; the commitment over them in hex. */
static bool commit_to(
    const json_t *fields, struct bytes *plain, char commitment[static 2 * HASH_SIZE + 1], struct error *err)
{
    AUTO(text) char *canonical = json_canonical(fields, err);
    if (!canonical)
        return false;
    size_t size = strlen(canonical);
    *plain = (struct bytes){memory_allocate(SALT_SIZE + size, 1), SALT_SIZE + size};
    random_fill(plain->data, SALT_SIZE);
    memcpy(plain->data + SALT_SIZE, canonical, size);
    uint8_t hash[HASH_SIZE];
    leaf_commitment(plain->data, canonical, hash);
    hex_write(hash, sizeof hash, commitment);
    memory_wipe(canonical, size);
    return true;
}

static bool keep_private(
    struct ledger *ledger, int64_t seq, const char *key, const struct bytes *plain, struct error *err)
{
    char field[40];
    snprintf(field, sizeof field, "record/%lld", (long long)seq);
    AUTO(bytes) struct bytes sealed = {0};
    if (!keyring_seal(ledger->keyring, key, field, plain->data, plain->size, &sealed, err))
        return false;
    AUTO(query)
    struct query *query = query_new(ledger->store,
        "INSERT INTO ledger_private (seq, key_name, sealed) VALUES (:seq, :key, :sealed)", err);
    query_integer(query, ":seq", seq);
    query_text(query, ":key", key);
    query_bytes(query, ":sealed", sealed.data, sealed.size);
    return query_done(query, err);
}

static bool keep_leaf(struct ledger *ledger, const struct leaf *leaf, const char *text, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(ledger->store, "INSERT INTO ledger_leaf (seq, leaf) VALUES (:seq, :leaf)", err);
    query_integer(query, ":seq", leaf->seq);
    query_text(query, ":leaf", text);
    if (!query_done(query, err))
        return false;
    ledger_note_block(ledger->tree, text, strlen(text));
    ledger_note_tags(ledger->tree, text, strlen(text));
    chain_append(&ledger->tree->now, text, strlen(text), leaf->at_s);
    return true;
}

static bool write_record(struct ledger *ledger, const struct record *record, const char *commitment,
    const struct bytes *plain, struct error *err)
{
    const struct chain *chain = &ledger->tree->now;
    struct leaf leaf = {.seq = (int64_t)chain->tree.size,
        .at_s = log_time(ledger),
        .site = ledger->site,
        .by = record->by,
        .kind = record->kind,
        .commitment = commitment};
    memcpy(leaf.previous, chain->newest_hash, HASH_SIZE);
    AUTO(text) char *text = leaf_write(&leaf, record->public_fields, err);
    if (!text || !keep_leaf(ledger, &leaf, text, err))
        return false;
    return !plain || keep_private(ledger, leaf.seq, record->private_key, plain, err);
}

bool ledger_record(struct ledger *ledger, const struct record *record, struct error *err)
{
    if (!store_in_transaction(ledger->store))
        return fail(err, ERROR_CONFLICT, "a record belongs to a transaction");
    if (!record->private_fields)
        return write_record(ledger, record, "", NULL, err);
    if (!record->private_key)
        return fail(err, ERROR_INVALID, "private fields need a key that can be destroyed");
    struct bytes plain = {0};
    char commitment[2 * HASH_SIZE + 1];
    if (!commit_to(record->private_fields, &plain, commitment, err))
        return false;
    bool written = write_record(ledger, record, commitment, &plain, err);
    memory_wipe(plain.data, plain.size);
    bytes_free(&plain);
    return written;
}

bool ledger_record_alone(struct ledger *ledger, const char *kind, json_t *taken, struct error *err)
{
    AUTO(json) json_t *fields = taken;
    const struct record record = {.kind = kind, .by = "site", .public_fields = fields};
    if (!ledger_begin(ledger, err))
        return false;
    if (ledger_record(ledger, &record, err) && ledger_commit(ledger, err))
        return true;
    ledger_abort(ledger);
    return false;
}

bool ledger_keep_time(struct ledger *ledger, struct error *err)
{
    return clock_now_s() - ledger->tree->committed.newest_s < DAY_S ||
           ledger_record_alone(ledger, "time_kept", json_object(), err);
}

static bool forget_old_events(struct ledger *ledger, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(ledger->store,
        "DELETE FROM ledger_event WHERE seq <= (SELECT max(seq) FROM ledger_event) - :kept", err);
    query_integer(query, ":kept", EVENTS_KEPT);
    return query_done(query, err);
}

bool ledger_event(
    struct ledger *ledger, const char *noun, const char *id, const char *state, struct error *err)
{
    return ledger_event_at_unit(ledger, noun, id, state, "", err);
}

bool ledger_event_at_unit(struct ledger *ledger, const char *noun, const char *id, const char *state,
    const char *unit, struct error *err)
{
    struct event event;
    if (!store_in_transaction(ledger->store))
        return fail(err, ERROR_CONFLICT, "an event belongs to a transaction");
    if (strlen(noun) >= sizeof event.noun || strlen(id) >= sizeof event.id ||
        strlen(state) >= sizeof event.state || strlen(unit) >= sizeof event.unit)
        return fail(err, ERROR_INVALID, "an event's noun, id or state is too long: %.30s %.30s %.50s", noun,
            id, state);
    AUTO(query)
    struct query *query = query_new(ledger->store,
        "INSERT INTO ledger_event (noun, id, state, unit) VALUES (:noun, :id, :state, :unit)", err);
    query_text(query, ":noun", noun);
    query_text(query, ":id", id);
    query_text(query, ":state", state);
    query_text(query, ":unit", unit);
    return query_done(query, err) && forget_old_events(ledger, err);
}

static void copy_text(char *out, size_t room, const char *text)
{
    snprintf(out, room, "%s", text ? text : "");
}

size_t ledger_events(struct ledger *ledger, int64_t after_seq, struct event *out, size_t room)
{
    size_t count = 0;
    AUTO(query)
    struct query *query = query_new(ledger->store,
        "SELECT seq, noun, id, state, unit FROM ledger_event WHERE seq > :after ORDER BY seq LIMIT :room",
        NULL);
    query_integer(query, ":after", after_seq);
    query_integer(query, ":room", (int64_t)room);
    while (count < room && query_next(query)) {
        struct event *event = &out[count++];
        *event = (struct event){.epoch = ledger->tree->event_epoch, .seq = query_get_integer(query, 0)};
        copy_text(event->noun, sizeof event->noun, query_get_text(query, 1));
        copy_text(event->id, sizeof event->id, query_get_text(query, 2));
        copy_text(event->state, sizeof event->state, query_get_text(query, 3));
        copy_text(event->unit, sizeof event->unit, query_get_text(query, 4));
    }
    return count;
}

int64_t ledger_event_epoch(const struct ledger *ledger)
{
    return ledger->tree->event_epoch;
}

int64_t ledger_last_event(struct ledger *ledger)
{
    AUTO(query)
    struct query *query = query_new(ledger->store, "SELECT coalesce(max(seq), 0) FROM ledger_event", NULL);
    return query_next(query) ? query_get_integer(query, 0) : 0;
}

char *ledger_checkpoint(struct ledger *ledger, struct error *err)
{
    AUTO(query)
    struct query *query =
        query_new(ledger->store, "SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1", err);
    if (query_next(query) && query_get_text(query, 0))
        return memory_copy_text(query_get_text(query, 0));
    if (query_ok(query, err))
        fail(err, ERROR_CORRUPT, "the log has no checkpoint");
    return NULL;
}

int64_t ledger_size(const struct ledger *ledger)
{
    return (int64_t)ledger->tree->committed.tree.size;
}

struct log_reader {
    struct ledger *ledger;
    struct bytes read; /* leaves that are not given yet begin at `given` */
    size_t given;
    int64_t next, size;
    char *note; /* NULL once it is read */
};

/* A query for so many leaves; each has at most LEAF_LIMIT bytes. */
enum { LEAVES_AT_ONCE = 256 };

struct log_reader *log_reader_new(struct ledger *ledger, uint64_t *size, struct error *err)
{
    AUTO(text) char *note = ledger_checkpoint(ledger, err);
    if (!note)
        return NULL;
    struct log_reader *reader = memory_allocate(1, sizeof *reader);
    reader->ledger = ledger;
    reader->size = ledger_size(ledger);
    *size = ledger->tree->committed.bytes + 1 + strlen(note);
    reader->note = STEAL(note);
    return reader;
}

static bool read_leaves(struct log_reader *reader, struct text *out, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(reader->ledger->store,
        "SELECT leaf FROM ledger_leaf WHERE seq >= :next AND seq < :size ORDER BY seq LIMIT :most", err);
    query_integer(query, ":next", reader->next);
    query_integer(query, ":size", reader->size);
    query_integer(query, ":most", LEAVES_AT_ONCE);
    int64_t before = reader->next;
    for (; query_next(query); reader->next++) {
        struct bytes leaf = query_get_bytes(query, 0);
        text_add_bytes(out, leaf.data, leaf.size);
        text_add_bytes(out, "\n", 1);
    }
    return query_ok(query, err) &&
           (reader->next > before ||
               fail(err, ERROR_CORRUPT, "record %lld is missing", (long long)reader->next));
}

static bool read_more(struct log_reader *reader, struct error *err)
{
    AUTO(text_buffer) struct text text = {0};
    bytes_free(&reader->read);
    reader->given = 0;
    if (reader->next < reader->size) {
        if (!read_leaves(reader, &text, err))
            return false;
    } else if (reader->note) {
        text_add(&text, "\n%s", reader->note);
        memory_release(reader->note);
        reader->note = NULL;
    }
    reader->read.size = text.size;
    reader->read.data = memory_steal(&text.data);
    return true;
}

bool log_reader_next(struct log_reader *reader, char *out, size_t room, size_t *used, struct error *err)
{
    if (reader->given == reader->read.size && !read_more(reader, err))
        return false;
    size_t size = reader->read.size - reader->given;
    *used = size < room ? size : room;
    if (*used)
        memcpy(out, reader->read.data + reader->given, *used);
    reader->given += *used;
    return true;
}

void log_reader_free(struct log_reader *reader)
{
    if (!reader)
        return;
    bytes_free(&reader->read);
    memory_release(reader->note);
    memory_release(reader);
}

bool ledger_export(struct ledger *ledger, struct bytes *out, struct error *err)
{
    uint64_t size;
    struct log_reader *reader = log_reader_new(ledger, &size, err);
    if (!reader)
        return false;
    struct bytes whole = {memory_allocate(size + 1, 1), 0};
    size_t used = 0;
    bool read;
    do {
        read = log_reader_next(reader, (char *)whole.data + whole.size, size + 1 - whole.size, &used, err);
        whole.size += read ? used : 0;
    } while (read && used && whole.size <= size);
    log_reader_free(reader);
    if (!read || (whole.size != size && !fail(err, ERROR_CORRUPT, "the log is not as long as it was"))) {
        bytes_free(&whole);
        return false;
    }
    *out = whole;
    return true;
}

const uint8_t *ledger_log_public_key(const struct ledger *ledger)
{
    return ledger->log_key + SEED_SIZE;
}
