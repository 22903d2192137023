/* The desk's durable state and its signed record, together: every change is one transaction that writes the
 * change, its log record and its outbox event.
 *
 *   if (!ledger_begin(ledger, err)) return false;
 *   ... change rows with ledger->store ...
 *   if (!ledger_record(ledger, &(struct record){.kind = "entry_approved", .by = officer, .public_fields =
 * ...}, err)
 *       || !ledger_event(ledger, "entry", id, "approved", err)) { ledger_abort(ledger); return false; }
 *   return ledger_commit(ledger, err);
 *
 * A record's leaf is canonical JSON {at, by, commitment, kind, previous, seq, site, ...public fields}: ids,
 * codes, times and counts only (govern/leaf.h); `previous` is the hash of the leaf before; ledger_record
 * refuses public text that is not an id, a code ([a-z0-9_]{1,40}) or hex. `commitment` is SHA-256(salt ‖
 * canonical private fields); salt and private fields lie in their own erasable rows. Leaves form an RFC 6962
 * tree; each commit writes a checkpoint (C2SP signed note, Ed25519) whose extension line carries the keyring
 * epoch. */
#pragma once

#include "govern/tree.h"
#include "sign/roster.h"
#include "store/keyring.h"
#include "store/store.h"

struct ledger {
    struct store *store;     /* owned */
    struct keyring *keyring; /* owned */
    char site[64];
    uint8_t log_key[SECRET_KEY_SIZE];
    const struct roster *roster; /* borrowed; set by the desk */
    int64_t restored_s;       /* since when it runs from a backup and the world was not asked again; 0: no */
    struct ledger_tree *tree; /* the log's private part */
};

struct ledger_options {
    const char *folder; /* site.db, keyring, and the log's key sealed under the site key */
    const char *site;
    const uint8_t *site_key;            /* DATA_KEY_SIZE */
    const struct migration *migrations; /* the nouns' own, after the ledger's */
    size_t migration_count;
    const char *keys_folder; /* where the keyring's one backup lies; NULL for nowhere */
};

/* Makes a fresh site: folder (0700), log-key (sealed with the site key), log-key.pub (hex), keyring, site.db
 * with one record. ERROR_CONFLICT when any of them is there. */
bool ledger_make(const struct ledger_options *options, struct error *err);

/* Verifies the newest checkpoint against the stored leaves, the keys that wait, the keyring's epoch, and that
 * the wall clock does not lie before the checkpoint (ERROR_CONFLICT: set the clock). */
struct ledger *ledger_open(const struct ledger_options *options, struct error *err);
void ledger_close(struct ledger *ledger);
AUTO_FREE(ledger, struct ledger *, ledger_close)

bool ledger_begin(struct ledger *ledger, struct error *err);
bool ledger_commit(struct ledger *ledger, struct error *err);
void ledger_abort(struct ledger *ledger);

struct record {
    const char *kind;             /* a code: "alert_raised" */
    const char *by;               /* officer id, or "site" for a rule or a timer */
    const json_t *public_fields;  /* object or NULL; borrowed */
    const json_t *private_fields; /* object or NULL; borrowed; committed to, kept sealed beside, erasable */
    const char *private_key;      /* keyring name that seals the private fields; NULL when there are none */
};
bool ledger_record(struct ledger *ledger, const struct record *record, struct error *err);
/* The first record that came with the statement of this name (its public field `signed`, hex); -1 when the
 * log names none. */
bool ledger_find_signed(struct ledger *ledger, const char *name, int64_t *seq, struct error *err);

/* The private fields of a record: a new reference; ERROR_MISSING when there are none or they were erased. */
json_t *ledger_private(struct ledger *ledger, int64_t seq, struct error *err);

/* In the caller's transaction: drops the private rows sealed under the key's name and queues the key for
 * destruction. ledger_commit records `keys_given_up`, destroys the queued keys after the change is durable,
 * then records `keys_destroyed` with the new epoch in its checkpoint; what a crash or a full disk leaves
 * waiting is done by the next commit or at the next start. Everything else sealed under that name is gone
 * with it. */
bool ledger_erase_private(struct ledger *ledger, const char *private_key, struct error *err);
/* What ledger_commit does after the commit; for a timer that wants to know. Outside a transaction. */
bool ledger_settle_erasures(struct ledger *ledger, struct error *err);

/* An outbox row, id <site>:<epoch>:<seq>; the event stream replays from here. noun: "alert", "operation", ...
 * The newest EVENTS_KEPT stay. */
enum { EVENTS_KEPT = 10000 };
bool ledger_event(
    struct ledger *ledger, const char *noun, const char *id, const char *state, struct error *err);

struct event {
    int64_t epoch, seq;
    char noun[24], id[24], state[40];
};
/* Events after (epoch, seq), oldest first; returns how many. */
size_t ledger_events(struct ledger *ledger, int64_t after_seq, struct event *out, size_t room);
int64_t ledger_last_event(struct ledger *ledger);
/* Another one after each restore. */
int64_t ledger_event_epoch(const struct ledger *ledger);

/* The export: one leaf a line, an empty line, then the signed note. Heap bytes. */
bool ledger_export(struct ledger *ledger, struct bytes *out, struct error *err);
/* The same by and by, so that nobody waits for a long log: as it is now, whatever is added meanwhile. The
 * ledger has to outlive it. */
struct log_reader;
struct log_reader *log_reader_new(struct ledger *ledger, uint64_t *size, struct error *err);
/* The next bytes, at most `room` > 0; 0 at the end. */
bool log_reader_next(struct log_reader *reader, char *out, size_t room, size_t *used, struct error *err);
void log_reader_free(struct log_reader *reader);
/* The newest signed note; heap text. */
char *ledger_checkpoint(struct ledger *ledger, struct error *err);
/* That the log's first `old_size` records are the beginning of it. */
bool ledger_prove_from(struct ledger *ledger, int64_t old_size, struct tree_proof *out, struct error *err);
const uint8_t *ledger_log_public_key(const struct ledger *ledger);

/* Rows that are kept until a time: their table, the column of that time, the record of their end and the
 * public field that counts them. The program's own words, never anybody's input. */
struct ledger_expiry {
    const char *table, *until, *kind, *counted;
};

/* In a transaction of its own deletes what is over at `now` (in the column's unit) and records how many;
 * nothing is written when nothing is over. */
bool ledger_expire(struct ledger *ledger, const struct ledger_expiry *expiry, int64_t now, struct error *err);
