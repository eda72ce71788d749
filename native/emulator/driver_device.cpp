// The driver's entry points about devices, contexts and errors.
#include "state.h"

#include <cstdlib>
#include <cstring>

using namespace emulator;

namespace emulator {

State& state() {
    static State& instance = *new State();
    return instance;
}

thread_local CUcontext current_context = nullptr;

CUresult ready() {
    if (!state().initialized) {
        return CUDA_ERROR_NOT_INITIALIZED;
    }
    if (current_context == nullptr) {
        return CUDA_ERROR_INVALID_CONTEXT;
    }
    return state().lost;
}

DeviceMemory& current_memory() { return *state().memory[static_cast<size_t>(current_context->device)]; }

int optin_shared_memory() {
    switch (configuration().compute_capability) {
    case 80:
        return 163 * 1024;
    case 86:
    case 89:
        return 99 * 1024;
    default:
        return 227 * 1024;
    }
}

} // namespace emulator

namespace {

// As many devices as CUDA_VISIBLE_DEVICES leaves: the list ends at the first entry that names none.
int visible_devices(int devices) {
    const char* list = std::getenv("CUDA_VISIBLE_DEVICES");
    if (list == nullptr) {
        return devices;
    }
    int count = 0;
    while (*list != '\0') {
        char* end = nullptr;
        long index = std::strtol(list, &end, 10);
        if (end == list || index < 0 || index >= devices) {
            break;
        }
        count++;
        list = *end == ',' ? end + 1 : end;
    }
    return count;
}

CUresult check_device(CUdevice device) {
    if (!state().initialized) {
        return CUDA_ERROR_NOT_INITIALIZED;
    }
    return device >= 0 && device < state().devices ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

struct ErrorName {
    CUresult code;
    const char *name, *text;
};

const ErrorName error_names[] = {
    {CUDA_SUCCESS, "CUDA_SUCCESS", "no error"},
    {CUDA_ERROR_INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {CUDA_ERROR_NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {CUDA_ERROR_NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {CUDA_ERROR_INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {CUDA_ERROR_INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {CUDA_ERROR_INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {CUDA_ERROR_NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {CUDA_ERROR_INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {CUDA_ERROR_NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {CUDA_ERROR_ASSERT, "CUDA_ERROR_ASSERT", "device-side assert triggered"},
    {CUDA_ERROR_ILLEGAL_INSTRUCTION, "CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"},
    {CUDA_ERROR_LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
};

} // namespace

// Not of CUDA: sets one value of the configuration ("fail-allocation", "3") from inside the process. 0 if it was understood.
EMULATOR_EXPORT CUresult hesseEmulatorConfigure(const char* name, const char* value) { return configuration().set(name, value) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE; }

// Not of CUDA: as if the process began anew after a lost device. Allocations stay.
EMULATOR_EXPORT CUresult hesseEmulatorRestore() {
    state().lost = CUDA_SUCCESS;
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuInit(unsigned flags) {
    std::lock_guard lock(state().mutex);
    if (flags != 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    if (!state().initialized) {
        configuration().read_environment();
        int devices = visible_devices(configuration().devices);
        if (devices == 0) {
            return CUDA_ERROR_NO_DEVICE;
        }
        for (int i = 0; i < devices; i++) {
            state().primary.push_back(std::make_unique<CUctx_st>());
            state().primary.back()->device = i;
            state().memory.push_back(std::make_unique<DeviceMemory>());
        }
        state().devices = devices;
        state().initialized = true;
    }
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuDriverGetVersion(int* version) {
    if (!state().initialized) {
        configuration().read_environment();
    }
    *version = configuration().driver_version;
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuDeviceGetCount(int* count) {
    *count = state().devices;
    return state().initialized ? CUDA_SUCCESS : CUDA_ERROR_NOT_INITIALIZED;
}

EMULATOR_EXPORT CUresult cuDeviceGet(CUdevice* device, int ordinal) {
    *device = ordinal;
    return check_device(ordinal);
}

EMULATOR_EXPORT CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
    if (CUresult result = check_device(device); result != CUDA_SUCCESS) {
        return result;
    }
    std::strncpy(name, "Hesse CUDA emulator " EMULATOR_VERSION, static_cast<size_t>(length));
    return length > 0 ? (name[length - 1] = '\0', CUDA_SUCCESS) : CUDA_ERROR_INVALID_VALUE;
}

EMULATOR_EXPORT CUresult cuDeviceGetUuid(unsigned char* uuid, CUdevice device) {
    std::memcpy(uuid, "hesse-emulator\0", 15);
    uuid[15] = static_cast<unsigned char>(device);
    return check_device(device);
}
EMULATOR_EXPORT CUresult cuDeviceGetUuid_v2(unsigned char* uuid, CUdevice device) { return cuDeviceGetUuid(uuid, device); }

EMULATOR_EXPORT CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
    *bytes = configuration().memory;
    return check_device(device);
}

EMULATOR_EXPORT CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device) {
    if (CUresult result = check_device(device); result != CUDA_SUCCESS) {
        return result;
    }
    switch (attribute) {
    case 1: // MAX_THREADS_PER_BLOCK
    case 2: // MAX_BLOCK_DIM_X
    case 3: // MAX_BLOCK_DIM_Y
        *value = 1024;
        return CUDA_SUCCESS;
    case 4: // MAX_BLOCK_DIM_Z
        *value = 64;
        return CUDA_SUCCESS;
    case 5: // MAX_GRID_DIM_X
        *value = 2147483647;
        return CUDA_SUCCESS;
    case 6: // MAX_GRID_DIM_Y
    case 7: // MAX_GRID_DIM_Z
        *value = 65535;
        return CUDA_SUCCESS;
    case 8: // MAX_SHARED_MEMORY_PER_BLOCK
        *value = static_shared_limit;
        return CUDA_SUCCESS;
    case 9: // TOTAL_CONSTANT_MEMORY
        *value = 65536;
        return CUDA_SUCCESS;
    case 10: // WARP_SIZE
        *value = 32;
        return CUDA_SUCCESS;
    case 12: // MAX_REGISTERS_PER_BLOCK
    case 82: // MAX_REGISTERS_PER_MULTIPROCESSOR
        *value = 65536;
        return CUDA_SUCCESS;
    case 13: // CLOCK_RATE, kHz
    case 36: // MEMORY_CLOCK_RATE, kHz
        *value = 1000000;
        return CUDA_SUCCESS;
    case 16: // MULTIPROCESSOR_COUNT
        *value = configuration().multiprocessors;
        return CUDA_SUCCESS;
    case 33: // PCI_BUS_ID
    case 34: // PCI_DEVICE_ID
        *value = device;
        return CUDA_SUCCESS;
    case 37: // GLOBAL_MEMORY_BUS_WIDTH, bits
        *value = 512;
        return CUDA_SUCCESS;
    case 38: // L2_CACHE_SIZE
        *value = 32 << 20;
        return CUDA_SUCCESS;
    case 39: // MAX_THREADS_PER_MULTIPROCESSOR
        *value = 2048;
        return CUDA_SUCCESS;
    case 41: // UNIFIED_ADDRESSING
        *value = 1;
        return CUDA_SUCCESS;
    case 75: // COMPUTE_CAPABILITY_MAJOR
        *value = configuration().compute_capability / 10;
        return CUDA_SUCCESS;
    case 76: // COMPUTE_CAPABILITY_MINOR
        *value = configuration().compute_capability % 10;
        return CUDA_SUCCESS;
    case 81: // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
        *value = optin_shared_memory() + 1024;
        return CUDA_SUCCESS;
    case 97: // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
        *value = optin_shared_memory();
        return CUDA_SUCCESS;
    case 106: // MAX_BLOCKS_PER_MULTIPROCESSOR
        *value = 32;
        return CUDA_SUCCESS;
    case 111: // RESERVED_SHARED_MEMORY_PER_BLOCK
        *value = 1024;
        return CUDA_SUCCESS;
    case 18: // INTEGRATED
    case 19: // CAN_MAP_HOST_MEMORY
    case 20: // COMPUTE_MODE
    case 31: // CONCURRENT_KERNELS
    case 32: // ECC_ENABLED
    case 35: // TCC_DRIVER
    case 40: // ASYNC_ENGINE_COUNT
    case 50: // PCI_DOMAIN_ID
    case 83: // MANAGED_MEMORY
    case 95: // COOPERATIVE_LAUNCH
    case 115: // MEMORY_POOLS_SUPPORTED
        *value = 0;
        return CUDA_SUCCESS;
    default:
        return CUDA_ERROR_INVALID_VALUE;
    }
}

EMULATOR_EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
    if (CUresult result = check_device(device); result != CUDA_SUCCESS) {
        return result;
    }
    std::lock_guard lock(state().mutex);
    *context = state().primary[static_cast<size_t>(device)].get();
    (*context)->retained++;
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    if (CUresult result = check_device(device); result != CUDA_SUCCESS) {
        return result;
    }
    std::lock_guard lock(state().mutex);
    CUctx_st& context = *state().primary[static_cast<size_t>(device)];
    if (context.retained == 0) {
        return CUDA_ERROR_INVALID_CONTEXT;
    }
    context.retained--;
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuCtxSetCurrent(CUcontext context) {
    current_context = context;
    return state().initialized ? CUDA_SUCCESS : CUDA_ERROR_NOT_INITIALIZED;
}

EMULATOR_EXPORT CUresult cuCtxGetCurrent(CUcontext* context) {
    *context = current_context;
    return CUDA_SUCCESS;
}

EMULATOR_EXPORT CUresult cuCtxSynchronize() { return ready(); }

EMULATOR_EXPORT CUresult cuGetErrorName(CUresult error, const char** name) {
    for (const ErrorName& known : error_names) {
        if (known.code == error) {
            *name = known.name;
            return CUDA_SUCCESS;
        }
    }
    *name = nullptr;
    return CUDA_ERROR_INVALID_VALUE;
}

EMULATOR_EXPORT CUresult cuGetErrorString(CUresult error, const char** text) {
    for (const ErrorName& known : error_names) {
        if (known.code == error) {
            *text = known.text;
            return CUDA_SUCCESS;
        }
    }
    *text = nullptr;
    return CUDA_ERROR_INVALID_VALUE;
}
