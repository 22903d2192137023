/* The desk's process: one thread, one loop over the web server, the supervisor's children, signals and a tick
 * a second. Everything that changes the site happens between two polls, so nothing here needs a lock. */
#include "cli/commands.h"
#include "cli/site_folder.h"
#include "cli/site_ledger.h"

#include "alert/alert.h"
#include "alert/overdue.h"
#include "alert/shift.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "govern/witness.h"
#include "http/server.h"
#include "list/begin.h"
#include "list/camera.h"
#include "list/camera_seen.h"
#include "list/entry.h"
#include "list/former_roster.h"
#include "list/operation.h"
#include "list/overdue.h"
#include "list/pass.h"
#include "list/photo.h"
#include "list/place.h"
#include "list/ports.h"
#include "list/presence.h"
#include "list/succession.h"
#include "sign/limits.h"
#include "watch/enrol_link.h"
#include "watch/hash_link.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const char help[] =
    "Usage: mizan desk FOLDER [--verbose] [--after-pause DATE]\n\n"
    "Runs the desk of the site in FOLDER until SIGTERM: database, HTTPS, one feed and watch a camera.\n"
    "Prints 'ready https://ADDRESS:PORT' when it answers.\n\n"
    "  --verbose           log more\n"
    "  --after-pause DATE  today's date (YYYY-MM-DD) by another calendar than this machine's: once, when no "
    "desk\n"
    "                      ran for more than 7 days; a clock that far ahead is not believed without it\n";

/* A turn is short beside the 50 ms that nobody should wait. */
enum { TICK_US = 1000000, TURN_US = 8000, REPORT_LIMIT = 256 * 1024, DESCRIPTORS = 4096 };

struct desk {
    struct site_folder folder;
    struct site_ledger ledger;
    struct site site;
    struct server *server;
    int signals;
    int64_t next_tick_us;
    bool clock_is_off; /* so that the log has the change and not each second of it */
    char program[512];
    char *pack_folder;
    char *root_key_path;
    struct witness_link *witness; /* NULL: this site has none */
};

static void on_sighting(void *context, const struct sighting *sighting)
{
    struct desk *desk = context;
    struct error err = {0};
    if (!alert_raise(&desk->site, sighting, &err))
        log_write(LOG_WARNING, "sighting_refused", "camera %s: %s", sighting->camera, err.text);
}

static void on_state(void *context, const char *camera, enum camera_state state, const char *reason)
{
    struct desk *desk = context;
    struct error err = {0};
    log_write(
        LOG_INFO, "camera_state", "camera %s: %s %s", camera, camera_state_word(state), reason ? reason : "");
    bool noted = ledger_begin(desk->site.ledger, &err) &&
                 ledger_event(desk->site.ledger, "camera", camera, camera_state_word(state), &err);
    if (!noted || !ledger_commit(desk->site.ledger, &err)) {
        ledger_abort(desk->site.ledger);
        log_write(LOG_ERROR, "event_lost", "camera %s: %s", camera, err.text);
    }
}

static void on_health(void *context, const char *camera, const struct watch_health *health)
{
    (void)context;
    log_write(LOG_DEBUG, "camera_health", "camera %s: %llu decoded, %llu analysed, %llu faces", camera,
        (unsigned long long)health->decoded, (unsigned long long)health->analysed,
        (unsigned long long)health->faces);
}

static void on_withdrawn(void *context, const char *camera, const char *entry)
{
    (void)context;
    log_write(LOG_INFO, "withdrawal_acknowledged", "camera %s matches %s no longer", camera, entry);
}

static bool open_report(struct desk *desk, struct error *err)
{
    const char *path = NULL;
    AUTO(bytes) struct bytes content = {NULL, 0};
    if (!config_need(desk->folder.config, "report", "file", &path, err) ||
        !file_read(path, REPORT_LIMIT, &content, err))
        return false;
    desk->site.report = envelope_parse((const char *)content.data, content.size, err);
    if (!desk->site.report || !envelope_is(desk->site.report, "report", err))
        return fail_within(err, "%s", path);
    if (!roster_trusts_report_key(desk->site.roster, desk->site.report->key))
        return fail(
            err, ERROR_UNSIGNED, "%s: signed with a key that the roster does not trust for reports", path);
    return true;
}

static bool open_supervisor(struct desk *desk, struct error *err)
{
    static const char *const names[] = {"feed_uid", "watch_uid", "still_uid"};
    int64_t uids[3] = {0};
    const char *pack = NULL;
    if (!config_need(desk->folder.config, "pack", "folder", &pack, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(names) && geteuid() == 0; i++)
        if (!config_need_integer(desk->folder.config, "process", names[i], &uids[i], err))
            return false;
    ssize_t length = readlink("/proc/self/exe", desk->program, sizeof desk->program - 1);
    if (length < 0)
        return fail_errno(err, "the path of this program");
    desk->program[length] = '\0';
    desk->pack_folder = memory_copy_text(pack);
    desk->root_key_path = site_folder_file(&desk->folder, "root.pub");
    const struct supervisor_options options = {
        .program = desk->program,
        .pack_folder = desk->pack_folder,
        .root_key_file = desk->root_key_path,
        .site = desk->site.name,
        .kind = desk->site.kind,
        .feed_uid = (unsigned)uids[0],
        .watch_uid = (unsigned)uids[1],
        .still_uid = (unsigned)uids[2],
    };
    const struct supervisor_events events = {desk, on_sighting, on_health, on_state, on_withdrawn};
    desk->site.supervisor = supervisor_new(&options, &events, err);
    const struct enrol_options enrolments = {
        .program = desk->program,
        .pack_folder = desk->pack_folder,
        .site = desk->site.name,
        .pack_hash = desk->site.pack_hash,
        .kind = desk->site.kind,
        .uid = (unsigned)uids[2],
    };
    desk->site.enrolments = enrol_link_new(&enrolments, err);
    return desk->site.supervisor && desk->site.enrolments &&
           still_pack_hash(desk->site.supervisor, desk->site.pack_hash, err);
}

/* A demo site may ask for passes, too; a live one always does. */
static bool open_passes(struct desk *desk, struct error *err)
{
    const char *word = config_get(desk->folder.config, "sign_in", "pass");
    int64_t uid = 0;
    if (word && strcmp(word, "required") != 0)
        return fail(err, ERROR_INVALID, "[sign_in] pass in site.ini is 'required', or not there");
    desk->site.needs_passes = word != NULL;
    if (geteuid() == 0 && !config_need_integer(desk->folder.config, "process", "still_uid", &uid, err))
        return false;
    desk->site.hashes = hash_link_new(
        &(struct hash_options){
            .program = desk->program, .site = desk->site.name, .kind = desk->site.kind, .uid = (unsigned)uid},
        err);
    return desk->site.hashes != NULL;
}

static bool open_server(struct desk *desk, struct error *err)
{
    const char *address = NULL;
    int64_t port = 0;
    if (!config_need(desk->folder.config, "server", "address", &address, err) ||
        !config_need_integer(desk->folder.config, "server", "port", &port, err))
        return false;
    if (port < 0 || port > UINT16_MAX)
        return fail(err, ERROR_INVALID, "[server] port in site.ini has to be 0 (any) to %d, not %lld",
            UINT16_MAX, (long long)port);
    AUTO(text) char *certificate = site_folder_file(&desk->folder, "server.pem");
    AUTO(text) char *key = site_folder_file(&desk->folder, "server.key");
    const struct server_options options = {
        .address = address, .port = (uint16_t)port, .certificate_file = certificate, .key_file = key};
    desk->server = server_new(&options, &desk->site, err);
    return desk->server != NULL;
}

static bool open_ports(struct desk *desk, struct error *err)
{
    const char *path = config_get(desk->folder.config, "ports", "simulator");
    if (desk->site.kind == SITE_LIVE)
        return !path || fail(err, ERROR_FORBIDDEN, "[ports] simulator in site.ini is for demo sites only");
    if (!config_need(desk->folder.config, "ports", "simulator", &path, err))
        return false;
    desk->site.ports = ports_simulated(path, err);
    return desk->site.ports != NULL;
}

/* A demo site may look quicker, so that its tests do not wait; a live one may only look longer. */
static bool read_look_time(struct desk *desk, struct error *err)
{
    int64_t look_s = LIMIT_LOOK_S;
    if (config_get(desk->folder.config, "review", "look_s") &&
        !config_need_integer(desk->folder.config, "review", "look_s", &look_s, err))
        return false;
    int64_t least_s = desk->site.kind == SITE_LIVE ? LIMIT_LOOK_S : 1;
    if (look_s < least_s || look_s > LIMIT_REVIEW_S / 2)
        return fail(err, ERROR_INVALID, "[review] look_s in site.ini has to be %lld to %d",
            (long long)least_s, LIMIT_REVIEW_S / 2);
    desk->site.look_s = look_s;
    return true;
}

static bool open_witness(struct desk *desk, struct error *err)
{
    struct witness_options options;
    uint8_t key[PUBLIC_KEY_SIZE];
    if (!site_folder_witness(&desk->folder, key, &options, err))
        return false;
    desk->witness = options.address ? witness_link_new(&options, err) : NULL;
    return desk->witness || !options.address;
}

struct desk_options {
    const char *folder, *today;
    bool verbose;
};

static bool read_options(int argc, char **argv, struct desk_options *out, struct error *err)
{
    *out = (struct desk_options){.folder = argv[1]};
    for (int i = 2; i < argc; i++) {
        if (!strcmp(argv[i], "--verbose"))
            out->verbose = true;
        else if (!strcmp(argv[i], "--after-pause") && i + 1 < argc)
            out->today = argv[++i];
        else
            return fail(err, ERROR_USAGE, "desk does not take '%s'; see 'mizan desk --help'", argv[i]);
    }
    return true;
}

static bool open_site(struct desk *desk, const struct desk_options *options, struct error *err)
{
    struct site *site = &desk->site;
    if (!site_folder_open(options->folder, &desk->folder, err))
        return false;
    memcpy(site->name, desk->folder.name, sizeof site->name);
    memcpy(site->root_key, desk->folder.keys.root, sizeof site->root_key);
    site->endorsement_key = desk->folder.keys.has_oversight ? desk->folder.keys.oversight : NULL;
    site->kind = desk->folder.kind;
    site->turn_us = TURN_US;
    site->folder = desk->folder.path;
    site->recall_entry = alert_recall_entry;
    site->recall_operation = alert_recall_operation;
    site->erase_operation = alert_erase_operation;
    site->overdue_operations = alert_overdue_operations;
    site->holds_entry = alert_holds_entry;
    site->may_leave = shift_may_leave;
    if (!site_folder_roster(&desk->folder, &site->roster, err) ||
        !site_folder_endorsement(&desk->folder, &site->endorsement, err))
        return false;
    site_ledger_fill(&desk->folder, &desk->ledger);
    desk->ledger.options.today = options->today;
    site->ledger_options = &desk->ledger.options;
    site->backup_folder = config_get(desk->folder.config, "backup", "folder");
    site->ledger = ledger_open(site->ledger_options, err);
    if (!site->ledger)
        return false;
    site->ledger->roster = site->roster;
    return roster_adopt(site, err) && open_report(desk, err) && open_ports(desk, err) &&
           open_witness(desk, err) && read_look_time(desk, err) && open_supervisor(desk, err) &&
           open_passes(desk, err) && alert_begin(site, err) && list_begin(site, err) &&
           session_rows_hold_to_log(site, err) && operation_resume_all(site, err) && open_server(desk, err);
}

static void close_desk(struct desk *desk)
{
    hash_link_free(desk->site.hashes); /* wakes who waits, before the server ends */
    desk->site.hashes = NULL;
    enrol_link_free(desk->site.enrolments);
    desk->site.enrolments = NULL;
    server_free(desk->server);
    operation_stop_arming(&desk->site);
    supervisor_free(desk->site.supervisor);
    ports_free(desk->site.ports);
    camera_seen_free(desk->site.cameras_seen);
    former_rosters_free(desk->site.former_rosters);
    witness_link_free(desk->witness);
    envelope_free(desk->site.report);
    envelope_free(desk->site.endorsement);
    ledger_close(desk->site.ledger);
    roster_free(desk->site.roster);
    memory_release(desk->pack_folder);
    memory_release(desk->root_key_path);
    site_folder_done(&desk->folder);
}

static void look_at_witness(struct desk *desk)
{
    if (!desk->witness)
        return;
    witness_link_tick(desk->witness, desk->site.ledger, clock_now_s());
    desk->site.hindrance = witness_link_hindrance(desk->witness, clock_now_s());
    desk->site.time_is_unproven = !witness_link_says_same_time(desk->witness);
}

static void look_at_clock(struct desk *desk)
{
    bool off = !clock_is_steady();
    if (off && !desk->clock_is_off)
        log_write(LOG_WARNING, "clock_drift",
            "the wall clock was set to %lld s from what this desk has counted since its start, and "
            "nothing is compared; when the wall clock is right now, restart the desk, otherwise set it back",
            (long long)(clock_drift_us() / 1000000));
    if (!off && desk->clock_is_off)
        log_write(LOG_INFO, "clock_drift", "the wall clock is this desk's time again");
    desk->clock_is_off = off;
}

static bool keep_time(struct site *site, struct error *err)
{
    return ledger_keep_time(site->ledger, err);
}

static void tick(struct desk *desk)
{
    look_at_witness(desk);
    static const struct {
        const char *what;
        bool (*run)(struct site *site, struct error *err);
    } timers[] = {{"roster_timer", roster_tick}, {"operation_timer", operation_tick},
        {"alert_timer", alert_tick}, {"entry_timer", entry_expire}, {"overdue_timer", overdue_tick},
        {"overdue_alerts_timer", overdue_alerts_tick}, {"pass_timer", pass_tick}, {"time_timer", keep_time}};
    for (size_t i = 0; i < COUNT_OF(timers); i++) {
        struct error err = {0};
        if (!timers[i].run(&desk->site, &err))
            log_write(LOG_ERROR, timers[i].what, "%s", err.text);
    }
    look_at_clock(desk);
}

static void go_on_arming(struct desk *desk)
{
    struct error err = {0};
    if (!operation_go_on(&desk->site, &err))
        log_write(LOG_ERROR, "operation_timer", "%s", err.text);
}

static int shorter(int a_ms, int b_ms)
{
    if (a_ms < 0 || b_ms < 0)
        return a_ms < 0 ? b_ms : a_ms;
    return a_ms < b_ms ? a_ms : b_ms;
}

/* A desk without its log compares nobody: when the disk lost a write or cannot be read it ends, and its
 * watches with it. The next start reads back what is there and goes on from that. */
static bool run_loop(struct desk *desk, struct error *err)
{
    while (!store_is_lost(desk->site.ledger->store)) {
        int64_t left_us = desk->next_tick_us - clock_monotonic_us();
        int timeout_ms = left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
        timeout_ms = shorter(timeout_ms, server_timeout_ms(desk->server));
        timeout_ms = shorter(timeout_ms, supervisor_timeout_ms(desk->site.supervisor));
        timeout_ms = shorter(timeout_ms, hash_link_timeout_ms(desk->site.hashes));
        timeout_ms = shorter(timeout_ms, enrol_link_timeout_ms(desk->site.enrolments));
        timeout_ms = operation_is_arming(&desk->site) ? 0 : timeout_ms;
        struct pollfd polled[] = {{desk->signals, POLLIN, 0}, {server_descriptor(desk->server), POLLIN, 0},
            {supervisor_descriptor(desk->site.supervisor), POLLIN, 0},
            {hash_link_descriptor(desk->site.hashes), POLLIN, 0},
            {enrol_link_descriptor(desk->site.enrolments), POLLIN, 0}};
        poll(polled, COUNT_OF(polled), timeout_ms);
        if (polled[0].revents)
            return true;
        supervisor_run(desk->site.supervisor);
        if (clock_monotonic_us() >= desk->next_tick_us) {
            tick(desk);
            desk->next_tick_us = clock_monotonic_us() + TICK_US;
        }
        go_on_arming(desk);
        hash_link_run(desk->site.hashes);
        enrol_link_run(desk->site.enrolments);
        server_run(desk->server);
    }
    return fail(err, ERROR_UNAVAILABLE,
        "the database lost a write or cannot be read, so the desk ends; check the disk and start it again");
}

/* Connections, cameras and files at once; the usual limit of 1,024 is less than that. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < DESCRIPTORS)
        log_write(LOG_WARNING, "few_descriptors",
            "only %llu files and connections can be open; allow %d (LimitNOFILE=)",
            (unsigned long long)limit.rlim_cur, DESCRIPTORS);
}

static int catch_signals(void)
{
    sigset_t caught;
    sigemptyset(&caught);
    sigaddset(&caught, SIGTERM);
    sigaddset(&caught, SIGINT);
    sigprocmask(SIG_BLOCK, &caught, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &caught, SFD_CLOEXEC);
}

int desk_main(int argc, char **argv)
{
    struct error err = {0};
    if (argc < 2 || !strcmp(argv[1], "--help")) {
        fputs(help, stdout);
        return argc < 2 ? error_exit_status(ERROR_USAGE) : 0;
    }
    struct desk_options options;
    if (!read_options(argc, argv, &options, &err))
        return report_failure(&err);
    log_start("desk", options.verbose ? LOG_DEBUG : LOG_INFO);
    struct desk *desk = memory_allocate(1, sizeof *desk);
    desk->signals = catch_signals();
    raise_descriptor_limit();
    bool stopped = false;
    if (open_site(desk, &options, &err)) {
        printf("ready https://%s:%d\n", config_get(desk->folder.config, "server", "address"),
            server_port(desk->server));
        fflush(stdout);
        stopped = run_loop(desk, &err);
        if (stopped)
            log_write(LOG_INFO, "desk_stops", "asked to stop; operations resume at the next start");
    }
    close_desk(desk);
    memory_release(desk);
    return stopped ? 0 : report_failure(&err);
}
