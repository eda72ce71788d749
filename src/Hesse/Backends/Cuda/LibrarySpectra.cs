namespace Hesse.Backends.Cuda;

// All eigenvalues by cuSOLVER.
internal sealed partial class CudaOperations<T>
{
    private static readonly double s_epsilon = NumberBytes == sizeof(float) ? 1.2e-7 : 2.3e-16;

    /// <summary>
    /// As <see cref="Eigenvalues"/>: matrices in array number `matrix`, the four arrays behind it are work space. Versions of the library have
    /// given wrong eigenvalues without a word, so their sum and their squares' are held against trace and Frobenius norm.
    /// </summary>
    private void LibraryEigenvalues(
        PointsBatch<T> batch,
        SolverContext solver,
        int matrix,
        int order,
        Span<double> eigenvalues
    )
    {
        CudaDevice device = batch.Device;
        device.Launch(
            device.Module(new KernelProgram([("REAL", RealName), ("THREADS", $"{KrylovThreads}")], "invariants.cu")),
            "matrix_invariants",
            (batch.Count, 1),
            KrylovThreads,
            0,
            batch[matrix],
            batch[matrix + 1],
            order
        );
        int part = SolverContext.Part(order, batch.Count);
        for (int first = 0; first < batch.Count; )
        {
            int now = Math.Min(part, batch.Count - first);
            bool made =
                now > 0
                && solver.TryEigenvalues(
                    device,
                    NumberBytes == sizeof(float) ? Networks.Precision.Float32 : Networks.Precision.Float64,
                    order,
                    now,
                    batch[matrix].Address + (nint)((long)first * order * order * NumberBytes),
                    batch[matrix + 4].Address + (nint)((long)first * order * NumberBytes),
                    batch[matrix + 2].Address + (first * sizeof(int))
                );
            if (!made && now <= 1)
            {
                throw new HesseException(
                    ExitCode.DoesNotFit,
                    $"{device.Properties.Name}: no room for cuSOLVER on a matrix of order {order}, {device.FreeBytes} bytes are free; "
                        + $"leave cusolver out of {LibraryUse.Variable}"
                );
            }

            first += made ? now : 0;
            part = made ? part : now / 2;
        }

        int[] info = new int[batch.Count];
        device.Download<int>(batch[matrix + 2], info);
        double[] invariants = new double[2 * batch.Count];
        device.Download<double>(batch[matrix + 1], invariants);
        batch.Give(batch[matrix + 4], eigenvalues);
        for (int i = 0; i < batch.Count; i++)
        {
            Span<double> own = eigenvalues.Slice(i * order, order);
            if (!double.IsFinite(invariants[2 * i]))
            {
                own.Fill(double.NaN);
            }
            else if (info[i] != 0 || !HasInvariants(own, invariants[2 * i], invariants[(2 * i) + 1], s_epsilon))
            {
                throw new HesseException(
                    ExitCode.DeviceFailed,
                    $"cuSOLVER {solver.Version} gave wrong eigenvalues of a matrix of order {order} (info {info[i]}); "
                        + $"leave cusolver out of {LibraryUse.Variable}"
                );
            }
        }
    }

    /// <summary>
    /// Whether eigenvalues add up to the trace and their squares to those of the entries, but for ten roundings of the norm in each.
    /// </summary>
    internal static bool HasInvariants(ReadOnlySpan<double> eigenvalues, double trace, double squares, double epsilon)
    {
        double sum = 0;
        double squaresOf = 0;
        foreach (double value in eigenvalues)
        {
            sum += value;
            squaresOf += value * value;
        }

        double rounding = 10 * epsilon * eigenvalues.Length;
        return Math.Abs(sum - trace) <= rounding * Math.Sqrt(squares)
            && Math.Abs(squaresOf - squares) <= rounding * squares;
    }
}
