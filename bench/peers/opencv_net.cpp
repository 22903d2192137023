// opencv_net FILE.onnx CHANNELS HEIGHT WIDTH [OUTPUT...]: OpenCV's DNN module, speaking as mizan-lab bench
// --serve does.
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <string>
#include <vector>
#include <xmmintrin.h>

static long long used_us()
{
    timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<long long>(used.tv_sec) * 1000000 + used.tv_nsec / 1000;
}

static int run(int count, char **words)
{
    cv::setNumThreads(1);
    cv::dnn::Net net = cv::dnn::readNetFromONNX(words[1]);
    net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    const int dims[] = {1, std::atoi(words[2]), std::atoi(words[3]), std::atoi(words[4])};
    cv::Mat input(4, dims, CV_32F);
    cv::randu(input, -1.0, 1.0);
    std::vector<cv::String> outputs(words + 5, words + count);
    if (outputs.empty())
        outputs = net.getUnconnectedOutLayersNames();
    std::vector<cv::Mat> results;
    net.setInput(input);
    net.forward(results, outputs);
    std::printf("ready\nOpenCV %s\n.\n", CV_VERSION);
    std::fflush(stdout);
    char line[32];
    while (std::fgets(line, sizeof line, stdin)) {
        for (long left = std::atol(line); left > 0; left--) {
            const auto start = std::chrono::steady_clock::now();
            const long long start_used = used_us();
            net.setInput(input);
            net.forward(results, outputs);
            const long long used = used_us() - start_used;
            const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
            std::printf("%.0f:%lld ", took.count(), used);
        }
        std::puts("");
        std::fflush(stdout);
    }
    return 0;
}

int main(int count, char **words)
{
    _mm_setcsr(_mm_getcsr() | 0x8040); // flush subnormals, as the network beside it does
    if (count < 5) {
        std::fputs("opencv_net FILE.onnx CHANNELS HEIGHT WIDTH [OUTPUT...]\n", stderr);
        return 64;
    }
    try {
        return run(count, words);
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "opencv_net: %s\n", problem.what());
        return 1;
    }
}
