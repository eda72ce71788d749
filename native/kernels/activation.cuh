#include "elementary.cuh"
#include "network.cuh"
// phi, phi' and phi'' of the net's activation. Plain arithmetic runs in REAL, the rest in double and is rounded once.

// phi(z); NaN stays NaN.
__device__ inline REAL activation_value(REAL z)
{
#if ACTIVATION == RELU
    return REAL(0) > z ? REAL(0) : z;
#elif ACTIVATION == TANH
    return REAL(hyperbolic_tangent(z));
#elif ACTIVATION == SIGMOID
    return REAL(logistic(z));
#elif ACTIVATION == SOFTPLUS
    double wide = z;
    return REAL((wide > 0.0 ? wide : 0.0) + logarithm_of_one_plus(exponential(-magnitude(wide))));
#elif ACTIVATION == GELU
    double distribution, density;
    normal(z, distribution, density);
    return REAL(double(z) * distribution);
#elif ACTIVATION == ELU
    return z > REAL(0) ? z : REAL(exponential_minus_one(z));
#elif ACTIVATION == SILU
    return REAL(double(z) * logistic(z));
#elif ACTIVATION == SINE
    return REAL(sine(double(z)));
#elif ACTIVATION == HARDTANH
    REAL upper = z > REAL(1) ? REAL(1) : z;
    return REAL(-1) > upper ? REAL(-1) : upper;
#elif ACTIVATION == LEAKY_RELU
    return z * (z > REAL(0) ? REAL(1) : REAL(0.01));
#else
    return z;
#endif
}

// Whether phi' needs z and not only a = phi(z).
constexpr bool SLOPE_NEEDS_Z =
    ACTIVATION == SOFTPLUS || ACTIVATION == GELU || ACTIVATION == SILU || ACTIVATION == SINE;

// phi'(z) with a = phi(z); z is read only where SLOPE_NEEDS_Z.
__device__ inline REAL activation_slope(REAL z, REAL a)
{
#if ACTIVATION == RELU
    return a > REAL(0) ? REAL(1) : REAL(0);
#elif ACTIVATION == TANH
    return (REAL(1) - a) * (REAL(1) + a);
#elif ACTIVATION == SIGMOID
    return a * (REAL(1) - a);
#elif ACTIVATION == SOFTPLUS
    return REAL(logistic(z));
#elif ACTIVATION == GELU
    double distribution, density;
    normal(z, distribution, density);
    return REAL(fused(double(z), density, distribution));
#elif ACTIVATION == ELU
    return a > REAL(0) ? REAL(1) : a + REAL(1);
#elif ACTIVATION == SILU
    double s = logistic(z);
    return REAL(s * fused(double(z), 1.0 - s, 1.0));
#elif ACTIVATION == SINE
    return REAL(cosine(double(z)));
#elif ACTIVATION == HARDTANH
    return REAL(1) > magnitude(a) ? REAL(1) : REAL(0);
#elif ACTIVATION == LEAKY_RELU
    return a > REAL(0) ? REAL(1) : REAL(0.01);
#else
    return REAL(1);
#endif
}

// phi''(z) with a = phi(z); 0 at the kinks.
__device__ inline REAL activation_bend(REAL z, REAL a)
{
#if ACTIVATION == TANH
    return (a * REAL(-2)) * ((REAL(1) - a) * (REAL(1) + a));
#elif ACTIVATION == SIGMOID
    return (a * (REAL(1) - a)) * (REAL(1) - (a + a));
#elif ACTIVATION == SOFTPLUS || ACTIVATION == SILU
    double e = exponential(-magnitude(double(z)));
    double sum = 1.0 + e;
    double bend = (e / sum) / sum;
#if ACTIVATION == SILU
    double s = logistic(z);
    bend = bend * fused(double(z), 1.0 - (s + s), 2.0);
#endif
    return REAL(bend);
#elif ACTIVATION == GELU
    double distribution, density;
    normal(z, distribution, density);
    return REAL(density * (2.0 - (double(z) * double(z))));
#elif ACTIVATION == ELU
    return a > REAL(0) ? REAL(0) : a + REAL(1);
#elif ACTIVATION == SINE
    return -a;
#else
    return REAL(0);
#endif
}
