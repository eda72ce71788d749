// Random numbers and mini-batches, bit for bit those of the host (docs/numerics.md, section 8).
#define ORDER_EPOCHS 0
#define ORDER_WITH_REPLACEMENT 1
#define ORDER_SEQUENTIAL 2
#define ORDER_FULL 3

struct Words
{
    unsigned int x[4];
};

// Philox4x32-10 with key (seed low, seed high) and counter (element, step, replica, stream).
__device__ inline Words philox(
    unsigned long long seed,
    unsigned int element,
    unsigned int step,
    unsigned int replica,
    unsigned int stream)
{
    unsigned int c0 = element, c1 = step, c2 = replica, c3 = stream;
    unsigned int k0 = static_cast<unsigned int>(seed), k1 = static_cast<unsigned int>(seed >> 32);
    for (int round = 0; round < 10; round++)
    {
        unsigned long long product0 = 0xD2511F53ull * c0;
        unsigned long long product1 = 0xCD9E8D57ull * c2;
        c0 = static_cast<unsigned int>(product1 >> 32) ^ c1 ^ k0;
        c1 = static_cast<unsigned int>(product1);
        c2 = static_cast<unsigned int>(product0 >> 32) ^ c3 ^ k1;
        c3 = static_cast<unsigned int>(product0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }

    return {{c0, c1, c2, c3}};
}

constexpr unsigned int STREAM_BATCH_EPOCHS = 5;
constexpr unsigned int STREAM_BATCH_WITH_REPLACEMENT = 6;
constexpr int MOST_ROUNDS = 24;

// The pairs (left, right) whose shuffling orders the rows of an epoch.
struct Domain
{
    unsigned int samples, left, right;
    int rounds;
};

__device__ inline unsigned int feistel_mix(unsigned int x, unsigned int key, unsigned int modulus)
{
    unsigned int v = (x ^ key) * 0x85EBCA6Bu;
    v ^= v >> 15;
    v *= 0xC2B2AE35u;
    return ((v >> 16) * modulus) >> 16;
}

__device__ inline unsigned int feistel_add(unsigned int x, unsigned int y, unsigned int modulus)
{
    unsigned int sum = x + y;
    unsigned int wrapped = sum - modulus;
    return wrapped < sum ? wrapped : sum;
}

// The row at a place of the epoch with these round keys.
__device__ inline int row_at(const Domain& domain, const unsigned int* keys, unsigned int position)
{
    unsigned int right = position / domain.left;
    unsigned int left = position % domain.left;
    if (domain.samples > 1 && position < 2)
    {
        left ^= keys[0] >> 31;
    }

    unsigned int row;
    do
    {
        for (int round = 0; round < domain.rounds; round += 2)
        {
            left = feistel_add(left, feistel_mix(right, keys[round], domain.left), domain.left);
            right = feistel_add(right, feistel_mix(left, keys[round + 1], domain.right), domain.right);
        }

        row = left + (domain.left * right);
    } while (row >= domain.samples);

    return static_cast<int>(row);
}
