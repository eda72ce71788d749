// Trace and squared Frobenius norm of symmetric matrices, by which the eigenvalues of a library are checked. The host defines REAL and
// THREADS.
#include "arithmetic.cuh"
#include "reduction.cuh"

// matrices (R,n,n) to invariants (R,2). A matrix that holds a number that is not finite has invariants that are none, and becomes 0: no
// library says what it does with such a one. A block a matrix.
extern "C" __global__ void __launch_bounds__(THREADS) matrix_invariants(REAL* matrices, double* invariants, int n)
{
    __shared__ double partial[THREADS + 1];
    long long replica = blockIdx.x;
    long long length = static_cast<long long>(n) * n;
    REAL* matrix = matrices + (replica * length);
    double squares = 0;
    for (long long e = threadIdx.x; e < length; e += THREADS)
    {
        double entry = matrix[e];
        squares = fused(entry, entry, squares);
    }

    double trace = 0;
    for (int i = threadIdx.x; i < n; i += THREADS)
    {
        trace = trace + matrix[(static_cast<long long>(i) * n) + i];
    }

    squares = block_total(squares, partial);
    trace = block_total(trace, partial);
    // Infinities and what is none give a difference that is not 0.
    bool sound = squares - squares == 0.0;
    if (threadIdx.x == 0)
    {
        invariants[2 * replica] = sound ? trace : squares - squares;
        invariants[(2 * replica) + 1] = sound ? squares : squares - squares;
    }

    for (long long e = threadIdx.x; e < length && !sound; e += THREADS)
    {
        matrix[e] = 0;
    }
}
