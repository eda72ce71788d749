// What the emulator is told: environment variables HESSE_EMULATOR_*, or hesseEmulatorConfigure from inside the process.
#pragma once
#include "block.h"

#include <atomic>
#include <mutex>
#include <string>

namespace emulator {

struct Configuration {
    // Read at cuInit.
    size_t memory = size_t(4) << 30;  // MEMORY: bytes of device memory
    int devices = 1;                  // DEVICES
    int multiprocessors = 8;          // MULTIPROCESSORS
    int compute_capability = 90;      // COMPUTE_CAPABILITY: 80, 90
    int driver_version = 12040;       // DRIVER_VERSION
    unsigned threads = 0;             // THREADS: host threads of a launch, default all cores
    Schedule schedule = Schedule::forward; // SCHEDULE: forward, reverse, shuffled
    // Counted from now on; 0 is never.
    std::atomic<long> fail_allocation{0}; // FAIL_ALLOCATION: the N-th allocation from now finds no memory
    std::atomic<long> fail_launch{0};     // FAIL_LAUNCH: the N-th launch from now loses the device
    std::atomic<long> flip_download{0};   // FLIP_DOWNLOAD: in the N-th copy to the host from now one bit is wrong, and nobody is told
    std::string record;                   // RECORD: folder for recorded launches
    bool dry = false;                     // DRY: 1 to do nothing at a launch but record it, without its buffers; memory is 0
    int record_limit = 2;                 // RECORD_LIMIT: launches of each kernel that are recorded

    // Sets one value by its name in lower case with dashes ("fail-allocation"); false if there is no such name or the value makes no sense.
    bool set(const std::string& name, const std::string& value);
    void read_environment();
};

Configuration& configuration();

// Prints one line about what went wrong to standard error.
void report(const std::string& message);

} // namespace emulator
