using Hesse.Backends.Cpu.Elementary;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Data;

/// <summary>
/// x ~ N(0, diag(scale_j^2)), y = f(x) of a net without biases whose weights are N(0, 1 / fan-in): weight i of its flat order is element i
/// of the stream DataTarget.
/// </summary>
internal static class TeacherData
{
    public static IDataSource Open(TeacherDataSpec spec, ulong seed, Precision precision)
    {
        if (spec.Scales.Count != 1 && spec.Scales.Count != spec.Dimension)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"data.scales has {spec.Scales.Count} values for dimension {spec.Dimension}; give one, or one a coordinate"
            );
        }

        // The loss has no part in what the teacher says.
        Network teacher = new(
            [spec.Dimension, .. spec.Hidden, spec.Outputs],
            [false],
            spec.Activation,
            Loss.HalfSquaredError
        );
        return new GeneratedData(
            spec,
            precision,
            (replica, test, inputs, targets) =>
            {
                double[] weights = new double[teacher.ParameterCount];
                NormalDeviates.Fill(seed, 0, 0, replica, RandomStream.DataTarget, weights);
                RandomStream stream = test ? RandomStream.TestNoise : RandomStream.DataInputs;
                NormalDeviates.Fill(seed, 0, 0, replica, stream, inputs);
                for (int i = 0; i < inputs.Length; i++)
                {
                    inputs[i] *= spec.Scales[spec.Scales.Count == 1 ? 0 : i % spec.Dimension];
                }

                Answer(teacher, weights, inputs, targets);
            }
        );
    }

    /// <summary>Layer by layer over all samples; the activation's bits do not depend on the machine.</summary>
    private static void Answer(Network teacher, double[] weights, ReadOnlySpan<double> inputs, Span<double> targets)
    {
        ReadOnlySpan<double> below = inputs;
        int samples = inputs.Length / teacher.InputWidth;
        for (int layer = 1; layer <= teacher.Layers; layer++)
        {
            int fanIn = teacher.Widths[layer - 1];
            double scale = 1 / Math.Sqrt(fanIn);
            double[] map = [.. weights[teacher.WeightOffset(layer)..teacher.BiasOffset(layer)].Select(w => scale * w)];
            bool last = layer == teacher.Layers;
            Span<double> z = last ? targets : new double[checked(samples * teacher.Widths[layer])];
            LinearData.Map(map, fanIn, below, z);
            if (!last)
            {
                ActivationFunctions.Value(teacher.Activation, (ReadOnlySpan<double>)z, z);
            }

            below = z;
        }
    }
}
