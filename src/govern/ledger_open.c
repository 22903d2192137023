#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "govern/ledger_private.h"

#include <string.h>
#include <unistd.h>

static const char log_key_context[] = "log-key";

static const struct migration ledger_migrations[] = {
    {"0001-ledger",
        "CREATE TABLE ledger_site (only INTEGER PRIMARY KEY CHECK (only = 1), site TEXT NOT NULL,"
        " event_epoch INTEGER NOT NULL) STRICT;"
        "CREATE TABLE ledger_leaf (seq INTEGER PRIMARY KEY CHECK (seq >= 0), leaf TEXT NOT NULL) STRICT;"
        "CREATE TABLE ledger_private (seq INTEGER PRIMARY KEY REFERENCES ledger_leaf (seq),"
        " key_name TEXT NOT NULL, sealed BLOB NOT NULL) STRICT;"
        "CREATE INDEX ledger_private_by_key ON ledger_private (key_name);"
        "CREATE TABLE ledger_checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;"
        "CREATE TABLE ledger_event (seq INTEGER PRIMARY KEY AUTOINCREMENT, noun TEXT NOT NULL,"
        " id TEXT NOT NULL, state TEXT NOT NULL) STRICT;"
        "CREATE TABLE ledger_erasure (key_name TEXT PRIMARY KEY) STRICT"},
    {"0002-ledger-restored", "ALTER TABLE ledger_site ADD COLUMN restored_s INTEGER NOT NULL DEFAULT 0"},
    {"0003-ledger-restored-by-the-log", "ALTER TABLE ledger_site DROP COLUMN restored_s"},
    {"0004-ledger-signed",
        "CREATE INDEX ledger_leaf_signed ON ledger_leaf (" LEAF_SIGNED ") WHERE " LEAF_IS_SIGNED},
};

static char *path_in(const struct ledger_options *options, const char *name)
{
    return text_format("%s/%s", options->folder, name);
}

static bool open_store(struct ledger *ledger, const struct ledger_options *options, struct error *err)
{
    size_t own = COUNT_OF(ledger_migrations), count = own + options->migration_count;
    AUTO(heap) struct migration *all = memory_allocate(count, sizeof *all);
    memcpy(all, ledger_migrations, sizeof ledger_migrations);
    if (options->migration_count)
        memcpy(all + own, options->migrations, options->migration_count * sizeof *all);
    AUTO(text) char *path = path_in(options, "site.db");
    ledger->store = store_open(path, all, count, err);
    return ledger->store != NULL;
}

static struct ledger *new_ledger(const struct ledger_options *options, struct error *err)
{
    if (!site_name_is_valid(options->site)) {
        fail(err, ERROR_INVALID, "a site's name is 1 to 63 of a-z, 0-9 and '-', not '%.70s'", options->site);
        return NULL;
    }
    struct ledger *ledger = memory_allocate(1, sizeof *ledger);
    ledger->tree = memory_allocate(1, sizeof *ledger->tree);
    memcpy(ledger->site, options->site, strlen(options->site) + 1);
    ledger->tree->now = ledger->tree->committed = chain_start(options->site);
    return ledger;
}

static bool read_log_key(struct ledger *ledger, const struct ledger_options *options, struct error *err)
{
    AUTO(text) char *path = path_in(options, "log-key");
    AUTO(bytes) struct bytes sealed = {0};
    AUTO(bytes) struct bytes seed = {0};
    if (!file_read(path, 4096, &sealed, err))
        return false;
    if (!seal_open(options->site_key, log_key_context, sealed.data, sealed.size, &seed, err) ||
        seed.size != SEED_SIZE)
        return fail(err, ERROR_CORRUPT, "%s: the wrong site key, or the file was edited", path);
    uint8_t public_key[PUBLIC_KEY_SIZE];
    sign_key_from_seed(seed.data, public_key, ledger->log_key);
    memory_wipe(seed.data, seed.size);
    return true;
}

static bool make_log_key(struct ledger *ledger, const struct ledger_options *options, struct error *err)
{
    uint8_t public_key[PUBLIC_KEY_SIZE];
    sign_key_new(public_key, ledger->log_key);
    AUTO(text) char *path = path_in(options, "log-key");
    AUTO(text) char *public_path = path_in(options, "log-key.pub");
    AUTO(bytes)
    struct bytes sealed = seal_bytes(options->site_key, log_key_context, ledger->log_key, SEED_SIZE);
    char hex[2 * PUBLIC_KEY_SIZE + 2];
    hex_write(public_key, sizeof public_key, hex);
    hex[sizeof hex - 2] = '\n';
    return file_write(path, 0600, sealed.data, sealed.size, err) &&
           file_write(public_path, 0644, hex, sizeof hex - 1, err);
}

static bool open_keyring(
    struct ledger *ledger, const struct ledger_options *options, int64_t least_epoch, struct error *err)
{
    AUTO(text) char *path = path_in(options, "keyring");
    ledger->keyring = keyring_open(path, options->site_key, least_epoch, err);
    return ledger->keyring != NULL;
}

static bool write_first_record(struct ledger *ledger, struct error *err)
{
    char key[2 * PUBLIC_KEY_SIZE + 1];
    hex_write(ledger_log_public_key(ledger), PUBLIC_KEY_SIZE, key);
    AUTO(query)
    struct query *query = query_new(
        ledger->store, "INSERT INTO ledger_site (only, site, event_epoch) VALUES (1, :site, 1)", err);
    query_text(query, ":site", ledger->site);
    AUTO(json) json_t *fields = json_pack("{s:s}", "log_key", key);
    return query_done(query, err) && ledger_note_waiting(ledger, fields, err) &&
           ledger_record(
               ledger, &(struct record){.kind = "log_started", .by = "site", .public_fields = fields}, err);
}

bool ledger_folder_is_unused(const struct ledger_options *options, struct error *err)
{
    static const char *const names[] = {"site.db", "keyring", "log-key"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(text) char *path = path_in(options, names[i]);
        if (access(path, F_OK) == 0)
            return fail(err, ERROR_CONFLICT, "%s is there already; a new site needs an empty folder", path);
    }
    return true;
}

bool ledger_make(const struct ledger_options *options, struct error *err)
{
    AUTO(ledger) struct ledger *ledger = new_ledger(options, err);
    if (!ledger || !file_make_folder(options->folder, 0700, err) || !ledger_folder_is_unused(options, err))
        return false;
    return make_log_key(ledger, options, err) && open_keyring(ledger, options, 0, err) &&
           open_store(ledger, options, err) && ledger_begin(ledger, err) && write_first_record(ledger, err) &&
           ledger_commit(ledger, err);
}

static bool check_site(struct ledger *ledger, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(ledger->store, "SELECT site, event_epoch FROM ledger_site", err);
    if (!query_next(query))
        return query_ok(query, err) && fail(err, ERROR_CORRUPT, "the database belongs to no site");
    const char *site = query_get_text(query, 0);
    if (strcmp(site, ledger->site) != 0)
        return fail(err, ERROR_CONFLICT, "the database is of the site %.64s, not %s", site, ledger->site);
    ledger->tree->event_epoch = query_get_integer(query, 1);
    return true;
}

/* The log alone says it: a row could be edited. */
static bool read_restored(struct ledger *ledger, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(ledger->store,
        "SELECT leaf FROM ledger_leaf WHERE leaf LIKE '%\"kind\":\"site_restored\"%'"
        " OR leaf LIKE '%\"kind\":\"restore_checked\"%' ORDER BY seq DESC LIMIT 1",
        err);
    if (!query_next(query))
        return query_ok(query, err);
    struct leaf leaf = {0};
    AUTO(json) json_t *json = NULL;
    struct bytes text = query_get_bytes(query, 0);
    if (!leaf_read((const char *)text.data, text.size, &leaf, &json, err))
        return false;
    if (strcmp(leaf.kind, "site_restored") == 0)
        ledger->restored_s = leaf.at_s;
    return true;
}

static bool walk_leaves(struct ledger *ledger, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(ledger->store, "SELECT leaf, seq FROM ledger_leaf ORDER BY seq", err);
    for (int64_t seq = 0; query_next(query); seq++) {
        struct bytes leaf = query_get_bytes(query, 0);
        if (query_get_integer(query, 1) != seq)
            return fail(err, ERROR_CORRUPT, "the log: record %lld stands in the place of record %lld",
                (long long)seq, (long long)query_get_integer(query, 1));
        ledger_note_block(ledger->tree, leaf.data, leaf.size);
        if (!chain_add(&ledger->tree->now, (const char *)leaf.data, leaf.size, err))
            return fail_within(err, "the log");
    }
    return query_ok(query, err);
}

/* The newest is found by its row, what it counts stands in its note: under a greater number it would be the
 * newest for good, and nothing after it signed. */
static bool check_place(struct ledger *ledger, const struct checkpoint *newest, struct error *err)
{
    AUTO(query)
    struct query *query = query_new(ledger->store, "SELECT max(size) FROM ledger_checkpoint", err);
    if (!query_next(query))
        return false;
    return query_get_integer(query, 0) == newest->size ||
           fail(err, ERROR_CORRUPT, "the log: the checkpoint of %lld records stands in the place of %lld",
               (long long)newest->size, (long long)query_get_integer(query, 0));
}

static bool verify_log(struct ledger *ledger, struct checkpoint *newest, struct error *err)
{
    AUTO(text) char *note = ledger_checkpoint(ledger, err);
    if (!note)
        return false;
    if (!note_read(note, strlen(note), ledger_log_public_key(ledger), newest, err)) {
        fail_within(err, "the log");
        if (err)
            err->code = ERROR_CORRUPT;
        return false;
    }
    if (!check_place(ledger, newest, err) || !walk_leaves(ledger, err))
        return false;
    if (!chain_finish(&ledger->tree->now, newest, err))
        return fail_within(err, "the log");
    ledger->tree->committed = ledger->tree->now;
    return true;
}

static bool check_clock(const struct checkpoint *newest, struct error *err)
{
    if (clock_now_s() >= newest->at_s)
        return true;
    char signed_at[21];
    clock_write_iso(newest->at_s, signed_at);
    return fail(
        err, ERROR_CONFLICT, "the clock lies before the newest checkpoint (%s); set the clock", signed_at);
}

static bool refuse_missing_database(const struct ledger_options *options, struct error *err)
{
    AUTO(text) char *path = path_in(options, "site.db");
    if (access(path, F_OK) == 0)
        return true;
    return fail(err, ERROR_MISSING, "%s is not there; make the site with 'mizan site init'", path);
}

struct ledger *ledger_open(const struct ledger_options *options, struct error *err)
{
    AUTO(ledger) struct ledger *ledger = new_ledger(options, err);
    struct checkpoint newest = {0};
    if (!ledger || !refuse_missing_database(options, err) || !read_log_key(ledger, options, err) ||
        !open_store(ledger, options, err) || !check_site(ledger, err) || !verify_log(ledger, &newest, err) ||
        !ledger_check_waiting(ledger, err) || !read_restored(ledger, err) ||
        !open_keyring(ledger, options, newest.keyring_epoch, err) || !check_clock(&newest, err))
        return NULL;
    if (options->keys_folder && !keyring_back_up(ledger->keyring, options->keys_folder, err)) {
        fail_within(err, "the keyring's backup");
        return NULL;
    }
    if (!ledger_settle_erasures(ledger, err)) {
        fail_within(err, "keys that wait for their destruction");
        return NULL;
    }
    return STEAL(ledger);
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    keyring_close(ledger->keyring);
    store_close(ledger->store);
    memory_release(ledger->tree->blocks);
    memory_release(ledger->tree);
    memory_wipe(ledger, sizeof *ledger);
    memory_release(ledger);
}
