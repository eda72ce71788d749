// What the entry points of the driver share.
#pragma once
#include "api.h"
#include "configuration.h"
#include "memory.h"
#include "module.h"

#include <memory>
#include <mutex>
#include <set>
#include <vector>

struct CUctx_st {
    CUdevice device = 0;
    int retained = 0;
};

struct CUfunc_st {
    CUmod_st* module;
    const emulated::KernelEntry* entry;
    unsigned index;
    int maximum_dynamic_shared = 48 * 1024;
};

struct CUmod_st {
    emulator::Module module;
    std::vector<std::unique_ptr<CUfunc_st>> functions;
};

namespace emulator {

struct State {
    bool initialized = false;
    int devices = 0;
    std::vector<std::unique_ptr<CUctx_st>> primary;
    std::vector<std::unique_ptr<DeviceMemory>> memory; // one a device
    CUresult lost = CUDA_SUCCESS;                       // once a launch failed, every call answers this, as CUDA does
    std::mutex mutex;
};

State& state();
extern thread_local CUcontext current_context;

// CUDA_SUCCESS if the calling thread has a context and the device is not lost.
CUresult ready();
// Memory of the current context's device.
DeviceMemory& current_memory();
// Shared memory that a block may have at most by opting in, as the compute capability says.
int optin_shared_memory();
constexpr int static_shared_limit = 48 * 1024;

// Keeps a launch in the folder that the configuration names, up to its limit for each kernel.
void record_launch(const CUfunc_st& function, emulated::Index grid, emulated::Index block, unsigned dynamic_shared, void** arguments);

} // namespace emulator
