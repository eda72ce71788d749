// Runs the blocks of a launch, over several host threads.
#pragma once
#include "configuration.h"
#include "module.h"

namespace emulator {

struct Launch {
    Module& module;
    unsigned kernel; // place in the module's list
    emulated::Index grid, block;
    unsigned dynamic_shared;
    void** arguments;
};

// Returns 0 or the CUresult of the first block that fails, with its message.
int run_grid(const Launch& launch, unsigned host_threads, Schedule schedule, std::string& message);

} // namespace emulator
