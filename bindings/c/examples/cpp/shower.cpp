// Opens a model, describes it, and generates events.
//
//   shower MODEL SEED EVENT CONDITION...          one event: its layer sums, and its values to stdout
//   shower MODEL SEED EVENT CONDITION... --stress EVENTS THREADS
//                                                 EVENTS events from EVENT on, shared out among THREADS
//                                                 threads, against those of one thread
#include "showerforge.hpp"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>

namespace {

std::uint64_t number(const char* text)
{
    char* end = nullptr;
    const auto value = std::strtoull(text, &end, 10);
    if (end == text || *end != '\0') {
        throw std::invalid_argument(std::string(text) + " is not a whole number");
    }
    return value;
}

void describe(const showerforge::Model& model)
{
    std::fprintf(stderr, "showerforge %s, detector %s, %zu values in %s, model SHA-256 %s\n",
                 showerforge_version(), model.detector().c_str(), model.values(),
                 model.unit().c_str(), model.sha256().c_str());
    for (const auto& condition : model.conditions()) {
        std::fprintf(stderr, "  condition %s: %g to %g %s\n", condition.name, condition.minimum,
                     condition.maximum, condition.unit);
    }
}

void one_event(const showerforge::Model& model, std::uint64_t seed, std::uint64_t event,
               const std::vector<double>& conditions)
{
    std::vector<float> values;
    model.generate(seed, event, conditions, values);
    for (const auto& layer : model.layers()) {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>(layer.first_value);
        const auto last = first + static_cast<std::ptrdiff_t>(layer.values);
        std::fprintf(stderr, "  layer %zu (%s): %.6g %s\n", layer.id, layer.name,
                     std::accumulate(first, last, 0.0), model.unit().c_str());
    }
    for (const float value : values) {
        // Nine digits tell every 32-bit number from the next.
        std::printf("%.9g\n", static_cast<double>(value));
    }
}

// Makes every event twice: in blocks on this thread, and one by one on others. False if any differs.
bool stress(const showerforge::Model& model, std::uint64_t seed, std::uint64_t first,
            const std::vector<double>& conditions, std::uint64_t events, std::uint64_t threads)
{
    constexpr std::uint64_t block = 4096;
    std::uint64_t different = 0;
    double seconds_one = 0, seconds_many = 0;
    for (std::uint64_t done = 0; done < events; done += block) {
        const auto count = std::min(block, events - done);
        std::vector<double> all;
        for (std::uint64_t i = 0; i < count; ++i) {
            all.insert(all.end(), conditions.begin(), conditions.end());
        }
        auto start = std::chrono::steady_clock::now();
        const auto expected = model.generate(seed, first + done, count, all);
        seconds_one +=
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

        start = std::chrono::steady_clock::now();
        std::mutex lock;
        std::exception_ptr failed;
        std::vector<std::thread> workers;
        for (std::uint64_t worker = 0; worker < threads; ++worker) {
            workers.emplace_back([&, worker] {
                try {
                    std::vector<float> values;
                    std::uint64_t bad = 0;
                    // Neighbouring events go to different threads.
                    for (std::uint64_t i = worker; i < count; i += threads) {
                        model.generate(seed, first + done + i, conditions, values);
                        bad += std::memcmp(values.data(), expected.data() + i * values.size(),
                                           values.size() * sizeof(float)) != 0;
                    }
                    const std::lock_guard<std::mutex> guard(lock);
                    different += bad;
                } catch (...) {
                    const std::lock_guard<std::mutex> guard(lock);
                    failed = std::current_exception();
                }
            });
        }
        for (auto& worker : workers) {
            worker.join();
        }
        if (failed) {
            std::rethrow_exception(failed);
        }
        seconds_many +=
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    std::printf("%" PRIu64 " events on %" PRIu64 " threads, %" PRIu64
                " differ from those of one thread (%.1f s in blocks on one, %.1f s one by one on %"
                PRIu64 ")\n",
                events, threads, different, seconds_one, seconds_many, threads);
    return different == 0;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        if (argc < 5) {
            throw std::invalid_argument(
                "usage: shower MODEL SEED EVENT CONDITION... [--stress EVENTS THREADS]");
        }
        const showerforge::Model model(argv[1]);
        describe(model);
        const auto seed = number(argv[2]), event = number(argv[3]);
        std::vector<double> conditions;
        int i = 4;
        for (; i < argc && std::strcmp(argv[i], "--stress") != 0; ++i) {
            conditions.push_back(std::atof(argv[i]));
        }
        if (i == argc) {
            one_event(model, seed, event, conditions);
            return 0;
        }
        if (i + 3 != argc) {
            throw std::invalid_argument("expected --stress EVENTS THREADS");
        }
        return stress(model, seed, event, conditions, number(argv[i + 1]), number(argv[i + 2])) ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
