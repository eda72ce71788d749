// Forward and backward pass of all samples between the products of cuBLAS, for nets that do not fit in shared memory. What comes of them has the
// places of factors.cuh, `samples` numbers a row and `stride` numbers a replica; who wants losses alone has the rows up to delta_L. A product gives
// W_l a_{l-1} where a_l will lie, the last one where delta_L will lie, and W_l^T delta_l where factors.cuh has it. Targets lie turned, (R,TARGETS,samples).
#include "factors.cuh"

__device__ inline Factors rows_of(REAL* rows, long long stride, int samples)
{
    return {rows + (blockIdx.y * stride), samples};
}

__device__ inline REAL* targets_of(REAL* turned, int samples)
{
    return turned + (static_cast<long long>(blockIdx.y) * TARGETS * samples);
}

// a_0 and targets of `count` samples from number `first` of all `total`. Blocks: (pieces of samples d_0, R).
extern "C" __global__ void __launch_bounds__(THREADS) take_samples(
    const REAL* inputs,
    const REAL* targets,
    REAL* rows,
    long long stride,
    int samples,
    REAL* turned,
    int own_data,
    int total,
    int first,
    int count)
{
    long long replica = blockIdx.y;
    Factors factors = rows_of(rows, stride, samples);
    inputs += ((own_data * replica * total) + first) * width(0);
    targets += ((own_data * replica * total) + first) * TARGETS;
    long long inputs_end = static_cast<long long>(count) * width(0);
    for (long long e = (static_cast<long long>(blockIdx.x) * THREADS) + threadIdx.x; e < inputs_end; e += static_cast<long long>(gridDim.x) * THREADS)
    {
        factors.at(static_cast<int>(e / count), static_cast<int>(e % count)) = inputs[((e % count) * width(0)) + (e / count)];
    }

    long long targets_end = static_cast<long long>(count) * TARGETS;
    for (long long e = (static_cast<long long>(blockIdx.x) * THREADS) + threadIdx.x; e < targets_end; e += static_cast<long long>(gridDim.x) * THREADS)
    {
        targets_of(turned, samples)[((e / count) * samples) + (e % count)] = targets[((e % count) * TARGETS) + (e / count)];
    }
}

template <int L>
__device__ inline void finish_layer(const REAL* parameters, const Factors& factors, int layer, int count, int keep)
{
    if (layer == L)
    {
        long long end = static_cast<long long>(count) * width(L);
        for (long long e = (static_cast<long long>(blockIdx.x) * THREADS) + threadIdx.x; e < end; e += static_cast<long long>(gridDim.x) * THREADS)
        {
            int i = static_cast<int>(e / count);
            int n = static_cast<int>(e % count);
            REAL& place = factors.at(activation_rows(L) + i, n);
            REAL z = bias(L) == 1 ? place + parameters[bias_offset(L) + i] : place;
            REAL a = activation_value(z);
            place = a;
            if (keep != 0)
            {
                factors.at(slope_rows(L) + i, n) = activation_slope(z, a);
                factors.at(bend_rows(L) + i, n) = activation_bend(z, a);
            }
        }
    }
    else if constexpr (L + 1 < LAYERS)
    {
        finish_layer<L + 1>(parameters, factors, layer, count, keep);
    }
}

// a_l = phi(z_l + b_l) of hidden layer `layer`, with phi' and phi'' where they are kept. Blocks: (pieces of samples d_l, R).
extern "C" __global__ void __launch_bounds__(THREADS) hidden_layer(
    const REAL* parameters,
    REAL* rows,
    long long stride,
    int samples,
    int layer,
    int count,
    int keep)
{
    if constexpr (LAYERS > 1)
    {
        finish_layer<1>(parameters + (static_cast<long long>(blockIdx.y) * PARAMETERS), rows_of(rows, stride, samples), layer, count, keep);
    }
}

// z_L + b_L in the place of z_L, and to logits (R,N,C) where they are wanted. Blocks: (pieces of samples C, R).
extern "C" __global__ void __launch_bounds__(THREADS) output_layer(
    const REAL* parameters,
    REAL* rows,
    long long stride,
    int samples,
    REAL* logits,
    int count)
{
    long long replica = blockIdx.y;
    Factors factors = rows_of(rows, stride, samples);
    long long end = static_cast<long long>(count) * OUTPUTS;
    for (long long e = (static_cast<long long>(blockIdx.x) * THREADS) + threadIdx.x; e < end; e += static_cast<long long>(gridDim.x) * THREADS)
    {
        int i = static_cast<int>(e / count);
        int n = static_cast<int>(e % count);
        REAL& place = factors.at(delta_rows(LAYERS) + i, n);
        place = bias(LAYERS) == 1 ? place + parameters[(replica * PARAMETERS) + bias_offset(LAYERS) + i] : place;
        if (logits != nullptr)
        {
            logits[(((replica * samples) + n) * OUTPUTS) + i] = place;
        }
    }
}

// delta_L / divisor in the place of z_L, and what the second derivative of the loss is made of. A thread a sample. Blocks: (pieces of samples, R).
extern "C" __global__ void __launch_bounds__(THREADS) output_deltas(REAL* rows, long long stride, int samples, REAL* turned, int count, int divisor)
{
    Factors factors = rows_of(rows, stride, samples);
    for (int n = (blockIdx.x * THREADS) + threadIdx.x; n < count; n += gridDim.x * THREADS)
    {
        keep_output(&factors.at(delta_rows(LAYERS), n), targets_of(turned, samples) + n, samples, factors, n, REAL(divisor));
    }
}

template <int L>
__device__ inline void finish_deltas(const Factors& factors, int layer, int count)
{
    if (layer == L)
    {
        long long end = static_cast<long long>(count) * width(L);
        for (long long e = (static_cast<long long>(blockIdx.x) * THREADS) + threadIdx.x; e < end; e += static_cast<long long>(gridDim.x) * THREADS)
        {
            int i = static_cast<int>(e / count);
            int n = static_cast<int>(e % count);
            REAL back = factors.at(back_rows(L) + i, n);
            REAL a = factors.at(activation_rows(L) + i, n);
            // Not a product for relu: an infinite sum behind a dead unit is 0.
            factors.at(delta_rows(L) + i, n) =
                ACTIVATION == RELU ? (a > REAL(0) ? back : REAL(0)) : back * factors.at(slope_rows(L) + i, n);
        }
    }
    else if constexpr (L + 1 < LAYERS)
    {
        finish_deltas<L + 1>(factors, layer, count);
    }
}

// delta_l from W_{l+1}^T delta_{l+1}. Blocks: (pieces of samples d_l, R).
extern "C" __global__ void __launch_bounds__(THREADS) hidden_deltas(REAL* rows, long long stride, int samples, int layer, int count)
{
    if constexpr (LAYERS > 1)
    {
        finish_deltas<1>(rows_of(rows, stride, samples), layer, count);
    }
}

template <int L>
__device__ inline void add_deltas(const Factors& factors, REAL* gradient, int unit)
{
    if (unit < width(L))
    {
        REAL sum = 0;
        for (int n = 0; n < factors.samples && bias(L) == 1; n++)
        {
            sum = sum + factors.at(delta_rows(L) + unit, n);
        }

        if (bias(L) == 1)
        {
            gradient[bias_offset(L) + unit] = sum;
        }
    }
    else if constexpr (L < LAYERS)
    {
        add_deltas<L + 1>(factors, gradient, unit - width(L));
    }
}

// Gradients of the biases, samples ascending, beside those of the weights, (R,P). A thread a unit of any layer. Blocks: (pieces of units, R).
extern "C" __global__ void __launch_bounds__(THREADS) bias_gradients(REAL* rows, long long stride, int samples, REAL* gradients)
{
    for (int unit = (blockIdx.x * THREADS) + threadIdx.x; unit < units(1, LAYERS); unit += gridDim.x * THREADS)
    {
        add_deltas<1>(rows_of(rows, stride, samples), gradients + (static_cast<long long>(blockIdx.y) * PARAMETERS), unit);
    }
}

// Sums of losses and right answers (R) go on with `count` samples, ascending; the first of them begin at 0. One block a replica.
extern "C" __global__ void __launch_bounds__(THREADS) add_losses(
    REAL* rows,
    long long stride,
    int samples,
    REAL* turned,
    REAL* losses,
    REAL* rights,
    int first,
    int count)
{
    __shared__ REAL own_losses[THREADS];
    __shared__ REAL own_rights[THREADS];
    Factors factors = rows_of(rows, stride, samples);
    REAL loss = first == 0 ? REAL(0) : losses[blockIdx.y];
    REAL right = first == 0 ? REAL(0) : rights[blockIdx.y];
    for (int from = 0; from < count; from += THREADS)
    {
        int n = from + threadIdx.x;
        __syncthreads();
        if (n < count)
        {
            REAL* z = &factors.at(delta_rows(LAYERS), n);
            const REAL* target = targets_of(turned, samples) + n;
            own_rights[threadIdx.x] = is_right(z, target, samples) ? REAL(1) : REAL(0);
            own_losses[threadIdx.x] = sample_loss(z, target, samples);
        }

        __syncthreads();
        for (int i = 0; threadIdx.x == 0 && i < THREADS && from + i < count; i++)
        {
            loss = loss + own_losses[i];
            right = right + own_rights[i];
        }
    }

    if (threadIdx.x == 0)
    {
        losses[blockIdx.y] = loss;
        rights[blockIdx.y] = right;
    }
}
