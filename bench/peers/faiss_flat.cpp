// faiss_flat N: FAISS' IndexFlatIP over N templates of 512 numbers, one query, speaking as mizan-lab bench
// --serve does.
#include <faiss/IndexFlat.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

static long long used_us()
{
    timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<long long>(used.tv_sec) * 1000000 + used.tv_nsec / 1000;
}

enum { LENGTH = 512, BEST = 4 };

static std::vector<float> templates(std::size_t count)
{
    std::vector<float> rows(count * LENGTH);
    std::uint32_t seed = 1;
    for (std::size_t i = 0; i < count; i++) {
        float squares = 0;
        for (std::size_t k = 0; k < LENGTH; k++) {
            seed = seed * 1664525U + 1013904223U;
            rows[i * LENGTH + k] = static_cast<float>(static_cast<std::int32_t>(seed)) / 2147483648.0F;
            squares += rows[i * LENGTH + k] * rows[i * LENGTH + k];
        }
        for (std::size_t k = 0; k < LENGTH; k++)
            rows[i * LENGTH + k] /= std::sqrt(squares);
    }
    return rows;
}

int main(int count, char **words)
{
    const long wanted = count == 2 ? std::atol(words[1]) : 0;
    if (wanted < BEST) {
        std::fputs("faiss_flat N\n", stderr);
        return 64;
    }
    faiss::IndexFlatIP index(LENGTH);
    const std::vector<float> rows = templates(static_cast<std::size_t>(wanted));
    index.add(wanted, rows.data());
    std::printf("ready\nFAISS %d.%d.%d IndexFlatIP\n.\n", FAISS_VERSION_MAJOR, FAISS_VERSION_MINOR,
        FAISS_VERSION_PATCH);
    std::fflush(stdout);
    char line[32];
    float scores[BEST];
    faiss::IndexFlatIP::idx_t labels[BEST];
    while (std::fgets(line, sizeof line, stdin)) {
        for (long left = std::atol(line); left > 0; left--) {
            const auto start = std::chrono::steady_clock::now();
            const long long start_used = used_us();
            index.search(1, rows.data(), BEST, scores, labels);
            const long long used = used_us() - start_used;
            const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
            std::printf("%.0f:%lld ", took.count(), used);
        }
        std::puts("");
        std::fflush(stdout);
    }
    return 0;
}
