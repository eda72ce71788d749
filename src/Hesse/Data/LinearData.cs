using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Data;

/// <summary>
/// X = sqrt(N) Q with the factor Q of a normal matrix (N,d) = Q R, diagonal of R positive: X^T X = N I. Y = X A^T with normal A (C,d).
/// linear-50-50 of Cohen, Kaur, Li, Kolter, Talwalkar, arXiv 2103.00065.
/// </summary>
internal static class LinearData
{
    public static IDataSource Open(LinearDataSpec spec, ulong seed, Precision precision)
    {
        if (spec.Samples < spec.Dimension)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"data.samples: {spec.Samples} samples span no {spec.Dimension} orthogonal columns; give at least data.dimension"
            );
        }

        return new GeneratedData(
            spec,
            precision,
            (replica, _, inputs, targets) =>
            {
                double[] map = new double[checked(spec.Outputs * spec.Dimension)]; // (C,d)
                NormalDeviates.Fill(seed, 0, 0, replica, RandomStream.DataTarget, map);
                NormalDeviates.Fill(seed, 0, 0, replica, RandomStream.DataInputs, inputs);
                Orthogonalise(inputs, spec.Dimension);
                Map(map, spec.Dimension, inputs, targets);
            }
        );
    }

    /// <summary>Y = X A^T, sums ascending in the coordinate. X (N,d), A (C,d), Y (N,C).</summary>
    internal static void Map(ReadOnlySpan<double> map, int dimension, ReadOnlySpan<double> inputs, Span<double> targets)
    {
        int outputs = map.Length / dimension;
        for (int n = 0; n < inputs.Length / dimension; n++)
        {
            for (int c = 0; c < outputs; c++)
            {
                double sum = 0;
                for (int j = 0; j < dimension; j++)
                {
                    sum += map[(c * dimension) + j] * inputs[(n * dimension) + j];
                }

                targets[(n * outputs) + c] = sum;
            }
        }
    }

    /// <summary>Gram-Schmidt, each column against those before it twice: orthogonal to rounding. X (N,d).</summary>
    private static void Orthogonalise(Span<double> x, int dimension)
    {
        int samples = x.Length / dimension;
        for (int column = 0; column < dimension; column++)
        {
            for (int before = 0; before < 2 * column; before++)
            {
                // Columns are kept at length sqrt N.
                Subtract(
                    x,
                    dimension,
                    column,
                    before % column,
                    Product(x, dimension, column, before % column) / samples
                );
            }

            double scale = Math.Sqrt(samples / Product(x, dimension, column, column));
            for (int n = 0; n < samples; n++)
            {
                x[(n * dimension) + column] *= scale;
            }
        }
    }

    private static double Product(ReadOnlySpan<double> x, int dimension, int column, int other)
    {
        double sum = 0;
        for (int row = 0; row < x.Length; row += dimension)
        {
            sum += x[row + column] * x[row + other];
        }

        return sum;
    }

    private static void Subtract(Span<double> x, int dimension, int column, int other, double share)
    {
        for (int row = 0; row < x.Length; row += dimension)
        {
            x[row + column] -= share * x[row + other];
        }
    }
}
