// CUDA's vector types, with CUDA's sizes and alignments.
#pragma once

#define EMULATED_VECTOR(scalar, name, align2, align4)                                                                          \
    struct name##1 {                                                                                                            \
        scalar x;                                                                                                               \
    };                                                                                                                          \
    struct alignas(align2) name##2 {                                                                                            \
        scalar x, y;                                                                                                            \
    };                                                                                                                          \
    struct name##3 {                                                                                                            \
        scalar x, y, z;                                                                                                         \
    };                                                                                                                          \
    struct alignas(align4) name##4 {                                                                                            \
        scalar x, y, z, w;                                                                                                      \
    };                                                                                                                          \
    static inline name##1 make_##name##1(scalar x) { return {x}; }                                                              \
    static inline name##2 make_##name##2(scalar x, scalar y) { return {x, y}; }                                                 \
    static inline name##3 make_##name##3(scalar x, scalar y, scalar z) { return {x, y, z}; }                                    \
    static inline name##4 make_##name##4(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }

EMULATED_VECTOR(signed char, char, 2, 4)
EMULATED_VECTOR(unsigned char, uchar, 2, 4)
EMULATED_VECTOR(short, short, 4, 8)
EMULATED_VECTOR(unsigned short, ushort, 4, 8)
EMULATED_VECTOR(int, int, 8, 16)
EMULATED_VECTOR(unsigned int, uint, 8, 16)
EMULATED_VECTOR(long long, longlong, 16, 16)
EMULATED_VECTOR(unsigned long long, ulonglong, 16, 16)
EMULATED_VECTOR(float, float, 8, 16)
EMULATED_VECTOR(double, double, 16, 16)
#undef EMULATED_VECTOR

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
