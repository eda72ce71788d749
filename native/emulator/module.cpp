#include "module.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdexcept>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace emulator {

namespace {

constexpr unsigned canary_size = 64;
constexpr unsigned char canary = 0xC5;

// Plain loops, which AddressSanitizer is told to leave alone: they fill its redzones too.
__attribute__((no_sanitize("address"))) void fill(unsigned char* begin, size_t size, unsigned char value) {
    for (size_t i = 0; i < size; i++) {
        static_cast<volatile unsigned char*>(begin)[i] = value;
    }
}

std::string write_temporary(const std::string& image) {
    const char* folder = std::getenv("TMPDIR");
    std::string path = std::string(folder != nullptr && *folder != '\0' ? folder : "/tmp") + "/hesse-emulator-XXXXXX";
    int file = mkstemp(path.data());
    if (file < 0) {
        throw std::runtime_error("no temporary file in " + path);
    }
    size_t done = 0;
    while (done < image.size()) {
        ssize_t count = write(file, image.data() + done, image.size() - done);
        if (count <= 0) {
            close(file);
            unlink(path.c_str());
            throw std::runtime_error("cannot write " + path);
        }
        done += static_cast<size_t>(count);
    }
    close(file);
    return path;
}

} // namespace

ModuleCopy::ModuleCopy(const std::string& image) {
    std::string path = write_temporary(image);
    handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    std::string error = handle_ == nullptr ? dlerror() : "";
    if (handle_ != nullptr) {
        find_sections(image);
    }
    unlink(path.c_str());
    auto get = reinterpret_cast<emulated::Context* (*)(const emulated::KernelEntry**, unsigned*, unsigned char**)>(handle_ == nullptr ? nullptr : symbol("emulated_module"));
    if (get == nullptr) {
        throw std::runtime_error(error.empty() ? "not a module of the emulator" : error);
    }
    context = get(&kernels, &kernel_count, &dynamic_);
}

ModuleCopy::~ModuleCopy() {
    if (handle_ != nullptr) {
        dlclose(handle_);
    }
}

void* ModuleCopy::symbol(const char* name) const { return dlsym(handle_, name); }

// The sections emulated_shared_N and emulated_constant_N that the translation puts the arrays in.
void ModuleCopy::find_sections(const std::string& image) {
    link_map* map = nullptr;
    dlinfo(handle_, RTLD_DI_LINKMAP, &map);
    const char* base = image.data();
    const auto* header = reinterpret_cast<const ElfW(Ehdr)*>(base);
    const auto* sections = reinterpret_cast<const ElfW(Shdr)*>(base + header->e_shoff);
    const char* names = base + sections[header->e_shstrndx].sh_offset;
    for (unsigned i = 0; i < header->e_shnum; i++) {
        const char* name = names + sections[i].sh_name;
        Range range = {reinterpret_cast<unsigned char*>(map->l_addr + sections[i].sh_addr), sections[i].sh_size};
        if (std::strncmp(name, "emulated_shared", 15) == 0) {
            shared.push_back(range);
            shared_size += range.size;
        } else if (std::strncmp(name, "emulated_constant", 17) == 0) {
            constants.push_back(range);
        }
    }
}

void ModuleCopy::reset_shared(unsigned dynamic) {
    for (const Range& range : shared) {
        fill(range.begin, range.size, 0xFF);
    }
#if defined(__SANITIZE_ADDRESS__)
    ASAN_UNPOISON_MEMORY_REGION(dynamic_, emulated::dynamic_shared_capacity);
    std::memset(dynamic_, 0xFF, dynamic);
    ASAN_POISON_MEMORY_REGION(dynamic_ + dynamic, emulated::dynamic_shared_capacity - dynamic);
#else
    std::memset(dynamic_, 0xFF, dynamic);
    std::memset(dynamic_ + dynamic, canary, canary_size);
#endif
}

bool ModuleCopy::canary_intact(unsigned dynamic) const {
#if !defined(__SANITIZE_ADDRESS__)
    for (unsigned i = 0; i < canary_size; i++) {
        if (dynamic_[dynamic + i] != canary) {
            return false;
        }
    }
#else
    (void)dynamic;
#endif
    return true;
}

Module::Module(std::string image) : image_(std::move(image)) {
    copies_.push_back(std::make_unique<ModuleCopy>(image_));
    has_variables_ = copies_[0]->symbol("emulated_has_variables") != nullptr;
}

ModuleCopy& Module::copy(unsigned worker) {
    while (copies_.size() <= worker) {
        copies_.push_back(std::make_unique<ModuleCopy>(image_));
    }
    ModuleCopy& copy = *copies_[worker];
    for (size_t i = 0; worker > 0 && i < copy.constants.size(); i++) {
        std::memcpy(copy.constants[i].begin, copies_[0]->constants[i].begin, copy.constants[i].size);
    }
    return copy;
}

const emulated::KernelEntry* Module::find(const std::string& name) const {
    for (unsigned i = 0; i < copies_[0]->kernel_count; i++) {
        if (name == copies_[0]->kernels[i].name) {
            return &copies_[0]->kernels[i];
        }
    }
    return nullptr;
}

} // namespace emulator
