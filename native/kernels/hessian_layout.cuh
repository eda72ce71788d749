#include "factors.cuh"
// Where the parts of hessian_factors.cu lie among a replica's rows.

__device__ constexpr int s_row(int m)
{
    int row = 0;
    for (int k = 1; k < m; k++)
    {
        row += width(k) * width(k);
    }

    return row;
}

__device__ constexpr int t_row(int m)
{
    int row = s_row(LAYERS + 1);
    for (int k = 1; k < m; k++)
    {
        row += width(k) * width(k + 1);
    }

    return row;
}

// K_{l,m}; for l = L the end of them all.
__device__ constexpr int k_row(int l, int m)
{
    int row = t_row(LAYERS);
    for (int a = 1; a <= LAYERS; a++)
    {
        for (int b = a + 1; b <= LAYERS; b++)
        {
            if (a == l && b == m)
            {
                return row;
            }

            row += width(a) * width(b);
        }
    }

    return row;
}

// D_{l,m-1}, m > l + 1.
__device__ constexpr int d_row(int l, int m)
{
    int row = k_row(LAYERS, LAYERS);
    for (int a = 1; a <= LAYERS; a++)
    {
        for (int b = a + 2; b <= LAYERS; b++)
        {
            if (a == l && b == m)
            {
                return row;
            }

            row += width(a) * width(b - 1);
        }
    }

    return row;
}

constexpr int CURVATURE_ROWS = d_row(LAYERS, LAYERS);
