#include "arithmetic.cuh"
// Update rules on one parameter, digit for digit those of Backends/Cpu/Updates. The host computes the numbers of a step in double
// and rounds them once (UpdateNumbers.cs); they lie in this order. State vectors are `stride` apart.
#define RULE_SGD 0
#define RULE_MOMENTUM 1
#define RULE_NESTEROV 2
#define RULE_ADAM 3
#define RULE_ADAMW 4
#define RULE_RMSPROP 5
#define RULE_ADAGRAD 6
#define RULE_MASS 7
#define RULE_PNM 8
#define RULE_ADAPNM 9
#define RULE_SIGN_SGD 10

// Whether the gradient is taken at theta + state 0.
constexpr bool LOOKS_AHEAD = RULE == RULE_MASS;

// theta after the update that follows `step` updates.
__device__ inline REAL updated(REAL theta, REAL g, REAL* state, int stride, const REAL* number, int step)
{
#if RULE == RULE_SGD
    // -eta, lambda
    REAL d = number[1] != REAL(0) ? fused(theta, number[1], g) : g;
    return fused(d, number[0], theta);
#elif RULE == RULE_MOMENTUM
    // -eta, mu, 1 - tau, lambda
    REAL d = fused(number[3], theta, g);
    REAL m = fused(number[2], d, number[1] * state[0]);
    state[0] = m;
    return fused(number[0], m, theta);
#elif RULE == RULE_NESTEROV
    // -eta, mu, lambda
    REAL d = fused(number[2], theta, g);
    REAL m = fused(number[1], state[0], d);
    state[0] = m;
    return fused(number[0], fused(number[1], m, d), theta);
#elif RULE == RULE_ADAM || RULE == RULE_ADAMW
    // -eta / (1 - beta1^(t+1)), beta1, 1 - beta1, beta2, 1 - beta2, 1 / sqrt(1 - beta2^(t+1)), epsilon,
    // lambda (adam) or 1 - eta lambda (adamw)
#if RULE == RULE_ADAMW
    theta = number[7] * theta;
    REAL d = fused(REAL(0), theta, g);
#else
    REAL d = fused(number[7], theta, g);
#endif
    REAL m = fused(number[2], d, number[1] * state[0]);
    REAL square = d * d;
    REAL v = fused(number[4], square, number[3] * state[stride]);
    state[0] = m;
    state[stride] = v;
    REAL divisor = fused(root(v), number[5], number[6]);
    return fused(number[0], m / divisor, theta);
#elif RULE == RULE_RMSPROP
    // -eta, alpha, 1 - alpha, epsilon
    REAL v = fused(number[2], g * g, number[1] * state[0]);
    state[0] = v;
    return fused(number[0], g / (root(v) + number[3]), theta);
#elif RULE == RULE_ADAGRAD
    // -eta, epsilon
    REAL v = fused(g, g, state[0]);
    state[0] = v;
    return fused(number[0], g / (root(v) + number[1]), theta);
#elif RULE == RULE_MASS
    // -eta1, eta2, gamma
    REAL moved = fused(number[0], g, theta + state[0]);
    REAL compensation = number[1] * g;
    state[0] = fused(number[2], moved - theta, compensation);
    return moved;
#elif RULE == RULE_PNM
    // beta1^2, 1 - beta1^2, -eta (1 + beta0) / c, eta beta0 / c, 1 - eta lambda
    REAL* fresh = state + ((step % 2) * stride);
    REAL other = state[(1 - (step % 2)) * stride];
    REAL m = fused(number[1], g, number[0] * *fresh);
    *fresh = m;
    return fused(number[2], m, fused(number[3], other, number[4] * theta));
#elif RULE == RULE_ADAPNM
    // beta1^2, 1 - beta1^2, beta2, 1 - beta2, eta' (1 + beta0) / c, -eta' beta0 / c, 1 / sqrt(1 - beta2^(t+1)), epsilon
    REAL* fresh = state + ((step % 2) * stride);
    REAL other = state[(1 - (step % 2)) * stride];
    REAL m = fused(number[1], g, number[0] * *fresh);
    REAL square = g * g;
    REAL v = fused(number[3], square, number[2] * state[2 * stride]);
    REAL before = state[3 * stride];
    REAL largest = before > v ? before : v;
    *fresh = m;
    state[2 * stride] = v;
    state[3 * stride] = largest;
    REAL divisor = fused(root(largest), number[6], number[7]);
    REAL direction = fused(number[4], m, number[5] * other);
    return theta - (direction / divisor);
#else
    // -eta
    REAL sign = magnitude(g) > REAL(0) ? signed_as(REAL(1), g) : g;
    return fused(number[0], sign, theta);
#endif
}
