/* net_time FILE.onnx [height width [output...]]: runs the network twenty times and prints the least time and
 * the layers. */
#include "base/clock.h"
#include "base/file.h"
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double least_run_ms(struct net *net)
{
    double least = 1e9;
    for (int i = 0; i < 20; i++) {
        double start = now_ms();
        net_run(net);
        double took = now_ms() - start;
        least = took < least ? took : least;
    }
    return least;
}

int main(int count, char **words)
{
    struct error err = {0};
    __attribute__((cleanup(bytes_auto))) struct bytes file = {0};
    struct net_options options = {0};
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
    if (!net || !net_warm_up(net, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return error_exit_status(err.code);
    }
    __attribute__((cleanup(text_auto))) char *layers = net_describe(net);
    printf("%sleast of 20 runs: %.2f ms\n", layers, least_run_ms(net));
    return 0;
}
