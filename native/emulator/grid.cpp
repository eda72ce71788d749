#include "grid.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace emulator {

namespace {

// The host threads and their fibers stay from launch to launch. Launches come one at a time.
class Crew {
public:
    // Calls task(worker) for worker 0 (the caller's thread) to count - 1, and returns when all are done.
    void run(unsigned count, const std::function<void(unsigned)>& task) {
        while (threads_.size() + 1 < count) {
            unsigned worker = static_cast<unsigned>(threads_.size()) + 1;
            threads_.emplace_back([this, worker, seen = generation_]() mutable { serve(worker, seen); });
            threads_.back().detach();
        }
        {
            std::lock_guard lock(mutex_);
            task_ = &task;
            count_ = count;
            busy_ = count - 1;
            generation_++;
        }
        wake_.notify_all();
        task(0);
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [this] { return busy_ == 0; });
    }

private:
    void serve(unsigned worker, unsigned long seen) {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return generation_ != seen; });
            seen = generation_;
            if (worker >= count_) {
                continue;
            }
            const auto& task = *task_;
            lock.unlock();
            task(worker);
            lock.lock();
            if (--busy_ == 0) {
                idle_.notify_one();
            }
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_, idle_;
    std::vector<std::thread> threads_;
    const std::function<void(unsigned)>* task_ = nullptr;
    unsigned count_ = 0, busy_ = 0;
    unsigned long generation_ = 0;
};

} // namespace

int run_grid(const Launch& launch, unsigned host_threads, Schedule schedule, std::string& message) {
    // Never destroyed: its threads outlive every static destructor.
    static auto& crew = *new Crew();
    static auto& runners = *new std::vector<std::unique_ptr<BlockRunner>>();
    static std::mutex mutex;
    std::lock_guard one_at_a_time(mutex);

    unsigned long long blocks = static_cast<unsigned long long>(launch.grid.x) * launch.grid.y * launch.grid.z;
    unsigned workers = launch.module.has_variables() ? 1 : static_cast<unsigned>(std::min<unsigned long long>(blocks, host_threads));
    while (runners.size() < workers) {
        runners.push_back(std::make_unique<BlockRunner>());
    }
    std::vector<ModuleCopy*> copies;
    for (unsigned worker = 0; worker < workers; worker++) {
        copies.push_back(&launch.module.copy(worker));
    }
    std::atomic<unsigned long long> next{0};
    std::atomic<int> error{0};
    crew.run(workers, [&](unsigned worker) {
        ModuleCopy& copy = *copies[worker];
        BlockRunner& runner = *runners[worker];
        for (unsigned long long i; error == 0 && (i = next++) < blocks;) {
            if (schedule == Schedule::reverse) {
                i = blocks - 1 - i;
            }
            emulated::Index block = {static_cast<unsigned>(i % launch.grid.x), static_cast<unsigned>(i / launch.grid.x % launch.grid.y), static_cast<unsigned>(i / launch.grid.x / launch.grid.y)};
            copy.reset_shared(launch.dynamic_shared);
            int result = runner.run(*copy.context, copy.kernels[launch.kernel], launch.arguments, block, launch.block, launch.grid, schedule);
            std::string text = runner.message();
            if (result == 0 && !copy.canary_intact(launch.dynamic_shared)) {
                result = 700;
                text = std::string("a write beyond the ") + std::to_string(launch.dynamic_shared) + " bytes of dynamic shared memory in block (" + std::to_string(block.x) + "," + std::to_string(block.y) + "," +
                       std::to_string(block.z) + ") of " + copy.kernels[launch.kernel].name;
            }
            int none = 0;
            if (result != 0 && error.compare_exchange_strong(none, result)) {
                message = text;
            }
        }
    });
    return error;
}

} // namespace emulator
