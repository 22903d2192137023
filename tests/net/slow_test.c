/* The self-test at load, where oneDNN has no fast kernel for a layer: it is told that this processor is an
 * old one. */
#include "net/net.h"

#include "sketch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OUTPUTS = 16, SIDE = 12 };

/* One convolution over a picture of so many planes. */
static struct net *load(int planes)
{
    static float weights[OUTPUTS * 16 * 9];
    struct error err = {0};
    AUTO(sketch) struct sketch *sketch = sketch_new(11);
    sketch_input(sketch, "x", 4, (int[]){1, planes, SIDE, SIDE});
    sketch_floats(sketch, "w", 4, (int[]){OUTPUTS, planes, 3, 3}, weights);
    sketch_node(sketch, "Conv", "x w", "y");
    sketch_output(sketch, "y");
    __attribute__((cleanup(bytes_auto))) struct bytes file = sketch_pack(sketch);
    struct net *net = net_load(file.data, file.size, NULL, &err);
    if (!net)
        fail_msg("%s", err.text);
    return net;
}

static void a_layer_on_a_reference_kernel_is_refused_by_name(void **state)
{
    struct error err = {0};
    (void)state;
    AUTO(net) struct net *net = load(2);
    __attribute__((cleanup(text_auto))) char *layers = net_describe(net);
    assert_non_null(strstr(layers, " ref"));
    assert_false(net_warm_up(net, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_non_null(strstr(err.text, "node 'Conv' fell on the slow kernel ref"));
    assert_non_null(strstr(err.text, "AVX2"));
}

static void a_layer_with_a_fast_kernel_passes_on_the_same_processor(void **state)
{
    struct error err = {0};
    (void)state;
    AUTO(net) struct net *net = load(16);
    if (!net_warm_up(net, &err))
        fail_msg("%s", err.text);
    net_run(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_layer_on_a_reference_kernel_is_refused_by_name),
        cmocka_unit_test(a_layer_with_a_fast_kernel_passes_on_the_same_processor),
    };
    setenv("ONEDNN_MAX_CPU_ISA", "SSE41", 1); /* read at oneDNN's first use */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
