// A loaded module: one copy of the shared object for each host thread that runs blocks, so that `__shared__` and the running thread are its own.
#pragma once
#include "built_ins/context.h"

#include <memory>
#include <string>
#include <vector>

namespace emulator {

struct Range {
    unsigned char* begin;
    size_t size;
};

class ModuleCopy {
public:
    explicit ModuleCopy(const std::string& image);
    ~ModuleCopy();
    ModuleCopy(const ModuleCopy&) = delete;
    ModuleCopy& operator=(const ModuleCopy&) = delete;

    void* symbol(const char* name) const;

    // Shared memory as a block finds it: bytes 0xFF, a NaN in float and double. Beyond `dynamic` bytes stands a canary.
    void reset_shared(unsigned dynamic);
    bool canary_intact(unsigned dynamic) const;

    emulated::Context* context = nullptr;
    const emulated::KernelEntry* kernels = nullptr;
    unsigned kernel_count = 0;
    std::vector<Range> shared;    // static __shared__ arrays
    std::vector<Range> constants; // __constant__ arrays
    size_t shared_size = 0;

private:
    void find_sections(const std::string& path);

    void* handle_ = nullptr;
    unsigned char* dynamic_ = nullptr;
};

class Module {
public:
    // Throws std::runtime_error with the loader's words for bytes that are not a module of this emulator.
    explicit Module(std::string image);

    // The copy of host thread `worker`, made when first asked for. Constants are brought up to date.
    ModuleCopy& copy(unsigned worker);

    const emulated::KernelEntry* find(const std::string& name) const;
    const std::string& image() const { return image_; }
    // Mutable __device__ variables exist once: such a module runs on one host thread.
    bool has_variables() const { return has_variables_; }

private:
    std::string image_;
    std::vector<std::unique_ptr<ModuleCopy>> copies_;
    bool has_variables_ = false;
};

} // namespace emulator
