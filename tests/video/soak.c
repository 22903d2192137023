/* Cameras with a fault every so often, over the real feed and watch processes: everybody comes back, nothing
 * grows, every turn is analysed or counted as dropped.
 *   soak CAMERAS SECONDS SECONDS_BETWEEN_FAULTS SEED
 * SEED also says with which fault it begins. On standard output: faults, findings, most memory in kB,
 * descriptors. Findings are told on standard error.
 */
#include "../watch/desk.h"

#include "base/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { CAMERA_LIMIT = 4, SETTLE_S = 20, BACK_S = 5, PATIENCE_S = 40, EXIT_SKIPPED = 77 };

struct station {
    struct desk *desk;
    int commands; /* the test camera's standard input */
    uint64_t decoded;
    int64_t decoded_us; /* when that grew */
};

struct soak {
    struct station stations[CAMERA_LIMIT];
    int camera_count;
    uint32_t random;
    size_t first_fault;
    int faults, findings;
    long most_kb;
};

struct fault {
    const char *command; /* to the test camera; NULL: a signal */
    int lasts_ms;
    const char *after; /* the command that ends it */
    int signal;
    const char *child; /* whom the signal is for; NULL is the camera */
};

static const struct fault faults[] = {
    {.command = "main stall 3000", .lasts_ms = 3000},
    {.command = "main drop 50", .lasts_ms = 2000},
    {.command = "main garble 50", .lasts_ms = 2000},
    {.command = "main stamps zero", .lasts_ms = 1500, .after = "main stamps right"},
    {.command = "main stamps leap", .lasts_ms = 1500, .after = "main stamps right"},
    {.command = "main stamps fast", .lasts_ms = 1500, .after = "main stamps right"},
    {.command = "main hang-up 2000", .lasts_ms = 2000},
    {.signal = SIGKILL, .child = "feed"},
    {.signal = SIGKILL, .child = "watch"},
    {.signal = SIGSTOP, .lasts_ms = 6000},
    /* Pulled for a minute: too long for the short run, which begins at the head of this table. */
    {.command = "main hang-up 60000", .lasts_ms = 60000},
};

static void run_all(struct soak *soak, int64_t until_us)
{
    while (clock_monotonic_us() < until_us)
        for (int i = 0; i < soak->camera_count; i++) {
            struct station *station = &soak->stations[i];
            struct desk *desk = station->desk;
            struct pollfd polled = {supervisor_descriptor(desk->supervisor), POLLIN, 0};
            poll(&polled, 1, 10);
            supervisor_run(desk->supervisor);
            for (; desk->sighting_count; desk->sighting_count--) {
                bytes_free(&desk->sightings[desk->sighting_count - 1].face);
                bytes_free(&desk->sightings[desk->sighting_count - 1].scene);
            }
            if (desk->health.decoded != station->decoded)
                station->decoded_us = clock_monotonic_us();
            station->decoded = desk->health.decoded;
        }
}

static void find(struct soak *soak, const char *what, long value)
{
    fprintf(stderr, "soak: %s (%ld)\n", what, value);
    soak->findings++;
}

/* Everybody's pictures come, and go on coming, at the latest so many seconds from now. */
static bool all_back(struct soak *soak, int within_s)
{
    int64_t began_us = clock_monotonic_us();
    for (;;) {
        bool back = true;
        for (int i = 0; i < soak->camera_count; i++)
            back = back && soak->stations[i].decoded_us > began_us;
        if (back || clock_monotonic_us() > began_us + within_s * 1000000LL)
            return back;
        run_all(soak, clock_monotonic_us() + 100000);
    }
}

static long number_in(const char *path, const char *key)
{
    char line[256];
    long number = 0;
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            number = strtol(line + strlen(key), NULL, 10);
    if (file)
        fclose(file);
    return number;
}

static int entries_in(const char *path)
{
    int count = 0;
    DIR *folder = opendir(path);
    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count;
}

struct use {
    long kb;
    int descriptors;
};

/* Of this process and its children other than the test cameras. */
static struct use measure(const struct soak *soak)
{
    struct use use = {0, 0};
    DIR *folder = opendir("/proc");
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[300];
        long pid = strtol(entry->d_name, NULL, 10);
        bool camera = false;
        for (int i = 0; i < soak->camera_count; i++)
            camera = camera || soak->stations[i].desk->camera_pid == pid;
        snprintf(path, sizeof path, "/proc/%s/status", entry->d_name);
        if (pid <= 0 || camera || (pid != getpid() && number_in(path, "PPid:") != getpid()))
            continue;
        use.kb += number_in(path, "VmRSS:");
        snprintf(path, sizeof path, "/proc/%s/fd", entry->d_name);
        use.descriptors += entries_in(path);
    }
    if (folder)
        closedir(folder);
    return use;
}

static bool station_open(struct station *station)
{
    int ends[2], input = dup(STDIN_FILENO);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    dup2(ends[0], STDIN_FILENO);
    station->desk = desk_new("scenes/loop.mp4", 0);
    dup2(input, STDIN_FILENO);
    close(input);
    close(ends[0]);
    station->commands = ends[1];
    if (!station->desk)
        return false;
    desk_enrol(station->desk, "subject-1", ID("e", "1"));
    desk_arm(station->desk, FLAW_NONE, 4 * 3600);
    return true;
}

static void command(const struct station *station, const char *line)
{
    if (line)
        assert_true(dprintf(station->commands, "%s\n", line) > 0);
}

static void commit_fault(struct soak *soak)
{
    soak->random = soak->random * 1664525U + 1013904223U;
    const struct fault *fault = &faults[(soak->first_fault + (size_t)soak->faults++) % COUNT_OF(faults)];
    struct station *station = &soak->stations[(soak->random >> 8) % (uint32_t)soak->camera_count];
    /* Whichever feed or watch is found first. */
    int pid = fault->child ? desk_child(fault->child) : station->desk->camera_pid;
    command(station, fault->command);
    if (fault->signal && pid > 0)
        kill(pid, fault->signal);
    run_all(soak, clock_monotonic_us() + fault->lasts_ms * 1000LL);
    command(station, fault->after);
    if (fault->signal == SIGSTOP)
        kill(pid, SIGCONT);
    int64_t began_us = clock_monotonic_us();
    /* A watch loads its networks again, which takes its time. */
    int within_s = fault->child ? PATIENCE_S : BACK_S;
    if (!all_back(soak, within_s))
        find(soak, fault->command ? fault->command : "a signal: not back in time", within_s);
    fprintf(stderr, "soak: %s%s: back after %.1f s\n", fault->command ? fault->command : "signal to ",
        fault->command ? ""
        : fault->child ? fault->child
                       : "camera",
        (double)(clock_monotonic_us() - began_us) / 1e6);
}

static void check_turns(struct soak *soak)
{
    for (int i = 0; i < soak->camera_count; i++) {
        const struct watch_health *health = &soak->stations[i].desk->health;
        uint64_t turns = health->analysed + health->dropped;
        if (turns * 5 * 10 < health->decoded * 7)
            find(soak, "turns neither analysed nor counted", (long)(health->decoded / 5 - turns));
    }
}

static void soak_run(struct soak *soak, int seconds, int between_s)
{
    if (!all_back(soak, PATIENCE_S))
        find(soak, "not every camera began", PATIENCE_S);
    run_all(soak, clock_monotonic_us() + (seconds < SETTLE_S * 4 ? SETTLE_S / 4 : SETTLE_S) * 1000000LL);
    struct use before = measure(soak);
    int64_t end_us = clock_monotonic_us() + seconds * 1000000LL;
    while (clock_monotonic_us() < end_us) {
        int64_t next_us = clock_monotonic_us() + between_s * 1000000LL;
        commit_fault(soak);
        run_all(soak, next_us < end_us ? next_us : end_us);
        struct use now = measure(soak);
        soak->most_kb = now.kb > soak->most_kb ? now.kb : soak->most_kb;
    }
    if (!all_back(soak, PATIENCE_S))
        find(soak, "not every camera was there at the end", PATIENCE_S);
    struct use after = measure(soak);
    if (after.kb > before.kb + before.kb / 4)
        find(soak, "memory grew, kB", after.kb - before.kb);
    if (after.descriptors > before.descriptors)
        find(soak, "descriptors grew", after.descriptors - before.descriptors);
    check_turns(soak);
    printf("%d\t%d\t%ld\t%d\n", soak->faults, soak->findings, soak->most_kb, after.descriptors);
}

int main(int count, char *words[])
{
    struct soak soak = {0};
    if (count != 5)
        return 64;
    soak.random = (uint32_t)strtoul(words[4], NULL, 10);
    soak.first_fault = soak.random;
    for (; soak.camera_count < CAMERA_LIMIT && soak.camera_count < atoi(words[1]); soak.camera_count++)
        if (!station_open(&soak.stations[soak.camera_count]))
            return EXIT_SKIPPED;
    soak_run(&soak, atoi(words[2]), atoi(words[3]));
    for (int i = 0; i < soak.camera_count; i++) {
        desk_free(soak.stations[i].desk);
        close(soak.stations[i].commands);
    }
    return soak.findings || !soak.faults;
}
