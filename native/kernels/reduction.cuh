// Sums and the like over the threads of a block and of a warp, in one fixed order. The host defines THREADS, a multiple of 32.

// Combines the lanes' values, the same for all of them.
template <class Number, class Combine>
__device__ inline Number warp_combined(Number value, Combine combine)
{
    for (int lanes = 16; lanes > 0; lanes /= 2)
    {
        value = combine(value, __shfl_xor_sync(0xFFFFFFFFu, value, lanes));
    }

    return value;
}

// Combines the threads' values, the same for all of them; partial has room for THREADS + 1 numbers. The first warp does it.
template <class Number, class Combine>
__device__ inline Number block_combined(Number value, Number* partial, Combine combine)
{
    partial[threadIdx.x] = value;
    __syncthreads();
    if (threadIdx.x < 32)
    {
        for (int t = threadIdx.x + 32; t < THREADS; t += 32)
        {
            value = combine(value, partial[t]);
        }

        value = warp_combined(value, combine);
        if (threadIdx.x == 0)
        {
            partial[THREADS] = value;
        }
    }

    __syncthreads();
    return partial[THREADS];
}

template <class Number>
__device__ inline Number warp_total(Number value)
{
    return warp_combined(value, [](Number a, Number b) { return a + b; });
}

template <class Number>
__device__ inline Number block_total(Number value, Number* partial)
{
    return block_combined(value, partial, [](Number a, Number b) { return a + b; });
}

// The largest; not a number where any is none.
template <class Number>
__device__ inline Number block_largest(Number value, Number* partial)
{
    return block_combined(value, partial, [](Number a, Number b) { return a != a || a > b ? a : b; });
}
