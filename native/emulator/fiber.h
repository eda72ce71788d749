// A fiber: a stack of its own and the place where it stopped. One runs for each CUDA thread that waits.
#pragma once
#include <cstddef>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace emulator {

class Fiber {
public:
    using Entry = void (*)(void* argument);

    // A fiber with a stack that starts at entry(argument) when it is switched to. Entry never returns.
    Fiber() = default;
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    // (Re)sets the fiber to its beginning; allocates the stack the first time.
    void prepare(Entry entry, void* argument);

    // Leaves `from` and goes on in `to`; returns when something switches back to `from`.
    static void switch_to(Fiber& from, Fiber& to);

    // Whether the stack's last words still hold their mark.
    bool intact() const;

    // To be called first on a new stack: tells AddressSanitizer that the switch is done.
    static void arrived(Fiber& self);

    static constexpr size_t stack_size = 256 * 1024;

private:
    char* stack_ = nullptr; // nullptr for the host thread's own stack
    size_t colour_ = 0;
#if defined(__x86_64__)
    void* pointer_ = nullptr;
#else
    ucontext_t context_;
#endif
    void* sanitizer_stack_ = nullptr;
    const void* bottom_ = nullptr;
    size_t size_ = 0;
};

} // namespace emulator
