using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Data;

/// <summary>
/// x_n = sigma_i z_n e_i with i uniform on 1 .. d and z_n ~ N(0, d); y_n = &lt;w*, x_n&gt; with normal w*. E[x x^T] = diag(sigma_i^2); with
/// d = 2 the smallest L1 with E[||x||^2 x x^T] &lt;= L1 H is 6 sigma_1^2, the statistical condition number is 6 and L1 / mu is
/// 6 sigma_1^2 / sigma_2^2. C. Liu, M. Belkin, arXiv 1810.13395; R. Kidambi et al., 2018.
/// </summary>
internal static class DecoupledData
{
    public static IDataSource Open(DecoupledDataSpec spec, ulong seed, Precision precision)
    {
        int dimension = spec.Scales.Count;
        double[] scales = [.. spec.Scales.Select(scale => scale * Math.Sqrt(dimension))];
        return new GeneratedData(
            spec,
            precision,
            (replica, test, inputs, targets) =>
            {
                double[] target = new double[dimension];
                NormalDeviates.Fill(seed, 0, 0, replica, RandomStream.DataTarget, target);
                double[] z = new double[targets.Length];
                NormalDeviates.Fill(seed, 0, 0, replica, test ? RandomStream.TestNoise : RandomStream.DataInputs, z);
                uint set = test ? 1u : 0;
                for (int n = 0; n < z.Length; n++)
                {
                    (uint word, _, _, _) = Philox4x32.Block(seed, (uint)n, set, replica, RandomStream.DataChoice);
                    int axis = UniformDeviates.Below(word, dimension);
                    inputs[(n * dimension) + axis] = scales[axis] * z[n];
                    targets[n] = target[axis] * scales[axis] * z[n];
                }
            }
        );
    }
}
