// What a compiled kernel and the driver of the emulator share: the place of the running thread, and the calls that need the other threads.
// Both sides include this file; it includes nothing itself.
#pragma once

namespace emulated {

struct Index {
    unsigned x, y, z;
};

// The part of a thread that a kernel sees.
struct Thread {
    Index index;
    unsigned linear; // x + extent.x (y + extent.y z): lane = linear % 32, warp = linear / 32
};

// What the lanes of a warp do together. The last lane that arrives does it for all.
enum WarpOperation : unsigned { shuffle_index, shuffle_up, shuffle_down, shuffle_xor, ballot, vote_any, vote_all, match_any, reduce_add, reduce_min, reduce_max, synchronize };

// What __syncthreads and its counting forms return.
enum BarrierOperation : unsigned { barrier_only, barrier_count, barrier_and, barrier_or };

// One for each loaded copy of a module; a copy runs one block at a time.
struct Context {
    const Thread* thread; // the running one
    Index block, block_extent, grid_extent;
    void* runner;
    int (*barrier)(void* runner, BarrierOperation operation, int predicate);
    unsigned long long (*collective)(void* runner, WarpOperation operation, unsigned mask, unsigned long long value, unsigned parameter, unsigned width);
    void (*fail)(void* runner, int error, const char* message, const char* file, int line); // does not return
};

// A kernel as the module lists it.
struct KernelEntry {
    const char* name;
    void (*invoke)(void** arguments);
    unsigned parameter_count;
    const unsigned* parameter_sizes;
    unsigned maximum_threads; // of __launch_bounds__, or 1024
};

constexpr unsigned dynamic_shared_capacity = 256 * 1024;

} // namespace emulated
