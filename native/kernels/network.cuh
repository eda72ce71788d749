// The net's shape as constants. The host defines REAL, LAYERS, WIDTHS (d_0, ..., d_L), BIASES (0 or 1 a layer), ACTIVATION and
// LOSS (numbers of the enumerations in Networks/Network.cs), THREADS (of a block) and SAMPLES (worked on at once).
#define RELU 0
#define TANH 1
#define SIGMOID 2
#define SOFTPLUS 3
#define GELU 4
#define ELU 5
#define SILU 6
#define SINE 7
#define HARDTANH 8
#define LEAKY_RELU 9
#define IDENTITY 10

#define CROSS_ENTROPY 0
#define MSE 1
#define HALF_SQUARED_ERROR 2
#define LOGISTIC 3

// d_l, l = 0 .. L
__device__ constexpr int width(int l)
{
    constexpr int all[] = {WIDTHS};
    return all[l];
}

// Whether layer l = 1 .. L has a bias: 0 or 1.
__device__ constexpr int bias(int l)
{
    constexpr int all[] = {BIASES};
    return all[l - 1];
}

// Where W_l begins in the flat order; for l = L + 1 the number of parameters.
__device__ constexpr int weight_offset(int l)
{
    int offset = 0;
    for (int m = 1; m < l; m++)
    {
        offset += width(m) * (width(m - 1) + bias(m));
    }

    return offset;
}

// Where b_l would begin.
__device__ constexpr int bias_offset(int l)
{
    return weight_offset(l) + (width(l) * width(l - 1));
}

constexpr int PARAMETERS = weight_offset(LAYERS + 1);
constexpr int OUTPUTS = width(LAYERS);

// Numbers of one target: the class, or a row.
constexpr int TARGETS = LOSS == CROSS_ENTROPY ? 1 : OUTPUTS;

__device__ constexpr int widest_hidden()
{
    int widest = 0;
    for (int l = 1; l < LAYERS; l++)
    {
        widest = width(l) > widest ? width(l) : widest;
    }

    return widest;
}

// Place of the weight (l, i, j) in the flat order; j = d_{l-1} is the bias.
__device__ constexpr int place(int l, int i, int j)
{
    return j < width(l - 1) ? weight_offset(l) + (i * width(l - 1)) + j : bias_offset(l) + i;
}
