// Runs the threads of one block on one host thread: each until it waits for others or ends.
#pragma once
#include "built_ins/context.h"
#include "fiber.h"

#include <memory>
#include <string>
#include <vector>

namespace emulator {

// In which order the threads of a block get their turns. A kernel with all its barriers gives the same numbers in each.
enum class Schedule { forward, reverse, shuffled };

class BlockRunner {
public:
    // Runs one block; returns 0, or the CUresult that the launch fails with (`message` says more).
    int run(emulated::Context& context, const emulated::KernelEntry& kernel, void** arguments, emulated::Index block, emulated::Index extent, emulated::Index grid, Schedule schedule);

    const std::string& message() const { return message_; }

    static int barrier(void* runner, emulated::BarrierOperation operation, int predicate);
    static unsigned long long collective(void* runner, emulated::WarpOperation operation, unsigned mask, unsigned long long value, unsigned parameter, unsigned width);
    static void fail(void* runner, int error, const char* message, const char* file, int line);

private:
    enum class State : unsigned char { unstarted, running, ready, at_barrier, at_warp, done };

    struct CudaThread : emulated::Thread {
        Fiber* fiber;
        State state;
        int predicate;
        // The pending operation of the warp.
        emulated::WarpOperation operation;
        unsigned mask, parameter, width;
        unsigned long long value;
    };

    // Lanes, a bit each: that have not left the kernel, and that wait for others of the warp.
    struct Warp {
        unsigned there, arrived;
    };

    static void enter(void* runner);
    void prepare(emulated::Index extent, Schedule schedule);
    void make_current(CudaThread& thread);
    void wait(CudaThread& self, State state);
    void leave();
    void abandon(Fiber& from);
    void release_barrier();
    bool complete_warp(unsigned warp, unsigned mask);
    static void resolve(CudaThread* lanes, unsigned arrived);
    CudaThread* next_ready();
    void make_ready(CudaThread& thread);
    std::string stuck() const;
    std::string place(const CudaThread& thread) const;

    emulated::Context* context_ = nullptr;
    const emulated::KernelEntry* kernel_ = nullptr;
    void** arguments_ = nullptr;
    std::vector<CudaThread> threads_;
    std::vector<Warp> warps_;
    std::vector<unsigned> order_;   // the order in which threads start
    std::vector<CudaThread*> ready_; // a ring
    size_t ready_head_ = 0, ready_count_ = 0;
    std::vector<std::unique_ptr<Fiber>> fibers_;
    std::vector<Fiber*> free_fibers_;
    std::vector<unsigned> waiting_; // at the barrier, as they came
    CudaThread* current_ = nullptr;
    Fiber main_;
    unsigned started_ = 0, live_ = 0, at_warp_ = 0;
    emulated::BarrierOperation barrier_operation_ = emulated::barrier_only;
    int barrier_result_ = 0;
    Schedule schedule_ = Schedule::forward;
    unsigned random_ = 1;
    int error_ = 0;
    std::string message_;
};

} // namespace emulator
