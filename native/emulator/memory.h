// Device memory: heap blocks of their own with canaries around them, filled with a NaN pattern.
#pragma once
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace emulator {

class DeviceMemory {
public:
    // Filled with one byte; 0 when `capacity` would be exceeded.
    unsigned long long allocate(size_t size, size_t capacity, unsigned char fill);
    // False if there is no such allocation; `damage` says which canary was overwritten.
    bool release(unsigned long long address, std::string& damage);
    // Whether [address, address + size) lies in one allocation.
    bool contains(unsigned long long address, size_t size);
    // The allocation that holds the address: its start and size. False if there is none.
    bool find(unsigned long long address, unsigned long long& start, size_t& size);
    // A sentence about the first overwritten canary, or nothing.
    std::string damage();
    size_t used();

private:
    std::mutex mutex_;
    std::map<unsigned long long, size_t> allocations_; // start -> size
    size_t used_ = 0;
};

} // namespace emulator
