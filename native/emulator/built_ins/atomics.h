// CUDA's atomics. Blocks may run on several host threads, so they are atomic here too; each returns the value before.
#pragma once

template <size_t size>
struct EmulatedWord {
    using type = unsigned;
};
template <>
struct EmulatedWord<8> {
    using type = unsigned long long;
};

template <class T, class Change>
static inline T emulated_exchange(T* address, Change change) {
    using Word = typename EmulatedWord<sizeof(T)>::type;
    Word* word = reinterpret_cast<Word*>(address);
    Word before = __atomic_load_n(word, __ATOMIC_RELAXED);
    for (;;) {
        T old = emulated_bits<T>(before);
        Word after = emulated_bits<Word>(change(old));
        if (__atomic_compare_exchange_n(word, &before, after, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            return old;
        }
    }
}

#define EMULATED_ATOMIC(name, type, expression)                                                                                \
    static inline type name(type* address, type value) {                                                                        \
        return emulated_exchange(address, [=](type old) -> type { return expression; });                                        \
    }
#define EMULATED_ATOMICS(type)                                                                                                 \
    EMULATED_ATOMIC(atomicMin, type, old < value ? old : value)                                                                 \
    EMULATED_ATOMIC(atomicMax, type, old < value ? value : old)                                                                 \
    EMULATED_ATOMIC(atomicAnd, type, old & value)                                                                               \
    EMULATED_ATOMIC(atomicOr, type, old | value)                                                                                \
    EMULATED_ATOMIC(atomicXor, type, old ^ value)
EMULATED_ATOMICS(int) EMULATED_ATOMICS(unsigned) EMULATED_ATOMICS(long long) EMULATED_ATOMICS(unsigned long long)
#undef EMULATED_ATOMICS
EMULATED_ATOMIC(atomicAdd, int, old + value)
EMULATED_ATOMIC(atomicAdd, unsigned, old + value)
EMULATED_ATOMIC(atomicAdd, unsigned long long, old + value)
EMULATED_ATOMIC(atomicAdd, float, old + value)
EMULATED_ATOMIC(atomicAdd, double, old + value)
EMULATED_ATOMIC(atomicSub, int, old - value)
EMULATED_ATOMIC(atomicSub, unsigned, old - value)
EMULATED_ATOMIC(atomicExch, int, ((void)old, value))
EMULATED_ATOMIC(atomicExch, unsigned, ((void)old, value))
EMULATED_ATOMIC(atomicExch, unsigned long long, ((void)old, value))
EMULATED_ATOMIC(atomicExch, float, ((void)old, value))
EMULATED_ATOMIC(atomicInc, unsigned, old >= value ? 0 : old + 1)
EMULATED_ATOMIC(atomicDec, unsigned, old == 0 || old > value ? value : old - 1)
#undef EMULATED_ATOMIC

#define EMULATED_SWAP(type)                                                                                                    \
    static inline type atomicCAS(type* address, type expected, type value) {                                                    \
        return emulated_exchange(address, [=](type old) -> type { return old == expected ? value : old; });                     \
    }
EMULATED_SWAP(int) EMULATED_SWAP(unsigned) EMULATED_SWAP(unsigned long long)
#undef EMULATED_SWAP
