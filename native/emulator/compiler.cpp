#include "compiler.h"
#include "translation.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace emulator {

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

bool write(const fs::path& path, const std::string& text) {
    std::ofstream stream(path, std::ios::binary);
    stream.write(text.data(), static_cast<std::streamsize>(text.size()));
    stream.close();
    return !stream.fail();
}

// A folder of its own, gone at the end.
struct TemporaryFolder {
    fs::path path;
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "hesse-nvrtc-XXXXXX").string();
        path = mkdtemp(name.data()) != nullptr ? name : "";
    }
    ~TemporaryFolder() {
        std::error_code error;
        fs::remove_all(path, error);
    }
};

std::string compiler() {
    const char* name = std::getenv("HESSE_EMULATOR_COMPILER");
    return name != nullptr && *name != '\0' ? name : "g++";
}

// Runs the compiler; what it prints goes to `log`. The host process may reap children itself, so a lost exit status is no failure: the output file decides.
bool run(std::vector<std::string> arguments, const fs::path& log_file, std::string& log) {
    arguments.insert(arguments.begin(), compiler());
    std::vector<char*> pointers;
    for (std::string& argument : arguments) {
        pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t child = 0;
    int failure = posix_spawnp(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) {
        log += "cannot run " + arguments[0] + ": " + std::strerror(failure) + "\n";
        return false;
    }
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
    }
    log += read(log_file);
    return ended < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// The folder of the built-ins, beside this library or the replay program.
fs::path built_ins() {
    Dl_info info;
    dladdr(reinterpret_cast<void*>(&built_ins), &info);
    return fs::absolute(info.dli_fname).parent_path() / "built_ins";
}

fs::path cache_folder() {
    if (const char* given = std::getenv("HESSE_EMULATOR_CACHE"); given != nullptr && *given != '\0') {
        return given;
    }
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
        return fs::path(cache) / "hesse-emulator";
    }
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
        return fs::path(home) / ".cache" / "hesse-emulator";
    }
    return fs::temp_directory_path() / ("hesse-emulator-cache-" + std::to_string(getuid()));
}

// Two FNV-1a sums from different beginnings: a name for a cache, no protection against forgery.
std::string hash(const std::string& text) {
    uint64_t first = 14695981039346656037ull, second = 0x9E3779B97F4A7C15ull;
    for (unsigned char c : text) {
        first = (first ^ c) * 1099511628211ull;
        second = (second ^ c) * 1099511628211ull + (second >> 47);
    }
    char name[40];
    std::snprintf(name, sizeof(name), "%016llx%016llx", static_cast<unsigned long long>(first), static_cast<unsigned long long>(second));
    return name;
}

// A section that holds a file.
std::string carry(const std::string& section, const fs::path& file) {
    return "__asm__(\".pushsection " + section + ",\\\"\\\",@progbits\\n.incbin \\\"" + file.string() + "\\\"\\n.popsection\");\n";
}

// fma() as one instruction where the machine has it; the C library's, with the same bits, elsewhere.
std::vector<std::string> machine_flags() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2")) {
        return {"-mavx2", "-mfma"};
    }
#endif
    return {};
}

} // namespace

bool compile_translated(const std::string& text_file, const std::string& target, const std::vector<std::string>& flags, std::string& log) {
    std::vector<std::string> arguments = {"-std=gnu++17", "-x", "c++", "-shared", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-fno-strict-aliasing", "-fno-exceptions", "-fno-rtti",
        "-fno-threadsafe-statics", "-fno-math-errno", "-nodefaultlibs", "-Wno-psabi", "-fmax-errors=20"};
    for (const std::string& flag : machine_flags()) {
        arguments.push_back(flag);
    }
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.insert(arguments.end(), {"-o", target, text_file, "-lm", "-lc", "-lgcc"});
    return run(arguments, target + ".log", log) && fs::exists(target);
}

Compiled compile(const Source& source) {
    Compiled result;
    TemporaryFolder folder;
    if (folder.path.empty()) {
        result.log = "no temporary folder\n";
        return result;
    }
    for (const auto& [name, text] : source.headers) {
        fs::create_directories((folder.path / "headers" / name).parent_path());
        write(folder.path / "headers" / name, text);
    }
    // The name of the program stands in messages; the text comes from a file of any name.
    std::string shown = source.name.empty() ? "default_program" : source.name;
    write(folder.path / "program.cu", "# 1 \"" + shown + "\"\n" + source.text);
    std::vector<std::string> arguments = {"-std=gnu++17", "-x", "c++", "-E", "-I" + (folder.path / "headers").string(), "-include", (built_ins() / "built_ins.h").string()};
    arguments.insert(arguments.end(), source.definitions.begin(), source.definitions.end());
    arguments.insert(arguments.end(), {"-o", (folder.path / "preprocessed.cc").string(), (folder.path / "program.cu").string()});
    if (!run(arguments, folder.path / "preprocessor.log", result.log)) {
        return result;
    }
    std::string translated = translate(read(folder.path / "preprocessed.cc"), source.name_expressions), random = folder.path.string();
    // The names of temporary files stand in line markers: without them the same text has the same hash.
    for (size_t at; (at = translated.find(random)) != std::string::npos;) {
        translated.replace(at, random.size(), ".");
    }
    std::string flags;
    for (const std::string& flag : machine_flags()) {
        flags += flag;
    }
    fs::path cached = cache_folder() / (hash(EMULATOR_VERSION + compiler() + flags + translated) + ".so");
    result.image = read(cached);
    if (!result.image.empty()) {
        result.succeeded = true;
        return result;
    }
    // The module carries its text, so that a recorded launch can be compiled again under AddressSanitizer, and the program that it was made of, for NVRTC.
    write(folder.path / "source.cc", translated);
    write(folder.path / "original.cu", source.text);
    translated += "\n# 1 \"source of the module\"\n" + carry("emulated_source", folder.path / "source.cc") + carry("emulated_program", folder.path / "original.cu");
    write(folder.path / "translated.cc", translated);
    if (!compile_translated((folder.path / "translated.cc").string(), (folder.path / "module.so").string(), {"-O2"}, result.log)) {
        return result;
    }
    result.image = read(folder.path / "module.so");
    result.succeeded = true;
    std::error_code error;
    fs::create_directories(cached.parent_path(), error);
    fs::path staged = cached;
    staged += "." + std::to_string(getpid()) + "." + folder.path.filename().string();
    if (write(staged, result.image)) {
        fs::rename(staged, cached, error);
    }
    return result;
}

} // namespace emulator
