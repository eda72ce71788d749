// What the device can do at most: multiply-adds from registers, and copies through its memory. `hesse bench` measures its kernels against these.

constexpr int CHAINS = 16;

// CHAINS independent chains of multiply-adds a thread: more than the pipeline is long. The result is kept so that nothing is left out.
extern "C" __global__ void __launch_bounds__(256) multiply_add(REAL* results, int rounds)
{
    REAL chain[CHAINS];
    REAL factor = REAL(1) - REAL(0.0001) * REAL(threadIdx.x % 7 + 1);
#pragma unroll
    for (int c = 0; c < CHAINS; c++)
    {
        chain[c] = REAL(c + 1);
    }

    for (int round = 0; round < rounds; round++)
    {
#pragma unroll
        for (int c = 0; c < CHAINS; c++)
        {
            chain[c] = fma(chain[c], factor, REAL(0.5));
        }
    }

    REAL sum = 0;
#pragma unroll
    for (int c = 0; c < CHAINS; c++)
    {
        sum += chain[c];
    }

    results[static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x] = sum;
}

// to[i] = from[i], 16 bytes a thread and turn.
extern "C" __global__ void __launch_bounds__(256) copy(const float4* from, float4* to, long long count)
{
    long long stride = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride)
    {
        to[i] = from[i];
    }
}
