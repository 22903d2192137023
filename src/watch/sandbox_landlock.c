#include "watch/sandbox_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As far as the newest interface known here (6); an older kernel takes the first fields. */
struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scoped;
};

struct port_rule {
    uint64_t allowed;
    uint64_t port;
};

enum {
    NETWORK_BIND = 1,
    NETWORK_CONNECT = 2,
    RULE_PORT = 2,
    SCOPE_ABSTRACT_SOCKETS = 1,
    SCOPE_SIGNALS = 2,
};

static uint64_t handled_files(long version)
{
    static const int bits[] = {0, 13, 14, 15, 15, 16};
    return ((uint64_t)1 << bits[version < 5 ? version : 5]) - 1;
}

static bool allow_file(int rules, const char *path, uint64_t access)
{
    int file = open(path, O_PATH | O_CLOEXEC);
    if (file < 0)
        return false;
    const struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = file};
    bool added = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    close(file);
    return added;
}

static bool allow_feed(int rules, long version, uint16_t port)
{
    const struct port_rule rule = {NETWORK_CONNECT, port};
    return allow_file(rules, "/dev/urandom", LANDLOCK_ACCESS_FS_READ_FILE) &&
           (version < 4 || syscall(SYS_landlock_add_rule, rules, RULE_PORT, &rule, 0) == 0);
}

enum landlock_outcome landlock_restrict(const struct sandbox_options *options)
{
    bool network = options->role == SANDBOX_FEED && !options->device;
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return LANDLOCK_ABSENT;
    const struct ruleset wanted = {
        .files = handled_files(version),
        .network = NETWORK_BIND | NETWORK_CONNECT,
        .scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS,
    };
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    int rules = (int)syscall(SYS_landlock_create_ruleset, &wanted, size, 0);
    if (rules < 0)
        return LANDLOCK_FAILED;
    bool restricted = (!network || allow_feed(rules, version, options->port)) &&
                      syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    int number = errno;
    close(rules);
    errno = number;
    if (!restricted)
        return LANDLOCK_FAILED;
    return version >= 4 ? LANDLOCK_COMPLETE : LANDLOCK_FILES_ONLY;
}
