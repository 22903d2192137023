/* Hostile streams put to the real feeds and watches, locked up: a process may die and comes back, a camera
 * beside them never notices, and memory stays bounded. */
#include "../watch/desk.h"
#include "hostile_camera.h"

#include "base/clock.h"

#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    HOSTILE = 4,
    PATIENCE_S = 150,
    SILENT_US = 3 * 1000000,
    MEMORY_LIMIT_KB = 600 * 1024,
    HONEST_PICTURES = 40
};

struct side {
    struct desk *desk;
    struct hostile_camera camera;
    uint64_t decoded; /* by the present watch, when looked at last */
    uint64_t honest;  /* pictures since its camera turned honest */
    int deaths;       /* of its watch */
    int64_t grew_us;
};

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

/* The most that any feed or watch of this process holds. */
static long most_memory_kb(void)
{
    long most = 0;
    DIR *folder = opendir("/proc");
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[300];
        long pid = strtol(entry->d_name, NULL, 10);
        snprintf(path, sizeof path, "/proc/%ld/status", pid);
        if (pid <= 0 || number_in(path, "PPid:") != getpid())
            continue;
        long kb = number_in(path, "VmHWM:");
        most = kb > most ? kb : most;
    }
    if (folder)
        closedir(folder);
    return most;
}

static void look(struct side *side)
{
    struct desk *desk = side->desk;
    supervisor_run(desk->supervisor);
    if (desk->health.decoded > side->decoded) {
        if (side->camera.left && !*side->camera.left)
            side->honest += desk->health.decoded - side->decoded;
        side->grew_us = clock_monotonic_us();
    }
    side->deaths += desk->health.decoded < side->decoded;
    side->decoded = desk->health.decoded;
}

static void side_open(struct side *side, const char *url)
{
    side->desk = desk_new("scenes/nobody.mp4", geteuid() == 0 ? 990 : 0);
    if (!side->desk)
        exit(77);
    if (url)
        snprintf(side->desk->camera.address, sizeof side->desk->camera.address, "%s", url);
    desk_enrol(side->desk, "subject-1", ID("e", "1"));
    desk_arm(side->desk, FLAW_NONE, 3600);
}

static bool is_back(const struct side *side)
{
    return side->honest >= HONEST_PICTURES && clock_monotonic_us() - side->grew_us < SILENT_US;
}

static void hostile_streams_harm_nobody_beside_and_not_for_long(void **state)
{
    (void)state;
    struct side beside = {0}, sides[HOSTILE] = {0};
    int64_t end_us = clock_monotonic_us() + PATIENCE_S * 1000000LL, silent_us = 0;
    int64_t measure_us = 0;
    long most_kb = 0;
    side_open(&beside, NULL);
    while (!beside.decoded && clock_monotonic_us() < end_us) {
        look(&beside);
        poll(NULL, 0, 10);
    }
    for (int i = 0; i < HOSTILE; i++) {
        bool http = i == HOSTILE - 1;
        sides[i].camera =
            http ? hostile_camera_start(true, 0, 1) : hostile_camera_start(false, i, HOSTILE - 1);
        side_open(&sides[i], sides[i].camera.url);
        look(&beside);
    }
    int64_t began_us = beside.grew_us = clock_monotonic_us();
    uint64_t decoded_before = beside.decoded;
    for (bool over = false; !over && clock_monotonic_us() < end_us; poll(NULL, 0, 10)) {
        look(&beside);
        int64_t since_us = clock_monotonic_us() - beside.grew_us;
        silent_us = since_us > silent_us ? since_us : silent_us;
        over = true;
        for (int i = 0; i < HOSTILE; i++) {
            look(&sides[i]);
            over = over && is_back(&sides[i]);
        }
        if (clock_monotonic_us() < measure_us)
            continue;
        long kb = most_memory_kb();
        most_kb = kb > most_kb ? kb : most_kb;
        measure_us = clock_monotonic_us() + 500000;
    }
    print_message(
        "%d attacks; the camera beside was silent for %.1f s at most; most memory of one process %ld MB\n",
        hostile_camera_attacks(false) + hostile_camera_attacks(true), (double)silent_us / 1e6,
        most_kb / 1024);
    for (int i = 0; i < HOSTILE; i++) {
        print_message("hostile camera %d: %d attacks left, %d watches died, %llu honest pictures, %s\n", i,
            *sides[i].camera.left, sides[i].deaths, (unsigned long long)sides[i].honest,
            camera_state_word(sides[i].desk->state));
        assert_true(is_back(&sides[i]));
    }
    /* The same watch all the time, and all its pictures, but for what a busy machine puts off to the end. */
    assert_int_equal(beside.deaths, 0);
    assert_true(
        (int64_t)(beside.decoded - decoded_before) * 1000000 / (clock_monotonic_us() - began_us) >= 20);
    assert_true(silent_us < 3 * SILENT_US);
    assert_true(most_kb < MEMORY_LIMIT_KB);
    for (int i = 0; i < HOSTILE; i++) {
        desk_free(sides[i].desk);
        hostile_camera_stop(&sides[i].camera);
    }
    desk_free(beside.desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_streams_harm_nobody_beside_and_not_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
