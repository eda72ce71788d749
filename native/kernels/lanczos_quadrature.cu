// One step of Lanczos' method with full reorthogonalisation (twice), for many vectors at once, a block each. Products come in REAL; the
// Krylov vectors are kept in double. The host defines REAL and THREADS.
#include "arithmetic.cuh"
#include "reduction.cuh"

// What is left of A v beside the basis counts as rounding below this share of the largest ||A v|| (Eigen/Lanczos.cs).
constexpr double EXHAUSTED = 1e-13;

// w = A v_step, less its part along v_0 .. v_step; diagonal[step] is its part along v_step, beside[step] what is left of its length, or 0
// where that is rounding: then nothing that follows counts. v_{step+1} = w / ||w|| goes to basis (V,steps,n) and, in REAL, to vectors (V,n).
// For step = -1 w, (V,n), is the start. coefficients (V,2,steps): diagonal and beside; scales (V): the largest ||A v|| so far. steps
// doubles of shared memory. Blocks: (V).
extern "C" __global__ void __launch_bounds__(THREADS) lanczos_step(
    const REAL* products,
    double* all_w,
    double* all_bases,
    REAL* vectors,
    double* coefficients,
    double* scales,
    int n,
    int steps,
    int step)
{
    extern __shared__ double along[];
    __shared__ double partial[THREADS + 1];
    long long number = blockIdx.x;
    double* w = all_w + (number * n);
    double* basis = all_bases + (number * steps * n);
    REAL* vector = vectors + (number * n);
    double* diagonal = coefficients + (number * 2 * steps);
    double* beside = diagonal + steps;
    double squares = 0;
    for (int i = threadIdx.x; i < n; i += THREADS)
    {
        w[i] = step < 0 ? w[i] : static_cast<double>(products[(number * n) + i]);
        squares = fused(w[i], w[i], squares);
    }

    double norm = root(block_total(squares, partial));
    if (step >= 0)
    {
        double scale = step > 0 && scales[number] > norm ? scales[number] : norm;
        double part = 0;
        for (int pass = 0; pass < 2; pass++)
        {
            // Everyone has read `along` and `scales`, and w is whole.
            __syncthreads();
            for (int j = threadIdx.x / 32; j <= step; j += THREADS / 32)
            {
                const double* v = basis + (static_cast<long long>(j) * n);
                double sum = 0;
                for (int i = threadIdx.x % 32; i < n; i += 32)
                {
                    sum = fused(v[i], w[i], sum);
                }

                sum = warp_total(sum);
                if (threadIdx.x % 32 == 0)
                {
                    along[j] = sum;
                }
            }

            __syncthreads();
            part = part + along[step];
            for (int i = threadIdx.x; i < n; i += THREADS)
            {
                double rest = w[i];
                for (int j = 0; j <= step; j++)
                {
                    rest = fused(-along[j], basis[(static_cast<long long>(j) * n) + i], rest);
                }

                w[i] = rest;
            }
        }

        squares = 0;
        for (int i = threadIdx.x; i < n; i += THREADS)
        {
            squares = fused(w[i], w[i], squares);
        }

        norm = root(block_total(squares, partial));
        norm = norm <= EXHAUSTED * scale ? 0.0 : norm;
        if (threadIdx.x == 0)
        {
            scales[number] = scale;
            diagonal[step] = part;
            beside[step] = norm;
        }
    }

    if (step + 1 < steps)
    {
        for (int i = threadIdx.x; i < n; i += THREADS)
        {
            double entry = norm == 0.0 ? 0.0 : w[i] / norm;
            basis[(static_cast<long long>(step + 1) * n) + i] = entry;
            vector[i] = REAL(entry);
        }
    }
}
