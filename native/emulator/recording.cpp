// Recorded launches: one folder each, with the module, the launch's numbers, its arguments, and the device memory that its arguments point into.
//   launch.txt      kernel NAME / grid X Y Z / block X Y Z / shared BYTES / parameters SIZE... / buffer ADDRESS SIZE (one line each)
//   module.so       the image; it carries its own source
//   arguments.bin   the arguments one after the other
//   buffer-N.bin    the contents of the N-th buffer before the launch
//   constant-N.bin  the N-th __constant__ array of the module
#include "state.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

namespace emulator {

namespace {

void write(const std::filesystem::path& path, const void* bytes, size_t size) { std::ofstream(path, std::ios::binary).write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size)); }

} // namespace

void record_launch(const CUfunc_st& function, emulated::Index grid, emulated::Index block, unsigned dynamic_shared, void** arguments) {
    static std::mutex mutex;
    static std::map<std::string, int> recorded; // kernel and image -> launches so far
    static int total = 0;
    std::lock_guard lock(mutex);
    const emulated::KernelEntry& entry = *function.entry;
    const std::string& image = function.module->module.image();
    int& count = recorded[entry.name + std::to_string(std::hash<std::string>{}(image))];
    if (count >= configuration().record_limit) {
        return;
    }
    count++;
    std::string kernel;
    for (const char* c = entry.name; *c != '\0'; c++) {
        kernel += std::isalnum(static_cast<unsigned char>(*c)) != 0 || *c == '_' ? *c : '-';
    }
    std::filesystem::path folder;
    std::error_code error;
    std::filesystem::create_directories(configuration().record, error);
    do {
        std::string number = std::to_string(++total);
        folder = std::filesystem::path(configuration().record) / (std::string(number.size() < 5 ? 5 - number.size() : 0, '0') + number + "-" + kernel);
        // Another process may record there too: what exists is its.
    } while (!std::filesystem::create_directory(folder, error) && !error);
    if (error) {
        report("cannot record in " + folder.string() + ": " + error.message());
        return;
    }
    std::string bytes;
    for (unsigned i = 0; i < entry.parameter_count; i++) {
        bytes.append(static_cast<const char*>(arguments[i]), entry.parameter_sizes[i]);
    }
    std::ofstream text(folder / "launch.txt");
    text << "kernel " << entry.name << "\ngrid " << grid.x << ' ' << grid.y << ' ' << grid.z << "\nblock " << block.x << ' ' << block.y << ' ' << block.z << "\nshared " << dynamic_shared
         << "\nparameters";
    for (unsigned i = 0; i < entry.parameter_count; i++) {
        text << ' ' << entry.parameter_sizes[i];
    }
    text << '\n';
    // Whatever in an argument could be an address is looked up, pointers in structures too.
    std::map<unsigned long long, size_t> buffers;
    for (unsigned i = 0; i < entry.parameter_count && !configuration().dry; i++) {
        for (unsigned offset = 0; offset + 8 <= entry.parameter_sizes[i]; offset += 8) {
            unsigned long long word, start;
            size_t size;
            std::memcpy(&word, static_cast<const char*>(arguments[i]) + offset, 8);
            if (current_memory().find(word, start, size)) {
                buffers[start] = size;
            }
        }
    }
    int number = 0;
    for (auto [start, size] : buffers) {
        text << "buffer " << start << ' ' << size << '\n';
        write(folder / ("buffer-" + std::to_string(number++) + ".bin"), reinterpret_cast<const void*>(start), size);
    }
    const auto& constants = function.module->module.copy(0).constants;
    for (size_t i = 0; i < constants.size(); i++) {
        write(folder / ("constant-" + std::to_string(i) + ".bin"), constants[i].begin, constants[i].size);
    }
    write(folder / "arguments.bin", bytes.data(), bytes.size());
    write(folder / "module.so", image.data(), image.size());
}

} // namespace emulator
