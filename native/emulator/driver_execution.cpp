// The driver's entry points about modules, launches, streams and events. A launch is done when the call returns.
#include "grid.h"
#include "state.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <elf.h>
#include <stdexcept>

using namespace emulator;

struct CUstream_st {};
struct CUevent_st {
    std::chrono::steady_clock::time_point time;
};

namespace {

// An image comes without its length: the table of sections stands at its end.
std::string image_bytes(const void* image) {
    const auto* header = static_cast<const Elf64_Ehdr*>(image);
    if (std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        return "";
    }
    return std::string(static_cast<const char*>(image), header->e_shoff + static_cast<size_t>(header->e_shnum) * header->e_shentsize);
}

CUresult check_launch(const CUfunc_st& function, emulated::Index grid, emulated::Index block, unsigned dynamic_shared) {
    unsigned long long threads = static_cast<unsigned long long>(block.x) * block.y * block.z;
    bool valid = grid.x > 0 && grid.y > 0 && grid.z > 0 && threads > 0 && grid.x <= 2147483647u && grid.y <= 65535 && grid.z <= 65535 && block.x <= 1024 && block.y <= 1024 && block.z <= 64 &&
                 threads <= 1024 && dynamic_shared <= static_cast<unsigned>(function.maximum_dynamic_shared);
    if (!valid) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    if (threads > function.entry->maximum_threads) {
        report(std::string(function.entry->name) + ": " + std::to_string(threads) + " threads, its __launch_bounds__ allow " + std::to_string(function.entry->maximum_threads));
        return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
    }
    return CUDA_SUCCESS;
}

} // namespace

EMULATOR_EXPORT CUresult cuModuleLoadData(CUmodule* module, const void* image) {
    if (CUresult result = ready(); result != CUDA_SUCCESS) {
        return result;
    }
    std::string bytes = image_bytes(image);
    if (bytes.empty()) {
        return CUDA_ERROR_INVALID_IMAGE;
    }
    try {
        *module = new CUmod_st{Module(std::move(bytes)), {}};
        return CUDA_SUCCESS;
    } catch (const std::runtime_error& error) {
        report(std::string("module: ") + error.what());
        return CUDA_ERROR_INVALID_IMAGE;
    }
}
EMULATOR_EXPORT CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned, int*, void**) { return cuModuleLoadData(module, image); }

EMULATOR_EXPORT CUresult cuModuleUnload(CUmodule module) {
    delete module;
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
    if (CUresult result = ready(); result != CUDA_SUCCESS) {
        return result;
    }
    const emulated::KernelEntry* entry = module->module.find(name);
    if (entry == nullptr) {
        return CUDA_ERROR_NOT_FOUND;
    }
    std::lock_guard lock(state().mutex);
    for (const auto& known : module->functions) {
        if (known->entry == entry) {
            *function = known.get();
            return CUDA_SUCCESS;
        }
    }
    unsigned index = static_cast<unsigned>(entry - module->module.copy(0).kernels);
    module->functions.push_back(std::make_unique<CUfunc_st>(CUfunc_st{module, entry, index}));
    *function = module->functions.back().get();
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuFuncSetAttribute(CUfunction function, int attribute, int value) {
    if (attribute == 8) { // MAX_DYNAMIC_SHARED_SIZE_BYTES
        // The static arrays of a module are known together only, so they are not taken off here.
        if (value < 0 || value > optin_shared_memory()) {
            return CUDA_ERROR_INVALID_VALUE;
        }
        function->maximum_dynamic_shared = value;
    }
    return attribute == 8 || attribute == 9 ? ready() : CUDA_ERROR_INVALID_VALUE; // 9: PREFERRED_SHARED_MEMORY_CARVEOUT
}

EMULATOR_EXPORT CUresult cuFuncGetAttribute(int* value, int attribute, CUfunction function) {
    switch (attribute) {
    case 0: // MAX_THREADS_PER_BLOCK
        *value = static_cast<int>(function->entry->maximum_threads);
        return ready();
    case 1: // SHARED_SIZE_BYTES
        *value = static_cast<int>(function->module->module.copy(0).shared_size);
        return ready();
    case 2: // CONST_SIZE_BYTES
    case 3: // LOCAL_SIZE_BYTES: spills are the compiler's on the device
        *value = 0;
        return ready();
    case 4: // NUM_REGS: not known here
        *value = 64;
        return ready();
    case 5: // PTX_VERSION
    case 6: // BINARY_VERSION
        *value = configuration().compute_capability;
        return ready();
    case 8: // MAX_DYNAMIC_SHARED_SIZE_BYTES
        *value = function->maximum_dynamic_shared;
        return ready();
    default:
        return CUDA_ERROR_INVALID_VALUE;
    }
}

EMULATOR_EXPORT CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int threads, size_t dynamic_shared) {
    if (threads <= 0 || threads > 1024) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    size_t shared = function->module->module.copy(0).shared_size + dynamic_shared + 1024;
    int by_threads = 2048 / ((threads + 31) / 32 * 32), by_shared = static_cast<int>((static_cast<size_t>(optin_shared_memory()) + 1024) / shared);
    *blocks = std::min({32, by_threads, by_shared});
    return ready();
}

EMULATOR_EXPORT CUresult cuLaunchKernel(
    CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z, unsigned dynamic_shared, CUstream, void** arguments, void** extra) {
    if (CUresult result = ready(); result != CUDA_SUCCESS) {
        return result;
    }
    emulated::Index grid = {grid_x, grid_y, grid_z}, block = {block_x, block_y, block_z};
    CUresult result = function == nullptr ? CUDA_ERROR_INVALID_HANDLE : check_launch(*function, grid, block, dynamic_shared);
    if (result != CUDA_SUCCESS || extra != nullptr || (arguments == nullptr && function->entry->parameter_count > 0)) {
        return result != CUDA_SUCCESS ? result : CUDA_ERROR_INVALID_VALUE;
    }
    auto& countdown = configuration().fail_launch;
    if (countdown > 0 && --countdown == 0) {
        state().lost = CUDA_ERROR_LAUNCH_FAILED;
        return CUDA_SUCCESS; // as on a card, the next call that waits hears of it
    }
    if (!configuration().record.empty()) {
        record_launch(*function, grid, block, dynamic_shared, arguments);
    }
    if (configuration().dry) {
        return CUDA_SUCCESS;
    }
    std::string message;
    int error = run_grid({function->module->module, function->index, grid, block, dynamic_shared, arguments}, configuration().threads, configuration().schedule, message);
    if (error != 0) {
        report(message);
        state().lost = error;
    }
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuStreamCreate(CUstream* stream, unsigned) {
    *stream = new CUstream_st();
    return ready();
}
EMULATOR_EXPORT CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int) { return cuStreamCreate(stream, flags); }
EMULATOR_EXPORT CUresult cuStreamDestroy_v2(CUstream stream) {
    delete stream;
    return CUDA_SUCCESS;
}
EMULATOR_EXPORT CUresult cuStreamSynchronize(CUstream) { return ready(); }
EMULATOR_EXPORT CUresult cuStreamQuery(CUstream) { return ready(); }
EMULATOR_EXPORT CUresult cuStreamWaitEvent(CUstream, CUevent, unsigned) { return ready(); }

EMULATOR_EXPORT CUresult cuEventCreate(CUevent* event, unsigned) {
    *event = new CUevent_st{};
    return ready();
}
EMULATOR_EXPORT CUresult cuEventRecord(CUevent event, CUstream) {
    event->time = std::chrono::steady_clock::now();
    return ready();
}
EMULATOR_EXPORT CUresult cuEventSynchronize(CUevent) { return ready(); }
EMULATOR_EXPORT CUresult cuEventQuery(CUevent) { return ready(); }
EMULATOR_EXPORT CUresult cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to) {
    *milliseconds = std::chrono::duration<float, std::milli>(to->time - from->time).count();
    return ready();
}
EMULATOR_EXPORT CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent from, CUevent to) { return cuEventElapsedTime(milliseconds, from, to); }
EMULATOR_EXPORT CUresult cuEventDestroy_v2(CUevent event) {
    delete event;
    return CUDA_SUCCESS;
}
