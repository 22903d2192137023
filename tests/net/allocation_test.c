/* What a run takes from the heap. */
#include "base/file.h"
#include "base/text.h"
#include "net/net.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool counting;
static size_t taken, given, largest, sum_bytes;

static void take(size_t size)
{
    taken += counting;
    sum_bytes += counting ? size : 0;
    if (counting && size > largest)
        largest = size;
}

static void give(const volatile void *memory)
{
    given += counting && memory;
}

#ifdef __SANITIZE_ADDRESS__

/* From the sanitiser's library; its header is not in every compiler's package. */
int __sanitizer_install_malloc_and_free_hooks(
    void (*taken)(const volatile void *memory, size_t size), void (*given)(const volatile void *memory));

static void on_take(const volatile void *memory, size_t size)
{
    (void)memory;
    take(size);
}

static void watch_heap(void)
{
    assert_true(__sanitizer_install_malloc_and_free_hooks(on_take, give) > 0);
}

#else

/* glibc's own, behind the names that this program takes over, for the libraries too. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size)
{
    take(size);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    take(count * size);
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    take(size);
    give(memory);
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    take(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    take(size);
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

void free(void *memory)
{
    give(memory);
    __libc_free(memory);
}

static void watch_heap(void)
{
}

#endif

static struct bytes asset(const char *path)
{
    struct bytes out = {0};
    struct error err;
    const char *assets = getenv("MIZAN_ASSETS");
    __attribute__((cleanup(text_auto))) char *whole = text_format("%s/pack/%s", assets, path);
    if (!file_read(whole, NET_FILE_LIMIT, &out, &err))
        fail_msg("%s", err.text);
    return out;
}

static void count_run(const struct net_options *options)
{
    struct error err = {0};
    __attribute__((cleanup(bytes_auto))) struct bytes file = asset("embed.onnx");
    AUTO(net) struct net *net = net_load(file.data, file.size, options, &err);
    if (!net || !net_warm_up(net, &err))
        fail_msg("%s", err.text);
    taken = given = largest = 0;
    counting = true;
    net_run(net);
    counting = false;
}

static void the_count_sees_an_allocation(void **state)
{
    (void)state;
    taken = given = largest = 0;
    counting = true;
    char *volatile text = memory_copy_text("something");
    free(text);
    counting = false;
    assert_int_equal(taken, 1);
    assert_int_equal(given, 1);
}

static void a_run_in_8_bits_takes_nothing_from_the_heap(void **state)
{
    (void)state;
    __attribute__((cleanup(bytes_auto))) struct bytes ranges = asset("embed.ranges");
    const struct net_options options = {.ranges = ranges};
    count_run(&options);
    assert_int_equal(taken, 0);
    assert_int_equal(given, 0);
}

/* oneDNN makes a list of the arguments of every layer and gives it back: no more than that. */
static void a_run_in_float_takes_only_what_onednn_s_calls_do(void **state)
{
    enum { MOST_IN_LIST = 256 };
    (void)state;
    count_run(NULL);
    print_message("%zu taken, %zu given back, the largest of %zu bytes\n", taken, given, largest);
    assert_int_equal(taken, given);
    assert_true(largest <= MOST_IN_LIST);
}

/* The weights are of 1.2 million numbers. An instance takes its arena, and little beside. */
static void another_instance_takes_no_memory_for_weights(void **state)
{
    struct error err = {0};
    enum { ARENA_MOST = 4 << 20, BESIDE_MOST = 512 << 10 };
    (void)state;
    __attribute__((cleanup(bytes_auto))) struct bytes file = asset("embed.onnx");
    AUTO(net) struct net *net = net_load(file.data, file.size, NULL, &err);
    if (!net || !net_warm_up(net, &err))
        fail_msg("%s", err.text);
    taken = given = largest = sum_bytes = 0;
    counting = true;
    AUTO(net) struct net *other = net_share(net, &err);
    counting = false;
    assert_non_null(other);
    print_message("%zu bytes, %zu of them the arena\n", sum_bytes, largest);
    assert_true(largest < ARENA_MOST);
    assert_true(sum_bytes - largest < BESIDE_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_count_sees_an_allocation),
        cmocka_unit_test(a_run_in_8_bits_takes_nothing_from_the_heap),
        cmocka_unit_test(another_instance_takes_no_memory_for_weights),
        cmocka_unit_test(a_run_in_float_takes_only_what_onednn_s_calls_do),
    };
    watch_heap();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
