#include "cli/doctor.h"

#include "base/text.h"
#include "govern/cosign.h"
#include "govern/witness.h"
#include "watch/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096, FULL_MB = 100, LOW_MB = 1024, WITNESS_WAIT_MS = 3000, PORT_RULES = 4 };

static void check_clock(struct patient *patient, struct finding *finding)
{
    (void)patient;
    struct timex state = {0};
    int answer = adjtimex(&state);
    if (answer < 0 || answer == TIME_ERROR || (state.status & STA_UNSYNC))
        finding_add(finding, FINDING_WARNING, ERROR_NONE,
            "run a time service (chrony, systemd-timesyncd); when it has set the clock, restart the desk",
            "the clock is not kept right by anybody; statements more than 300 s off are refused");
    finding_well(finding, "kept right by a time service");
}

static void check_filter(struct patient *patient, struct finding *finding)
{
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    bool kernel = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
    bool live = patient->is_open && patient->folder.kind == SITE_LIVE;
    if (!kernel || !sandbox_has_filter())
        finding_add(finding, live ? FINDING_BAD : FINDING_WARNING, ERROR_SYSTEM,
            kernel ? "use a build without sanitisers" : "use a kernel with CONFIG_SECCOMP_FILTER",
            "the processes cannot be kept to their list of system calls: %s",
            kernel ? "this build has no list" : "no seccomp");
    finding_well(finding, "system calls are held to a list, with kill");
}

static void check_landlock(struct patient *patient, struct finding *finding)
{
    (void)patient;
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        finding_add(finding, FINDING_WARNING, ERROR_NONE, "kernel 5.13 or newer with landlock in lsm=",
            "no Landlock: the list of system calls alone keeps the processes from files");
    else if (version < PORT_RULES)
        finding_add(finding, FINDING_WARNING, ERROR_NONE,
            "kernel 6.7 or newer; until then limit the feed's user in the firewall",
            "Landlock version %ld knows no ports: a feed that was taken over could connect to any", version);
    finding_well(finding, "Landlock version %ld", version);
}

static void check_memory(struct patient *patient, struct finding *finding)
{
    struct rlimit limit = {0, 0};
    const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    bool live = patient->is_open && patient->folder.kind == SITE_LIVE;
    bool may = setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0 ||
               (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_max == RLIM_INFINITY);
    if (!may)
        finding_add(finding, live ? FINDING_BAD : FINDING_WARNING, ERROR_SYSTEM,
            "LimitMEMLOCK=infinity in the desk's unit",
            "memory cannot be locked: passers-by's faces could be swapped to disk");
    finding_well(finding, "memory can be locked");
}

static void check_descriptors(struct patient *patient, struct finding *finding)
{
    (void)patient;
    struct rlimit limit = {0, 0};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < DESCRIPTORS)
        finding_add(finding, FINDING_WARNING, ERROR_NONE, "LimitNOFILE=4096 in the desk's unit",
            "only %llu files and connections at once", (unsigned long long)limit.rlim_max);
    finding_well(finding, "%llu files and connections at once", (unsigned long long)limit.rlim_max);
}

static void check_users(struct patient *patient, struct finding *finding)
{
    static const char *const names[] = {"feed_uid", "watch_uid", "still_uid"};
    bool live = patient->folder.kind == SITE_LIVE;
    int64_t numbers[COUNT_OF(names)] = {0};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        config_need_integer(patient->folder.config, "process", names[i], &numbers[i], NULL);
    bool apart = numbers[0] > 0 && numbers[1] > 0 && numbers[2] > 0 && numbers[0] != numbers[1] &&
                 numbers[1] != numbers[2] && numbers[0] != numbers[2];
    if (!apart)
        finding_add(finding, FINDING_BAD, ERROR_INVALID, "three different numbers that nobody else has",
            "[process] in site.ini names no three users");
    if (geteuid() != 0)
        finding_add(finding, live ? FINDING_BAD : FINDING_WARNING, ERROR_FORBIDDEN,
            "run the desk (and this) as root; it gives up the rights for its children",
            "not root: feed, watch and still would run as the desk's own user");
    finding_well(finding, "feed, watch and still each have a user of their own");
}

static void check_disk(struct patient *patient, struct finding *finding)
{
    struct statvfs about;
    if (statvfs(patient->path, &about) != 0) {
        finding_add(finding, FINDING_BAD, ERROR_SYSTEM, "look at the mount", "%s: %s", patient->path,
            strerror(errno));
        return;
    }
    unsigned long long free_mb = (unsigned long long)about.f_bavail * about.f_frsize >> 20;
    if (about.f_flag & ST_RDONLY)
        finding_add(finding, FINDING_BAD, ERROR_SYSTEM,
            "mount it for writing; nothing matches while the log cannot be written",
            "the disk of %s is read-only", patient->path);
    else if (free_mb < LOW_MB)
        finding_add(finding, free_mb < FULL_MB ? FINDING_BAD : FINDING_WARNING, ERROR_SYSTEM,
            "make room; nothing matches while the log cannot be written",
            "%llu MB are free on the disk of %s", free_mb, patient->path);
    finding_well(finding, "%llu MB free", free_mb);
}

static bool answers(const struct sockaddr_in *address)
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), failure = 0;
    socklen_t size = sizeof failure;
    struct pollfd polled = {descriptor, POLLOUT, 0};
    bool begun =
        connect(descriptor, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EINPROGRESS;
    bool connected = begun && poll(&polled, 1, WITNESS_WAIT_MS) == 1 &&
                     getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0;
    close(descriptor);
    return connected;
}

/* What the desk would refuse at its start. */
static bool names_witness(const struct site_folder *folder, struct error *err)
{
    struct witness_options options;
    uint8_t key[PUBLIC_KEY_SIZE];
    if (!site_folder_witness(folder, key, &options, err))
        return false;
    return (*options.name && strlen(options.name) < WITNESS_NAME_SIZE) ||
           fail(err, ERROR_INVALID, "[witness] name in site.ini has to have 1 to %d bytes",
               WITNESS_NAME_SIZE - 1);
}

static void check_witness(struct patient *patient, struct finding *finding)
{
    const char *text = config_get(patient->folder.config, "witness", "address");
    bool live = patient->folder.kind == SITE_LIVE;
    struct sockaddr_in address;
    struct error err = {0};
    if (!text) {
        if (live)
            finding_add(finding, FINDING_BAD, ERROR_FORBIDDEN, "[witness] in site.ini, outside the force",
                "a live site needs a witness");
        finding_well(finding, "none: a demo site needs none, but nobody can tell then that the log was cut");
        return;
    }
    if (!names_witness(&patient->folder, &err))
        finding_add(finding, FINDING_BAD, err.code,
            "the witness's operator tells its name and its public key", "%s", err.text);
    else if (!witness_address_read(text, &address))
        finding_add(finding, FINDING_BAD, ERROR_INVALID, "a numeric address with a port: 192.0.2.1:8080",
            "[witness] address = %s", text);
    else if (!answers(&address))
        finding_add(finding, FINDING_BAD, ERROR_UNAVAILABLE,
            "look at the network; matching pauses after 30 minutes without it",
            "the witness at %s does not answer", text);
    finding_well(finding, "answers at %s", text);
}

const struct check doctor_machine_checks[] = {{"witness", true, check_witness}, {"users", true, check_users},
    {"disk", false, check_disk}, {"clock", false, check_clock}, {"seccomp", false, check_filter},
    {"Landlock", false, check_landlock}, {"memory", false, check_memory},
    {"descriptors", false, check_descriptors}};
const size_t doctor_machine_check_count = COUNT_OF(doctor_machine_checks);
