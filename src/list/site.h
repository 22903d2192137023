/* What the desk's nouns work on: the ledger, the roster, the supervisor. One thread. */
#pragma once

#include "govern/ledger.h"
#include "watch/supervisor.h"

/* list/position.h */
struct unit_position {
    char unit[24];
    int64_t latitude_e7, longitude_e7, at_s;
};

struct arming; /* list/operation_run.h */
struct camera_seen;
struct former_rosters;
struct enrol_link; /* watch/enrol_link.h */
struct hash_link;  /* watch/hash_link.h */
struct ports;      /* list/ports.h: identity register and case status */

struct site {
    char name[64];
    enum site_kind kind;
    struct ledger *ledger;         /* owned by the desk */
    struct roster *roster;         /* owned by the desk */
    struct supervisor *supervisor; /* owned by the desk; NULL in unit tests */
    struct envelope *report;       /* the evaluation report */
    uint8_t pack_hash[HASH_SIZE];
    uint8_t root_key[PUBLIC_KEY_SIZE];
    /* Live sites only: the oversight body's key, pinned beside the root key, and its statement on the roster;
     * both owned by the desk, NULL on a demo site. */
    const uint8_t *endorsement_key;
    struct envelope *endorsement;
    struct ports *ports;
    struct hash_link *hashes;      /* owned by the desk; NULL: no password is looked at here */
    struct enrol_link *enrolments; /* owned by the desk; NULL: no photograph is looked at here */
    bool needs_passes;             /* a demo site that asks for them, too (list/pass.h) */
    int64_t passes_of_roster;      /* its number, when passes of who left were last destroyed */
    int64_t turn_us;    /* list/turn.h: how long one may take; 0 in unit tests: as long as it does */
    int64_t look_s;     /* how long a reviewer has the pictures at least; 0 in unit tests */
    const char *folder; /* owned by the desk; NULL in unit tests */
    struct camera_seen *cameras_seen;      /* list/camera_seen.h; freed by the desk */
    struct former_rosters *former_rosters; /* list/former_roster.h; freed by the desk */
    struct unit_position positions[ROSTER_UNITS];
    uint64_t sightings_refused; /* since the start; told as a number to whoever watches the desk */
    const struct ledger_options *ledger_options; /* for backups; borrowed, NULL in unit tests */
    const char *backup_folder;                   /* where they go; NULL for nowhere */
    bool backs_up;                               /* one is being made (list/backup.h) */
    const char
        *hindrance; /* why nothing may match now ("witness"); NULL when it may. Set by the desk's tick */
    bool time_is_unproven;    /* a witness is named and has not said the same time since the start: nothing is
                                 destroyed (list/overdue.h). Set by the desk's tick */
    bool rows_differ;         /* operations are not what the log says of them: nothing matches */
    bool listed_rows_differ;  /* an entry of the log is gone from its table: who is not listed is not known */
    bool log_is_down;         /* the log could not be written: nothing matches (list/heartbeat.h) */
    int64_t retry_statuses_s; /* when a restored site asks for its entries' statuses again */
    int64_t retry_roster_s;   /* when a roster that waits is looked at again (list/succession.h) */
    struct arming *arming;    /* on its way to its watches; NULL: none */
    int64_t retry_cameras_s;  /* when cameras that did not arm are tried again */
    int64_t forget_lists_s;   /* when old lists are looked for again */
    int64_t look_overdue_s;   /* when keys without a row are looked for again (list/overdue.h) */
    int64_t look_overdue_alerts_s; /* the same of alerts and requests (alert/overdue.h) */
    /* list/ lies under alert/, so what must happen to alerts when a list or an operation changes comes
     * through here; set by the desk to alert_recall_entry, alert_recall_operation and
     * alert_erase_operation. In the caller's
     * transaction. NULL in unit tests. */
    bool (*recall_entry)(struct site *site, const char *entry, const char *reason, struct error *err);
    /* alert_erase_operation: destroys what is kept of an operation's alerts that are over; how many are not.
     */
    bool (*erase_operation)(struct site *site, const char *operation, int64_t *left, struct error *err);
    bool (*recall_operation)(struct site *site, const char *operation, const char *reason, struct error *err);
    /* alert_holds_entry: whether an alert of the entry still needs what is kept of it. */
    bool (*holds_entry)(struct site *site, const char *entry, bool *out, struct error *err);
    /* shift_may_leave: whether what the officer has open lets them go. */
    bool (*may_leave)(struct site *site, const char *officer, struct error *err);
    /* alert_overdue_operations; while an operation of an office is in it, the office requests no other. */
    json_t *(*overdue_operations)(struct site *site, struct error *err);
};

/* At start, in a transaction of its own: records a roster with a new number; puts the newest adopted one in
 * force when the site's is older; refuses the same number with other content (ERROR_CONFLICT), one older than
 * the log says was in force (ERROR_CORRUPT), and one that does not count yet (roster_counts). Then
 * suspension_load (list/succession.h). */
bool roster_adopt(struct site *site, struct error *err);
extern const struct migration roster_migrations[];
extern const size_t roster_migration_count;
