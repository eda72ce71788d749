// The driver's entry points about memory. Every copy is done when the call returns.
#include "state.h"

#include <cstdlib>
#include <cstring>

using namespace emulator;

namespace {

// Device memory, or a module's __constant__ or __device__ variable, which lives in the module itself.
std::mutex variables_mutex;
std::map<CUdeviceptr, size_t> variables;

bool addressable(CUdeviceptr address, size_t size) {
    if (current_memory().contains(address, size)) {
        return true;
    }
    std::lock_guard lock(variables_mutex);
    auto after = variables.upper_bound(address);
    if (after == variables.begin()) {
        return false;
    }
    --after;
    return address - after->first <= after->second && size <= after->second - (address - after->first);
}

CUresult check(CUdeviceptr address, size_t size) {
    if (CUresult result = ready(); result != CUDA_SUCCESS) {
        return result;
    }
    return size == 0 || addressable(address, size) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

template <class T>
CUresult fill(CUdeviceptr address, T value, size_t count) {
    if (CUresult result = check(address, count * sizeof(T)); result != CUDA_SUCCESS) {
        return result;
    }
    if (address % sizeof(T) != 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    auto* words = reinterpret_cast<T*>(address);
    for (size_t i = 0; i < count; i++) {
        words[i] = value;
    }
    return CUDA_SUCCESS;
}

} // namespace

EMULATOR_EXPORT CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
    if (CUresult result = ready(); result != CUDA_SUCCESS) {
        return result;
    }
    size_t used = current_memory().used();
    *total = configuration().memory;
    *free = used < *total ? *total - used : 0;
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t size) {
    if (CUresult result = ready(); result != CUDA_SUCCESS) {
        return result;
    }
    if (size == 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    auto& countdown = configuration().fail_allocation;
    if (countdown > 0 && --countdown == 0) {
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    // A NaN; where nothing runs a zero, with which the host goes on.
    *address = current_memory().allocate(size, configuration().memory, configuration().dry ? 0 : 0xFF);
    return *address != 0 ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

EMULATOR_EXPORT CUresult cuMemFree_v2(CUdeviceptr address) {
    if (!state().initialized) {
        return CUDA_ERROR_NOT_INITIALIZED;
    }
    if (address == 0) {
        return CUDA_SUCCESS;
    }
    if (current_context == nullptr) {
        return CUDA_ERROR_INVALID_CONTEXT;
    }
    std::string damage;
    if (!current_memory().release(address, damage)) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    if (!damage.empty()) {
        report(damage + " (found when it was freed)");
        state().lost = CUDA_ERROR_ILLEGAL_ADDRESS;
    }
    return state().lost;
}

EMULATOR_EXPORT CUresult cuMemHostAlloc(void** memory, size_t size, unsigned) {
    if (CUresult result = ready(); result != CUDA_SUCCESS) {
        return result;
    }
    *memory = std::malloc(size);
    return *memory != nullptr ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}
EMULATOR_EXPORT CUresult cuMemAllocHost_v2(void** memory, size_t size) { return cuMemHostAlloc(memory, size, 0); }
EMULATOR_EXPORT CUresult cuMemFreeHost(void* memory) {
    std::free(memory);
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuMemcpyHtoD_v2(CUdeviceptr target, const void* source, size_t size) {
    CUresult result = check(target, size);
    if (result == CUDA_SUCCESS && size > 0) {
        std::memcpy(reinterpret_cast<void*>(target), source, size);
    }
    return result;
}
EMULATOR_EXPORT CUresult cuMemcpyDtoH_v2(void* target, CUdeviceptr source, size_t size) {
    CUresult result = check(source, size);
    if (result == CUDA_SUCCESS && size > 0) {
        std::memcpy(target, reinterpret_cast<const void*>(source), size);
        auto& countdown = configuration().flip_download;
        if (countdown > 0 && --countdown == 0) {
            // A bit in the middle of the last number.
            static_cast<unsigned char*>(target)[size > 2 ? size - 3 : 0] ^= 1;
        }
    }
    return result;
}
EMULATOR_EXPORT CUresult cuMemcpyDtoD_v2(CUdeviceptr target, CUdeviceptr source, size_t size) {
    CUresult result = check(target, size);
    result = result == CUDA_SUCCESS ? check(source, size) : result;
    if (result == CUDA_SUCCESS && size > 0) {
        std::memmove(reinterpret_cast<void*>(target), reinterpret_cast<const void*>(source), size);
    }
    return result;
}
EMULATOR_EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void* source, size_t size, CUstream) { return cuMemcpyHtoD_v2(target, source, size); }
EMULATOR_EXPORT CUresult cuMemcpyDtoHAsync_v2(void* target, CUdeviceptr source, size_t size, CUstream) { return cuMemcpyDtoH_v2(target, source, size); }
EMULATOR_EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source, size_t size, CUstream) { return cuMemcpyDtoD_v2(target, source, size); }

EMULATOR_EXPORT CUresult cuMemsetD8_v2(CUdeviceptr address, unsigned char value, size_t count) { return fill(address, value, count); }
EMULATOR_EXPORT CUresult cuMemsetD32_v2(CUdeviceptr address, unsigned value, size_t count) { return fill(address, value, count); }
EMULATOR_EXPORT CUresult cuMemsetD8Async(CUdeviceptr address, unsigned char value, size_t count, CUstream) { return fill(address, value, count); }
EMULATOR_EXPORT CUresult cuMemsetD32Async(CUdeviceptr address, unsigned value, size_t count, CUstream) { return fill(address, value, count); }

EMULATOR_EXPORT CUresult cuModuleGetGlobal_v2(CUdeviceptr* address, size_t* size, CUmodule module, const char* name) {
    if (CUresult result = ready(); result != CUDA_SUCCESS) {
        return result;
    }
    ModuleCopy& copy = module->module.copy(0);
    void* symbol = copy.symbol(name);
    auto* length = static_cast<const size_t*>(copy.symbol((std::string("emulated_size_of_") + name).c_str()));
    if (symbol == nullptr || length == nullptr) {
        return CUDA_ERROR_NOT_FOUND;
    }
    std::lock_guard lock(variables_mutex);
    variables[reinterpret_cast<CUdeviceptr>(symbol)] = *length;
    if (address != nullptr) {
        *address = reinterpret_cast<CUdeviceptr>(symbol);
    }
    if (size != nullptr) {
        *size = *length;
    }
    return CUDA_SUCCESS;
}
