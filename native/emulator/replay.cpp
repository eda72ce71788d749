// Replays recorded launches under AddressSanitizer: `replay [--jobs N] FOLDER...`, each folder a recorded launch or a folder of them.
// Each buffer becomes a heap block of its own, dynamic shared memory ends where the launch's does, and each launch runs in a process of its own.
// Prints a line a launch; exit code 0 when all are clean, 1 when one is not, 64 for wrong usage.
#include "compiler.h"
#include "grid.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace fs = std::filesystem;

// Read by AddressSanitizer at start. Fibers that the end of a block leaves behind own nothing.
extern "C" const char* __asan_default_options() { return "exitcode=99:detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=0"; }

namespace {

struct Buffer {
    unsigned long long address;
    size_t size;
    char* copy;
};

struct Recorded {
    std::string kernel;
    emulated::Index grid, block;
    unsigned dynamic_shared = 0;
    std::vector<unsigned> parameters;
    std::vector<Buffer> buffers;
};

std::string read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Recorded read_launch(const fs::path& folder) {
    Recorded recorded;
    std::ifstream text(folder / "launch.txt");
    for (std::string line; std::getline(text, line);) {
        size_t space = line.find(' ');
        std::string key = line.substr(0, space), rest = space == std::string::npos ? "" : line.substr(space + 1);
        if (key == "kernel") {
            recorded.kernel = rest;
        } else if (key == "grid") {
            std::sscanf(rest.c_str(), "%u %u %u", &recorded.grid.x, &recorded.grid.y, &recorded.grid.z);
        } else if (key == "block") {
            std::sscanf(rest.c_str(), "%u %u %u", &recorded.block.x, &recorded.block.y, &recorded.block.z);
        } else if (key == "shared") {
            recorded.dynamic_shared = static_cast<unsigned>(std::stoul(rest));
        } else if (key == "buffer") {
            Buffer buffer = {};
            std::sscanf(rest.c_str(), "%llu %zu", &buffer.address, &buffer.size);
            recorded.buffers.push_back(buffer);
        } else if (key == "parameters") {
            for (size_t at = 0, used; at < rest.size(); at += used + 1) {
                recorded.parameters.push_back(static_cast<unsigned>(std::stoul(rest.substr(at), &used)));
            }
        }
    }
    return recorded;
}

// The text that the module carries in its section emulated_source.
std::string source_of(const std::string& image) {
    const auto* header = reinterpret_cast<const Elf64_Ehdr*>(image.data());
    const auto* sections = reinterpret_cast<const Elf64_Shdr*>(image.data() + header->e_shoff);
    const char* names = image.data() + sections[header->e_shstrndx].sh_offset;
    for (unsigned i = 0; i < header->e_shnum; i++) {
        if (std::strcmp(names + sections[i].sh_name, "emulated_source") == 0) {
            return image.substr(sections[i].sh_offset, sections[i].sh_size);
        }
    }
    throw std::runtime_error("the module carries no source");
}

// Compiles the module again with checks, once for all launches that have it.
std::string instrumented(const std::string& image, const fs::path& work) {
    fs::path target = work / (std::to_string(std::hash<std::string>{}(image)) + ".so"), staged = target;
    if (!fs::exists(target)) {
        staged += "." + std::to_string(getpid());
        fs::path text = staged;
        text += ".cc";
        std::ofstream(text, std::ios::binary) << source_of(image);
        std::string log;
        if (!emulator::compile_translated(text, staged, {"-O1", "-g1", "-fno-omit-frame-pointer", "-fsanitize=address", "-fsanitize-sections=emulated_shared_*"}, log)) {
            throw std::runtime_error("does not compile under AddressSanitizer:\n" + log);
        }
        fs::rename(staged, target);
    }
    return read(target);
}

// In the child: runs one launch; AddressSanitizer ends the process at the first wrong access.
int replay(const fs::path& folder, const fs::path& work) {
    Recorded recorded = read_launch(folder);
    emulator::Module module(instrumented(read(folder / "module.so"), work));
    const emulated::KernelEntry* entry = module.find(recorded.kernel);
    if (entry == nullptr) {
        throw std::runtime_error("no kernel " + recorded.kernel);
    }
    for (size_t i = 0; i < recorded.buffers.size(); i++) {
        Buffer& buffer = recorded.buffers[i];
        std::string contents = read(folder / ("buffer-" + std::to_string(i) + ".bin"));
        void* copy = nullptr;
        if (contents.size() != buffer.size || posix_memalign(&copy, 256, buffer.size) != 0) {
            throw std::runtime_error("buffer " + std::to_string(i) + " is damaged");
        }
        buffer.copy = static_cast<char*>(copy);
        std::memcpy(buffer.copy, contents.data(), buffer.size);
    }
    const auto& constants = module.copy(0).constants;
    for (size_t i = 0; i < constants.size(); i++) {
        std::string contents = read(folder / ("constant-" + std::to_string(i) + ".bin"));
        std::memcpy(constants[i].begin, contents.data(), std::min(contents.size(), constants[i].size));
    }
    std::string bytes = read(folder / "arguments.bin");
    std::vector<std::vector<unsigned long long>> arguments; // words, for their alignment
    size_t at = 0;
    for (unsigned size : recorded.parameters) {
        std::vector<unsigned long long> words((size + 7) / 8 + 1);
        std::memcpy(words.data(), bytes.data() + at, size);
        at += size;
        for (unsigned word = 0; (word + 1) * 8 <= size; word++) {
            for (const Buffer& buffer : recorded.buffers) {
                if (words[word] - buffer.address < buffer.size) {
                    words[word] = reinterpret_cast<unsigned long long>(buffer.copy) + (words[word] - buffer.address);
                    break;
                }
            }
        }
        arguments.push_back(std::move(words));
    }
    std::vector<void*> pointers;
    for (auto& words : arguments) {
        pointers.push_back(words.data());
    }
    std::string message;
    auto index = static_cast<unsigned>(entry - module.copy(0).kernels);
    int error = emulator::run_grid({module, index, recorded.grid, recorded.block, recorded.dynamic_shared, pointers.data()}, 1, emulator::Schedule::forward, message);
    if (error != 0) {
        throw std::runtime_error(message);
    }
    return 0;
}

int replay_or_say_why(const fs::path& folder, const fs::path& work) {
    try {
        return replay(folder, work);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", folder.c_str(), error.what());
        return 1;
    }
}

std::vector<fs::path> launches_in(const std::vector<fs::path>& folders) {
    std::vector<fs::path> launches;
    for (const fs::path& folder : folders) {
        if (fs::exists(folder / "launch.txt")) {
            launches.push_back(folder);
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            if (entry.path().filename() == "launch.txt") {
                launches.push_back(entry.path().parent_path());
            }
        }
    }
    std::sort(launches.begin(), launches.end());
    return launches;
}

} // namespace

int main(int count, char** arguments) {
    unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
    std::vector<fs::path> folders;
    for (int i = 1; i < count; i++) {
        std::string argument = arguments[i];
        if (argument == "--jobs" && i + 1 < count) {
            jobs = static_cast<unsigned>(std::max(1, std::atoi(arguments[++i])));
        } else if (fs::is_directory(argument)) {
            folders.emplace_back(argument);
        } else {
            std::fprintf(stderr, "%s is no folder\n", arguments[i]);
            return 64;
        }
    }
    std::vector<fs::path> launches = launches_in(folders);
    if (launches.empty()) {
        std::fprintf(stderr, "usage: replay [--jobs N] FOLDER...; there are no recorded launches\n");
        return 64;
    }
    std::string name = (fs::temp_directory_path() / "hesse-replay-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
        std::perror("temporary folder");
        return 1;
    }
    fs::path work = name;
    std::map<pid_t, fs::path> running;
    size_t started = 0, bad = 0;
    while (started < launches.size() || !running.empty()) {
        if (started < launches.size() && running.size() < jobs) {
            const fs::path& folder = launches[started++];
            pid_t child = fork();
            if (child == 0) {
                _exit(replay_or_say_why(folder, work));
            }
            running[child] = folder;
            continue;
        }
        int status = 0;
        pid_t ended = wait(&status);
        if (ended < 0) {
            break;
        }
        bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        bad += clean ? 0 : 1;
        std::printf("%s %s\n", clean ? "clean " : "FAILED", running[ended].c_str());
        running.erase(ended);
    }
    std::error_code error;
    fs::remove_all(work, error);
    std::printf("%zu launches replayed, %zu failed\n", launches.size(), bad);
    return bad == 0 ? 0 : 1;
}
