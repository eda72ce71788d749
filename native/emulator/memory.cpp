#include "memory.h"

#include <cstdlib>
#include <cstring>

namespace emulator {

namespace {

constexpr size_t alignment = 256; // as cuMemAlloc promises
constexpr unsigned char canary = 0xC5;

bool intact(const unsigned char* zone, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (zone[i] != canary) {
            return false;
        }
    }
    return true;
}

std::string inspect(unsigned long long address, size_t size) {
    auto* start = reinterpret_cast<const unsigned char*>(address);
    std::string side = !intact(start - alignment, alignment) ? "before" : !intact(start + size, alignment) ? "behind" : "";
    return side.empty() ? "" : "a write " + side + " the " + std::to_string(size) + " bytes of a device allocation";
}

} // namespace

unsigned long long DeviceMemory::allocate(size_t size, size_t capacity, unsigned char fill) {
    std::lock_guard lock(mutex_);
    if (size > capacity || used_ > capacity - size) {
        return 0;
    }
    size_t whole = (size + alignment - 1) / alignment * alignment + 2 * alignment;
    auto* block = static_cast<unsigned char*>(std::aligned_alloc(alignment, whole));
    if (block == nullptr) {
        return 0;
    }
    unsigned char* start = block + alignment;
    std::memset(block, canary, alignment);
    std::memset(start, fill, size);
    std::memset(start + size, canary, block + whole - (start + size));
    auto address = reinterpret_cast<unsigned long long>(start);
    allocations_[address] = size;
    used_ += size;
    return address;
}

bool DeviceMemory::release(unsigned long long address, std::string& damage) {
    std::lock_guard lock(mutex_);
    auto found = allocations_.find(address);
    if (found == allocations_.end()) {
        return false;
    }
    damage = inspect(found->first, found->second);
    used_ -= found->second;
    std::free(reinterpret_cast<unsigned char*>(address) - alignment);
    allocations_.erase(found);
    return true;
}

bool DeviceMemory::find(unsigned long long address, unsigned long long& start, size_t& size) {
    std::lock_guard lock(mutex_);
    auto after = allocations_.upper_bound(address);
    if (after == allocations_.begin()) {
        return false;
    }
    --after;
    start = after->first;
    size = after->second;
    return address - start < size;
}

bool DeviceMemory::contains(unsigned long long address, size_t size) {
    unsigned long long start;
    size_t whole;
    return find(address, start, whole) && size <= whole - (address - start);
}

std::string DeviceMemory::damage() {
    std::lock_guard lock(mutex_);
    for (auto [address, size] : allocations_) {
        if (std::string text = inspect(address, size); !text.empty()) {
            return text;
        }
    }
    return "";
}

size_t DeviceMemory::used() {
    std::lock_guard lock(mutex_);
    return used_;
}

} // namespace emulator
