/* net_time [--kernels SET] [--ranges FILE] FILE.onnx [height width [output...]]: runs the network two hundred
 * times, in 8 bits where ranges are given (by the kernels amx, vnni, avx2 or plain), and prints the least
 * time of each layer and of the whole. */
#include "base/clock.h"
#include "base/file.h"
#include "net/byte_kernels.h"
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 200 };

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double least_run_ms(struct net *net)
{
    double least = 1e9;
    for (int i = 0; i < RUNS; i++) {
        double start = now_ms();
        net_run(net);
        double took = now_ms() - start;
        least = took < least ? took : least;
    }
    return least;
}

static bool warm_up(struct net *net, struct error *err)
{
    bool done = true;
    for (int i = 0; done && i < RUNS; i++)
        done = net_warm_up(net, err);
    return done;
}

static const struct byte_kernels *set_named(const char *name)
{
    size_t k = 0;
    while (byte_kernels_at(k) && strcmp(byte_kernels_at(k)->name, name) != 0)
        k++;
    return byte_kernels_at(k);
}

int main(int count, char **words)
{
    struct error err = {0};
    __attribute__((cleanup(bytes_auto))) struct bytes file = {0}, ranges = {0};
    struct net_options options = {0};
    if (count > 3 && strcmp(words[1], "--kernels") == 0) {
        options.byte_kernels = set_named(words[2]);
        words += 2;
        count -= 2;
    }
    if (count > 3 && strcmp(words[1], "--ranges") == 0) {
        if (!file_read(words[2], NET_FILE_LIMIT, &ranges, &err)) {
            fprintf(stderr, "%s\n", err.text);
            return error_exit_status(err.code);
        }
        options.ranges = ranges;
        words += 2;
        count -= 2;
    }
    if (count < 2)
        return 64;
    if (count > 3) {
        options.height = atoi(words[2]);
        options.width = atoi(words[3]);
    }
    if (count > 4)
        options.outputs = (const char *const *)(words + 4);
    AUTO(net) struct net *net = NULL;
    if (file_read(words[1], NET_FILE_LIMIT, &file, &err))
        net = net_load(file.data, file.size, &options, &err);
    if (!net || !warm_up(net, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return error_exit_status(err.code);
    }
    __attribute__((cleanup(text_auto))) char *layers = net_describe(net);
    printf("%sleast of %d runs: %.2f ms\n", layers, RUNS, least_run_ms(net));
    return 0;
}
