// What NVRTC knows without an include, for g++. Included before every kernel text.
#pragma once
#include "context.h"

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;

#define __CUDACC_RTC__ 1
#define __CUDACC__ 1

// __global__, __shared__, __constant__ and __device__ of a variable are rewritten by the translation (translation.cpp) before g++ sees them.
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__
#define __builtin_assume(condition) static_cast<void>(0)
#define __assume(condition) static_cast<void>(0)

#include "vector_types.h"
#include "mathematics.h"
#include "atomics.h"

extern "C" int printf(const char*, ...);

// The copy's own context and the memory behind `extern __shared__`.
extern "C" {
__attribute__((visibility("hidden"))) emulated::Context emulated_context = {};
__attribute__((visibility("hidden"), aligned(1024))) unsigned char emulated_dynamic_shared[emulated::dynamic_shared_capacity] = {};
}

#define threadIdx (emulated_context.thread->index)
#define blockIdx (static_cast<const emulated::Index&>(emulated_context.block))
#define blockDim (static_cast<const emulated::Index&>(emulated_context.block_extent))
#define gridDim (static_cast<const emulated::Index&>(emulated_context.grid_extent))
#define warpSize 32

#define assert(condition)                                                                                                      \
    ((condition) ? static_cast<void>(0) : emulated_context.fail(emulated_context.runner, 710, "assertion failed: " #condition, __FILE__, __LINE__))
#define __trap() emulated_context.fail(emulated_context.runner, 715, "__trap()", __FILE__, __LINE__)

static inline void __syncthreads() { emulated_context.barrier(emulated_context.runner, emulated::barrier_only, 0); }
static inline int __syncthreads_count(int predicate) { return emulated_context.barrier(emulated_context.runner, emulated::barrier_count, predicate != 0); }
static inline int __syncthreads_and(int predicate) { return emulated_context.barrier(emulated_context.runner, emulated::barrier_and, predicate != 0); }
static inline int __syncthreads_or(int predicate) { return emulated_context.barrier(emulated_context.runner, emulated::barrier_or, predicate != 0); }
static inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __nanosleep(unsigned) {}

#if defined(__x86_64__)
static inline long long clock64() { return (long long)__builtin_ia32_rdtsc(); }
#else
static long long emulated_clock = 0;
static inline long long clock64() { return __atomic_add_fetch(&emulated_clock, 1, __ATOMIC_RELAXED); }
#endif
static inline int clock() { return (int)clock64(); }

template <class T>
static inline T __ldg(const T* address) {
    return *address;
}
template <class T>
static inline T __ldcg(const T* address) {
    return *address;
}
template <class T>
static inline T __ldcs(const T* address) {
    return *address;
}
template <class T>
static inline void __stcs(T* address, T value) {
    *address = value;
}
template <class T>
static inline void __stcg(T* address, T value) {
    *address = value;
}

// Warps. Every lane named by the mask that has not left the kernel must arrive.
static inline unsigned long long emulated_collective(emulated::WarpOperation operation, unsigned mask, unsigned long long value, unsigned parameter = 0, unsigned width = 32) {
    return emulated_context.collective(emulated_context.runner, operation, mask, value, parameter, width);
}

template <class T>
static inline T emulated_shuffle(emulated::WarpOperation operation, unsigned mask, T value, unsigned parameter, int width) {
    static_assert(sizeof(T) <= 8);
    unsigned long long word = 0;
    __builtin_memcpy(&word, &value, sizeof(T));
    word = emulated_collective(operation, mask, word, parameter, (unsigned)width);
    __builtin_memcpy(&value, &word, sizeof(T));
    return value;
}

template <class T>
static inline T __shfl_sync(unsigned mask, T value, int lane, int width = 32) {
    return emulated_shuffle(emulated::shuffle_index, mask, value, (unsigned)lane, width);
}
template <class T>
static inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    return emulated_shuffle(emulated::shuffle_up, mask, value, delta, width);
}
template <class T>
static inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    return emulated_shuffle(emulated::shuffle_down, mask, value, delta, width);
}
template <class T>
static inline T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
    return emulated_shuffle(emulated::shuffle_xor, mask, value, (unsigned)lanes, width);
}
static inline void __syncwarp(unsigned mask = 0xffffffffu) { emulated_collective(emulated::synchronize, mask, 0); }
static inline unsigned __ballot_sync(unsigned mask, int predicate) { return (unsigned)emulated_collective(emulated::ballot, mask, predicate != 0); }
static inline int __any_sync(unsigned mask, int predicate) { return (int)emulated_collective(emulated::vote_any, mask, predicate != 0); }
static inline int __all_sync(unsigned mask, int predicate) { return (int)emulated_collective(emulated::vote_all, mask, predicate != 0); }
template <class T>
static inline unsigned __match_any_sync(unsigned mask, T value) {
    return (unsigned)emulated_shuffle<unsigned long long>(emulated::match_any, mask, sizeof(T) == 8 ? emulated_bits<unsigned long long>(value) : (unsigned long long)value, 0, 32);
}
static inline unsigned __reduce_add_sync(unsigned mask, unsigned value) { return (unsigned)emulated_collective(emulated::reduce_add, mask, value); }
static inline unsigned __reduce_min_sync(unsigned mask, unsigned value) { return (unsigned)emulated_collective(emulated::reduce_min, mask, value); }
static inline unsigned __reduce_max_sync(unsigned mask, unsigned value) { return (unsigned)emulated_collective(emulated::reduce_max, mask, value); }
// One fiber runs at a time, so the only lane that is certainly active is the caller's.
static inline unsigned __activemask() { return 1u << (emulated_context.thread->linear % 32); }

// Listing of kernels: what the driver needs to call one with an array of pointers to its arguments.
namespace emulated {
template <size_t... I>
struct Indices {};
template <auto kernel>
struct Entry;
template <class... Parameters, void (*kernel)(Parameters...)>
struct Entry<kernel> {
    static constexpr unsigned count = sizeof...(Parameters);
    static constexpr unsigned sizes[] = {(unsigned)sizeof(Parameters)..., 0};
    template <size_t... I>
    static inline void call(void** arguments, Indices<I...>) {
        kernel(*static_cast<Parameters*>(arguments[I])...);
    }
    static void invoke(void** arguments) { call(arguments, Indices<__integer_pack(sizeof...(Parameters))...>{}); }
    static constexpr KernelEntry entry(const char* name, unsigned maximum_threads) { return {name, invoke, count, sizes, maximum_threads}; }
};
} // namespace emulated
