/* What a run does besides computing: threads, system calls, flush-to-zero, wiping. */
#include "net/net.h"

#include "sketch.h"

#include <dirent.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <cmocka.h>

enum { CHANNELS = 16, SIDE = 32, NUMBERS = CHANNELS * SIDE * SIDE };

/* y = PRelu(Conv(x)) * 0.5, with enough work that a library would want to share it out. */
static struct net *load(void)
{
    static float weights[CHANNELS * CHANNELS * 9], row[CHANNELS];
    struct error err = {0};
    AUTO(sketch) struct sketch *sketch = sketch_new(9);
    for (size_t i = 0; i < COUNT_OF(weights); i++)
        weights[i] = (float)(i % 7) / 7 - 0.5F;
    for (size_t i = 0; i < COUNT_OF(row); i++)
        row[i] = 0.5F;
    sketch_input(sketch, "x", 4, (int[]){1, CHANNELS, SIDE, SIDE});
    sketch_floats(sketch, "w", 4, (int[]){CHANNELS, CHANNELS, 3, 3}, weights);
    sketch_floats(sketch, "k", 3, (int[]){CHANNELS, 1, 1}, row);
    sketch_ints(sketch, sketch_node(sketch, "Conv", "x w", "c"), "pads", 4, (int64_t[]){1, 1, 1, 1});
    sketch_node(sketch, "PRelu", "c k", "p");
    sketch_node(sketch, "Mul", "p k", "y");
    sketch_node(sketch, "Mul", "x k", "half");
    sketch_output(sketch, "y");
    sketch_output(sketch, "half");
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    struct net *net = net_load(file.data, file.size, NULL, &err);
    if (!net || !net_warm_up(net, &err))
        fail_msg("%s", err.text);
    for (int i = 0; i < NUMBERS; i++)
        net_input(net)[i] = (float)(i % 13) - 6;
    return net;
}

static int thread_count(void)
{
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (struct dirent *entry = readdir(tasks); entry; entry = readdir(tasks))
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

static void loading_and_running_start_no_thread(void **state)
{
    (void)state;
    int before = thread_count();
    AUTO(net) struct net *net = load();
    net_run(net);
    assert_int_equal(thread_count(), before);
}

static void *run_elsewhere(void *net)
{
    net_run(net);
    return (void *)(intptr_t)thread_count();
}

static void a_run_on_another_thread_gives_the_same_and_starts_none(void **state)
{
    pthread_t thread;
    void *threads;
    (void)state;
    AUTO(net) struct net *net = load();
    net_run(net);
    __attribute__((cleanup(bytes_auto))) struct bytes first =
        bytes_copy(net_output(net, 0), NUMBERS * sizeof(float));
    int before = thread_count();
    assert_int_equal(pthread_create(&thread, NULL, run_elsewhere, net), 0);
    assert_int_equal(pthread_join(thread, &threads), 0);
    assert_int_equal((int)(intptr_t)threads, before + 1);
    assert_memory_equal(net_output(net, 0), first.data, first.size);
}

/* In strict mode every system call but read, write and exit kills the process. */
static void a_warm_run_makes_no_system_call(void **state)
{
    int status;
    (void)state;
    AUTO(net) struct net *net = load();
    net_run(net);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
            _exit(3);
        net_run(net);
        syscall(SYS_exit, 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
        skip();
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void subnormals_count_as_zero_during_a_run_only(void **state)
{
    (void)state;
    AUTO(net) struct net *net = load();
    for (int i = 0; i < NUMBERS; i++)
        net_input(net)[i] = 1e-40F;
    unsigned before = _mm_getcsr();
    net_run(net);
    assert_int_equal(_mm_getcsr() & ~0x3fU, before & ~0x3fU);
    assert_int_equal(before & 0x8040, 0);
    const uint32_t *bits = (const uint32_t *)(const void *)net_output(net, 1);
    for (int i = 0; i < NUMBERS; i++)
        assert_int_equal(bits[i], 0);
}

static void wiping_leaves_no_number(void **state)
{
    static const float zeroes[NUMBERS];
    (void)state;
    AUTO(net) struct net *net = load();
    net_run(net);
    assert_memory_not_equal(net_output(net, 0), zeroes, sizeof zeroes);
    net_wipe(net);
    assert_memory_equal(net_input(net), zeroes, sizeof zeroes);
    for (int i = 0; i < net_output_count(net); i++)
        assert_memory_equal(net_output(net, i), zeroes, sizeof zeroes);
}

static void a_run_leaves_its_input_for_the_next(void **state)
{
    (void)state;
    AUTO(net) struct net *net = load();
    __attribute__((cleanup(bytes_auto))) struct bytes input =
        bytes_copy(net_input(net), NUMBERS * sizeof(float));
    net_run(net);
    assert_memory_equal(net_input(net), input.data, input.size);
}

static void run_on(struct net *net, float factor)
{
    for (int i = 0; i < NUMBERS; i++)
        net_input(net)[i] = (float)(i % 13 - 6) * factor;
    net_run(net);
}

static void instances_share_weights_and_nothing_else(void **state)
{
    struct error err = {0};
    (void)state;
    struct net *net = load();
    AUTO(net) struct net *other = net_share(net, &err);
    AUTO(net) struct net *third = net_share(other, &err);
    assert_non_null(other);
    assert_non_null(third);
    run_on(net, 2);
    __attribute__((cleanup(bytes_auto))) struct bytes twice =
        bytes_copy(net_output(net, 0), NUMBERS * sizeof(float));
    run_on(other, 3);
    assert_memory_equal(net_output(net, 0), twice.data, twice.size);
    assert_memory_not_equal(net_output(other, 0), twice.data, twice.size);
    net_free(net);
    run_on(third, 2);
    run_on(other, 2);
    assert_memory_equal(net_output(third, 0), twice.data, twice.size);
    assert_memory_equal(net_output(other, 0), twice.data, twice.size);
}

struct turn {
    struct net *net;
    float factor;
};

static void *run_often(void *context)
{
    const struct turn *turn = context;
    for (int i = 0; i < 200; i++)
        run_on(turn->net, turn->factor);
    return NULL;
}

static void instances_run_at_the_same_time(void **state)
{
    struct error err = {0};
    pthread_t thread;
    (void)state;
    AUTO(net) struct net *net = load();
    AUTO(net) struct net *other = net_share(net, &err);
    assert_non_null(other);
    run_on(net, 2);
    __attribute__((cleanup(bytes_auto))) struct bytes twice =
        bytes_copy(net_output(net, 0), NUMBERS * sizeof(float));
    run_on(net, 3);
    __attribute__((cleanup(bytes_auto))) struct bytes thrice =
        bytes_copy(net_output(net, 0), NUMBERS * sizeof(float));
    struct turn turns[] = {{net, 2}, {other, 3}};
    assert_int_equal(pthread_create(&thread, NULL, run_often, &turns[1]), 0);
    run_often(&turns[0]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_memory_equal(net_output(net, 0), twice.data, twice.size);
    assert_memory_equal(net_output(other, 0), thrice.data, thrice.size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loading_and_running_start_no_thread),
        cmocka_unit_test(a_run_on_another_thread_gives_the_same_and_starts_none),
        cmocka_unit_test(a_warm_run_makes_no_system_call),
        cmocka_unit_test(subnormals_count_as_zero_during_a_run_only),
        cmocka_unit_test(wiping_leaves_no_number),
        cmocka_unit_test(instances_share_weights_and_nothing_else),
        cmocka_unit_test(instances_run_at_the_same_time),
        cmocka_unit_test(a_run_leaves_its_input_for_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
