#include "fiber.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <pthread.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if defined(__x86_64__)
// Saves what a call must preserve and the stack pointer, and takes up those of the other stack: some 2 ns, where swapcontext asks the kernel
// for the signal mask. rdi: where to keep the old stack pointer; rsi: the new one.
asm(R"(
    .text
    .p2align 4
    .globl emulator_switch_stack
    .hidden emulator_switch_stack
    .type emulator_switch_stack, @function
emulator_switch_stack:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size emulator_switch_stack, .-emulator_switch_stack
    .p2align 4
    .globl emulator_start_stack
    .hidden emulator_start_stack
    .type emulator_start_stack, @function
emulator_start_stack:
    movq %r12, %rdi
    callq *%rbx
    ud2
    .size emulator_start_stack, .-emulator_start_stack
)");
extern "C" void emulator_switch_stack(void** from, void* to);
extern "C" void emulator_start_stack();
#endif

namespace emulator {

namespace {
constexpr uint64_t stack_mark = 0x6873656b63617473ull;
constexpr size_t guard_size = 4096;
// Stacks begin at whole pages: without a shift of its own each would compete with all others for the same few cache sets.
std::atomic<unsigned> colours{0};
constexpr size_t colour_step = 320, colour_range = 4096;
} // namespace

Fiber::~Fiber() {
    if (stack_ != nullptr) {
        munmap(stack_ - guard_size, stack_size + guard_size);
    }
}

void Fiber::prepare(Entry entry, void* argument) {
    if (stack_ == nullptr) {
        void* memory = mmap(nullptr, stack_size + guard_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) {
            throw std::bad_alloc();
        }
        mprotect(memory, guard_size, PROT_NONE);
        stack_ = static_cast<char*>(memory) + guard_size;
        *reinterpret_cast<uint64_t*>(stack_) = stack_mark;
        colour_ = colours++ * colour_step % colour_range;
    }
    bottom_ = stack_;
    size_ = stack_size;
    sanitizer_stack_ = nullptr;
#if defined(__SANITIZE_ADDRESS__)
    ASAN_UNPOISON_MEMORY_REGION(stack_, stack_size);
#endif
#if defined(__x86_64__)
    // The picture that emulator_switch_stack pops: r15, r14, r13, r12, rbx, rbp, return address. The stack is aligned to 16 at the start routine's call.
    void** top = reinterpret_cast<void**>(stack_ + stack_size - colour_) - 3;
    top[0] = reinterpret_cast<void*>(&emulator_start_stack);
    top[1] = nullptr;
    top[-1] = nullptr;
    top[-2] = reinterpret_cast<void*>(entry);
    top[-3] = argument;
    top[-4] = top[-5] = top[-6] = nullptr;
    pointer_ = top - 6;
#else
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack_;
    context_.uc_stack.ss_size = stack_size;
    context_.uc_link = nullptr;
    auto high = static_cast<unsigned>(reinterpret_cast<uintptr_t>(argument) >> 32), low = static_cast<unsigned>(reinterpret_cast<uintptr_t>(argument));
    static thread_local Entry start;
    start = entry;
    makecontext(&context_, reinterpret_cast<void (*)()>(+[](unsigned h, unsigned l) { start(reinterpret_cast<void*>((static_cast<uintptr_t>(h) << 32) | l)); }), 2, high, low);
#endif
}

bool Fiber::intact() const { return stack_ == nullptr || *reinterpret_cast<const uint64_t*>(stack_) == stack_mark; }

void Fiber::switch_to(Fiber& from, Fiber& to) {
#if defined(__SANITIZE_ADDRESS__)
    if (from.stack_ == nullptr && from.bottom_ == nullptr) {
        pthread_attr_t attributes;
        void* bottom = nullptr;
        pthread_getattr_np(pthread_self(), &attributes);
        pthread_attr_getstack(&attributes, &bottom, &from.size_);
        pthread_attr_destroy(&attributes);
        from.bottom_ = bottom;
    }
    __sanitizer_start_switch_fiber(&from.sanitizer_stack_, to.bottom_, to.size_);
#endif
#if defined(__x86_64__)
    emulator_switch_stack(&from.pointer_, to.pointer_);
#else
    swapcontext(&from.context_, &to.context_);
#endif
    arrived(from);
}

void Fiber::arrived(Fiber& self) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(self.sanitizer_stack_, nullptr, nullptr);
#else
    (void)self;
#endif
}

} // namespace emulator
