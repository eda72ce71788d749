#include "configuration.h"

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace emulator {

Configuration& configuration() {
    static Configuration instance;
    return instance;
}

void report(const std::string& message) { std::fprintf(stderr, "emulator: %s\n", message.c_str()); }

bool Configuration::set(const std::string& name, const std::string& value) {
    char* end = nullptr;
    long long number = std::strtoll(value.c_str(), &end, 10);
    bool numeric = !value.empty() && *end == '\0' && number >= 0;
    if (name == "record") {
        record = value;
    } else if (name == "schedule") {
        if (value != "forward" && value != "reverse" && value != "shuffled") {
            return false;
        }
        schedule = value == "forward" ? Schedule::forward : value == "reverse" ? Schedule::reverse : Schedule::shuffled;
    } else if (!numeric) {
        return false;
    } else if (name == "memory") {
        memory = static_cast<size_t>(number);
    } else if (name == "devices") {
        devices = static_cast<int>(number);
    } else if (name == "multiprocessors") {
        multiprocessors = static_cast<int>(number);
    } else if (name == "compute-capability") {
        compute_capability = static_cast<int>(number);
    } else if (name == "driver-version") {
        driver_version = static_cast<int>(number);
    } else if (name == "threads") {
        threads = static_cast<unsigned>(number);
    } else if (name == "fail-allocation") {
        fail_allocation = static_cast<long>(number);
    } else if (name == "fail-launch") {
        fail_launch = static_cast<long>(number);
    } else if (name == "flip-download") {
        flip_download = static_cast<long>(number);
    } else if (name == "dry") {
        dry = number != 0;
    } else if (name == "record-limit") {
        record_limit = static_cast<int>(number);
    } else {
        return false;
    }
    return true;
}

void Configuration::read_environment() {
    threads = std::max(1u, std::thread::hardware_concurrency());
    const char* names[] = {"memory", "devices", "multiprocessors", "compute-capability", "driver-version", "threads", "schedule", "fail-allocation", "fail-launch", "flip-download", "record", "record-limit", "dry"};
    for (const char* name : names) {
        std::string variable = "HESSE_EMULATOR_";
        for (const char* c = name; *c != '\0'; c++) {
            variable += *c == '-' ? '_' : static_cast<char>(*c - 'a' + 'A');
        }
        const char* value = std::getenv(variable.c_str());
        if (value != nullptr && !set(name, value)) {
            report(variable + "=" + value + " is not understood");
        }
    }
    threads = std::max(1u, threads);
}

} // namespace emulator
