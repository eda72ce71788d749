#include "arithmetic.cuh"
// exp, log and their relatives from additions, multiplications, divisions and fused multiply-adds alone: the same steps as
// Backends/Cpu/Elementary, so the same bits there, on every device and on the emulator. float is computed in double and rounded
// once, except exp.

// c[0] x^(N-1) + ... + c[N-1], even and odd powers in two chains.
template <int N>
__device__ inline double polynomial(const double (&c)[N], double x)
{
    double square = x * x;
    double first = c[0];
    double second = c[1];
    int i = 2;
    for (; i + 1 < N; i += 2)
    {
        first = fused(first, square, c[i]);
        second = fused(second, square, c[i + 1]);
    }

    return i == N ? fused(first, x, second) : fused(second, x, fused(first, square, c[i]));
}

// The nearest integer, ties to even.
__device__ inline double nearest(double x) { return (x + 6755399441055744.0) - 6755399441055744.0; }

__device__ inline double power_of_two(double k)
{
    return __longlong_as_double((static_cast<long long>(k) + 1023) << 52);
}

// x + low = k ln 2 + r + rest; tail = exp(r + rest) - 1 - r.
__device__ inline void reduce(double x, double low, double& k, double& r, double& tail)
{
    constexpr double taylor[] = {
        1 / 6227020800.0, 1 / 479001600.0, 1 / 39916800.0, 1 / 3628800.0, 1 / 362880.0, 1 / 40320.0,
        1 / 5040.0,       1 / 720.0,       1 / 120.0,      1 / 24.0,      1 / 6.0,      1 / 2.0,
    };
    k = nearest(x * 1.4426950408889634);
    r = fused(k, -0.6931471805599453, x);
    double rest = fused(k, -2.3190468138462996e-17, low);
    double series = (r * r) * polynomial(taylor, r);
    tail = series + fused(rest, r + series, rest);
}

__device__ inline double clamped(double x, double smallest)
{
    x = x > 710.0 ? 710.0 : x;
    return smallest > x ? smallest : x;
}

// exp(x + low), |low| far below |x|
__device__ inline double exponential(double x, double low)
{
    x = clamped(x, -746.0);
    if (x != x)
    {
        return x;
    }

    double k, r, tail;
    reduce(x, low, k, r, tail);
    double half = nearest(k * 0.5);
    double first = power_of_two(half);
    double second = power_of_two(k - half);
    return fused(first, r + tail, first) * second;
}

__device__ inline double exponential(double x) { return exponential(x, 0.0); }

// In float arithmetic, within 1 ulp.
__device__ inline float exponential(float z)
{
    float x = z > 89.0f ? 89.0f : z;
    x = -105.0f > x ? -105.0f : x;
    if (x != x)
    {
        return x;
    }

    constexpr float shift = 12582912.0f;
    float k = ((x * static_cast<float>(1.4426950408889634)) + shift) - shift;
    float r = fused(k, static_cast<float>(-0.693147182464599609375), x);
    r = fused(k, static_cast<float>(1.904654299957767e-9), r);
    float square = r * r;
    float even = fused(square, static_cast<float>(1 / 720.0), static_cast<float>(1 / 24.0));
    float odd = fused(square, static_cast<float>(1 / 5040.0), static_cast<float>(1 / 120.0));
    even = fused(even, square, 0.5f);
    odd = fused(odd, square, static_cast<float>(1 / 6.0));
    float series = fused(fused(odd, r, even), square, r);
    float half = ((k * 0.5f) + shift) - shift;
    float first = __int_as_float((static_cast<int>(half) + 127) << 23);
    float second = __int_as_float((static_cast<int>(k - half) + 127) << 23);
    return fused(first, series, first) * second;
}

// exp(x) - 1 = (high + low) factor
__device__ inline void exponential_minus_one_parts(double x, double& high, double& low, double& factor)
{
    double k, r, tail;
    reduce(x, 0.0, k, r, tail);
    double over = k > 1023.0 ? 1.0 : 0.0;
    double scale = power_of_two(k - over);
    factor = power_of_two(over);
    double one = 1.0 / factor;
    double whole = scale - one;
    high = fused(scale, r, whole);
    double lost = fused(scale, r, whole - high);
    low = fused(scale, tail, lost);
}

__device__ inline double exponential_minus_one(double x)
{
    if (x == 0.0 || x != x)
    {
        return x;
    }

    double high, low, factor;
    exponential_minus_one_parts(clamped(x, -50.0), high, low, factor);
    return (high + low) * factor;
}

// e ln 2 + log(1 + f) + correction
__device__ inline double logarithm_of(double e, double f, double correction)
{
    constexpr double area_tangent[] = {
        2 / 21.0, 2 / 19.0, 2 / 17.0, 2 / 15.0, 2 / 13.0, 2 / 11.0, 2 / 9.0, 2 / 7.0, 2 / 5.0, 2 / 3.0,
    };
    double s = f / (f + 2.0);
    double square = s * s;
    double series = square * polynomial(area_tangent, square);
    double half = (f * 0.5) * f;
    double large = e * 0.6931471806019545;
    double high = large + f;
    double lost = (large - high) + f;
    double low = fused(e, -4.2009150726810846e-11, correction);
    low = low + lost;
    low = fused(s, half + series, low);
    return high + (low - half);
}

// u = 2^e (1 + f), u normal
__device__ inline void split(double u, double& e, double& f)
{
    long long bits = __double_as_longlong(u);
    double m = __longlong_as_double((bits & 0x000FFFFFFFFFFFFFLL) | 0x3FF0000000000000LL);
    e = static_cast<double>(((bits >> 52) & 0x7FF) - 1023);
    if (m > 1.4142135623730951)
    {
        m = m * 0.5;
        e = e + 1.0;
    }

    f = m - 1.0;
}

__device__ inline double infinity() { return __longlong_as_double(0x7FF0000000000000LL); }

__device__ inline double not_a_number() { return __longlong_as_double(0x7FF8000000000000LL); }

__device__ inline double at_the_ends(double result, double x, double pole)
{
    result = infinity() > x ? result : x;
    result = x == pole ? -infinity() : result;
    return pole > x ? not_a_number() : result;
}

__device__ inline double logarithm(double x)
{
    bool subnormal = 2.2250738585072014e-308 > x;
    double e, f;
    split(subnormal ? x * 18014398509481984.0 : x, e, f);
    return at_the_ends(logarithm_of(subnormal ? e - 54.0 : e, f, 0.0), x, 0.0);
}

// log(1 + x)
__device__ inline double logarithm_of_one_plus(double x)
{
    double u = 1.0 + x;
    double part = u - 1.0;
    double lost = (1.0 - (u - part)) + (x - part);
    double e, f;
    split(u, e, f);
    double correction = lost / u;
    if (0.25 > magnitude(x))
    {
        e = 0.0;
        f = x;
        correction = 0.0;
    }

    return at_the_ends(x == 0.0 ? x : logarithm_of(e, f, correction), x, -1.0);
}

__device__ inline double hyperbolic_tangent(double x)
{
    double y = magnitude(x);
    y = y > 20.0 ? 20.0 : y;
    if (y != y)
    {
        return x;
    }

    double high, low, factor;
    exponential_minus_one_parts(y * 2.0, high, low, factor);
    double t = high + low;
    double rest_of_t = (high - t) + low;
    double sum = t + 2.0;
    double part = sum - t;
    double rest_of_sum = ((t - (sum - part)) + (2.0 - part)) + rest_of_t;
    double inverse = 1.0 / sum;
    double quotient = t * inverse;
    double remainder = fused(-quotient, sum, t);
    remainder = remainder + fused(-quotient, rest_of_sum, rest_of_t);
    return copysign(fused(remainder, inverse, quotient), x);
}

__device__ inline double logistic(double z)
{
    double e = exponential(-magnitude(z));
    return (0.0 > z ? e : 1.0) / (1.0 + e);
}

// The normal distribution function and density, both good in the left tail.
__device__ inline void normal(double z, double& distribution, double& density)
{
    constexpr double chebyshev[] = {
        4.2514714447963895e-10, 3.1114333809799254e-10,  -5.1739902140113095e-09, -3.744210080962018e-09,
        3.8675334242222354e-08, 2.3263508708859124e-08,  -2.5866850716155884e-07, -5.7218230603224086e-08,
        1.751637648849062e-06,  -9.73559896736775e-07,   -1.1444146237700524e-05, 2.238423915508223e-05,
        5.164909889268241e-05,  -0.0002901540805408417,  0.0002937136655913448,   0.0017556258528952954,
        -0.009746579558029276,  0.028362277418956406,    -0.05869339858963677,    0.09230432116037748,
        -0.10880393014174886,   0.0822767384901452,      0.0035854154854644293,   -0.14024059858554697,
        1.2375126308378275,
    };
    double w = magnitude(z);
    w = w > 39.0 ? 39.0 : w;
    double square = w * w;
    double lost = fused(w, w, -square);
    double bell = exponential(square * -0.5, lost * -0.5);
    density = bell * 0.3989422804014327;
    double x = w * 0.7071067811865476;
    double t = (x - 3.75) / (x + 3.75);
    double scaled = polynomial(chebyshev, t) / fused(x, 2.0, 1.0);
    double tail = (bell * 0.5) * scaled;
    distribution = z > 0.0 ? 1.0 - tail : tail;
}

// sin(x + ahead pi/2), |x| up to 2^20; the platform's own beyond.
__device__ inline double quarter(double x, double ahead)
{
    constexpr double sine_series[] = {
        -1 / 121645100408832000.0, 1 / 355687428096000.0, -1 / 1307674368000.0, 1 / 6227020800.0, -1 / 39916800.0,
        1 / 362880.0,              -1 / 5040.0,           1 / 120.0,            -1 / 6.0,
    };
    constexpr double cosine_series[] = {
        -1 / 6402373705728000.0, 1 / 20922789888000.0, -1 / 87178291200.0, 1 / 479001600.0,
        -1 / 3628800.0,          1 / 40320.0,          -1 / 720.0,         1 / 24.0,
    };
    if (magnitude(x) > 1048576.0)
    {
        return ahead == 0.0 ? sin(x) : cos(x);
    }

    double k = nearest(x * 0.6366197723675814);
    double first = fused(-k, 1.5707963267948966, x);
    double product = -k * 6.123233995736766e-17;
    double low = fused(-k, 6.123233995736766e-17, -product);
    double r = first + product;
    double part = r - first;
    double lost = (first - (r - part)) + (product - part);
    low = fused(-k, -1.4973849048591698e-33, low) + lost;
    double square = r * r;
    double half = square * 0.5;
    double top = 1.0 - half;
    double cube = (square * r) * polynomial(sine_series, square);
    double sine = r + fused(low, top, cube);
    lost = (1.0 - top) - half;
    double fourth = (square * square) * polynomial(cosine_series, square);
    lost = fused(-r, low, lost);
    double cosine = top + (lost + fourth);
    double turned = k + ahead;
    double four = nearest(fused(turned, 0.25, -0.375));
    double quadrant = fused(four, -4.0, turned);
    double value = magnitude(quadrant - 2.0) == 1.0 ? cosine : sine;
    return quadrant > 1.5 ? -value : value;
}

__device__ inline double sine(double x) { return x == 0.0 ? x : quarter(x, 0.0); }

__device__ inline double cosine(double x) { return quarter(x, 1.0); }
