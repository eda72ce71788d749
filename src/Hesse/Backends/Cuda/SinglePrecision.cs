namespace Hesse.Backends.Cuda;

/// <summary>
/// Whether cuBLAS' products of float32 numbers are float32. Its mode asks for that (<see cref="CuBlas.PedanticMath"/>), but variables of the
/// environment such as NVIDIA_TF32_OVERRIDE are the libraries' own and nothing that we call reads them back, so that it is tried.
/// </summary>
internal static class SinglePrecision
{
    // As large as what tensor cores are taken for.
    private const int Order = 256;

    // 13 significant bits: float32 has 24, TF32 11 and bfloat16 8. Times one and added to zeros it stays what it is.
    private const float Number = 1 + (1f / 4096);

    /// <summary>Multiplies matrices of 13-bit numbers with the identity.</summary>
    /// <param name="device">The current device.</param>
    /// <param name="blas">Its cuBLAS.</param>
    /// <exception cref="HesseException">69: the products have lost digits; 71: no memory for three small matrices.</exception>
    public static void Require(CudaDevice device, BlasContext blas)
    {
        const int length = Order * Order;
        const long bytes = (long)length * sizeof(float);
        using DeviceArrays arrays = DeviceArrays.AllocateWave(
            device,
            1,
            static _ => [bytes, bytes, bytes],
            static _ => { },
            out _
        );
        float[] numbers = new float[length];
        float[] identity = new float[length];
        for (int i = 0; i < Order; i++)
        {
            identity[(i * Order) + i] = 1;
        }

        Array.Fill(numbers, Number);
        device.Upload<float>(numbers, arrays[0]);
        device.Upload<float>(identity, arrays[1]);
        blas.Multiply<float>(
            Order,
            Order,
            Order,
            new BlasFactor(arrays[0].Address, length),
            new BlasFactor(arrays[1].Address, length),
            new BlasFactor(arrays[2].Address, length),
            batch: 1
        );
        float[] products = new float[length];
        device.Download<float>(arrays[2], products);
        if (products.AsSpan().ContainsAnyExcept(Number))
        {
            throw new HesseException(
                ExitCode.DeviceUnavailable,
                $"{LibraryUse.Variable}: cuBLAS rounds the factors of float32 products to fewer digits than float32 has (TF32); unset "
                    + "NVIDIA_TF32_OVERRIDE, or leave cublas out"
            );
        }
    }
}
