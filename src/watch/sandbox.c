#include "watch/sandbox.h"

#include "base/log.h"
#include "watch/sandbox_rules.h"

#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WATCH_DESCRIPTORS = 16, FEED_DESCRIPTORS = 64 };

/* Beyond what is mapped at the lock-up. The watch: a dozen and more pictures of 40 million pixels would fit.
 */
static const rlim_t more_memory[] = {[SANDBOX_FEED] = 256UL << 20,
    [SANDBOX_WATCH] = 1024UL << 20,
    [SANDBOX_STILL] = 1024UL << 20,
    [SANDBOX_HASH] = 128UL << 20};

static void note_missing(struct sandbox_options *options, const char *what)
{
    size_t used = strlen(options->missing);
    snprintf(options->missing + used, sizeof options->missing - used, "%s%s", used ? ", " : "", what);
}

bool sandbox_follow_parent(int parent, struct error *err)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL))
        return fail_errno(err, "cannot follow the parent process");
    if (getppid() != parent)
        return fail(err, ERROR_UNAVAILABLE, "the parent process is gone");
    return true;
}

static bool set_limit(__rlimit_resource_t resource, rlim_t value, const char *what, struct error *err)
{
    const struct rlimit limit = {value, value};
    return setrlimit(resource, &limit) == 0 || fail_errno(err, "cannot set the limit on %s", what);
}

/* A stream that makes the decoder want ever more ends its own process, not the machine's. */
static bool limit_memory(enum sandbox_role role, struct error *err)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    bool known = file && fscanf(file, "%lu", &pages) == 1;
    if (file)
        fclose(file);
    if (!known)
        return fail(err, ERROR_SYSTEM, "cannot read how much memory is mapped");
    rlim_t mapped = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
    return set_limit(RLIMIT_AS, mapped + more_memory[role], "memory", err);
}

/* Pages are locked as they are first touched: what is never used of the libraries costs no memory. */
static bool lock_memory(struct sandbox_options *options, struct error *err)
{
    const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    bool raised = setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0;
    /* Without a raised limit the right to lock would go with the user, and later memory could not be had. */
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 && (raised || !options->uid))
        return true;
    if (options->live)
        return fail_errno(err, "memory cannot be locked");
    munlockall();
    note_missing(options, "locked memory");
    return true;
}

static bool drop_user(struct sandbox_options *options, struct error *err)
{
    gid_t group = options->uid;
    if (!options->uid) {
        if (options->live)
            return fail(err, ERROR_FORBIDDEN, "a live site needs a user of its own for each kind of process");
        note_missing(options, "a user of its own");
        return true;
    }
    if (geteuid() == options->uid && getuid() == options->uid)
        return true;
    if (setgroups(0, NULL) || setresgid(group, group, group) ||
        setresuid(options->uid, options->uid, options->uid))
        return fail_errno(err, "cannot become user %u", options->uid);
    return true;
}

bool sandbox_lock(struct sandbox_options *options, struct error *err)
{
    bool secrets = options->role != SANDBOX_FEED;
    options->missing[0] = '\0';
    /* The first line of a log reads the time zone's file and a seed for hashes. */
    log_write(LOG_INFO, "lock_up", "loaded; locking up");
    if (!set_limit(RLIMIT_CORE, 0, "core files", err) ||
        !set_limit(RLIMIT_NOFILE, secrets ? WATCH_DESCRIPTORS : FEED_DESCRIPTORS, "descriptors", err) ||
        (sandbox_has_filter() && !limit_memory(options->role, err)) ||
        (secrets && !lock_memory(options, err)) || !drop_user(options, err))
        return false;
    /* A change of user takes the parent-death signal away. */
    if (!sandbox_follow_parent(options->parent, err))
        return false;
    if (prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return fail_errno(err, "cannot give up dumps and privileges");
    enum landlock_outcome landlock = landlock_restrict(options);
    if (landlock == LANDLOCK_FAILED)
        return fail_errno(err, "Landlock");
    if (landlock == LANDLOCK_ABSENT)
        note_missing(options, "Landlock");
    if (landlock == LANDLOCK_FILES_ONLY)
        note_missing(options, "Landlock's rules on ports");
    if (!sandbox_has_filter()) {
        if (options->live)
            return fail(err, ERROR_FORBIDDEN, "a sanitised build does not lock itself up");
        note_missing(options, "the system-call filter (sanitised build)");
    } else if (!filter_load(options, err)) {
        return false;
    }
    if (options->missing[0])
        log_write(LOG_WARNING, "lock_up_incomplete", "locked up without: %s", options->missing);
    return true;
}
