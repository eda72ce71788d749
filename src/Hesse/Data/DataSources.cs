using Hesse.Specs;

namespace Hesse.Data;

/// <summary>From what the specification says about data to the samples.</summary>
public static class DataSources
{
    /// <summary>Opens the data of an experiment; values are rounded to its training precision.</summary>
    /// <exception cref="HesseException">A file is missing (66), not permitted (77), broken (65) or too large (71).</exception>
    public static IDataSource Open(Spec spec) =>
        spec.Data switch
        {
            GaussDataSpec gauss => new GaussData(gauss, spec.Seed, spec.Precision),
            IdxDataSpec idx => IdxData.Open(idx, spec.Precision),
            Cifar10DataSpec cifar => Cifar10Data.Open(cifar, spec.Precision),
            NpyDataSpec npy => NpyData.Open(npy, spec.Precision),
            ChebyshevDataSpec chebyshev => ChebyshevData.Open(chebyshev, spec.Precision),
            LinearDataSpec linear => LinearData.Open(linear, spec.Seed, spec.Precision),
            DecoupledDataSpec decoupled => DecoupledData.Open(decoupled, spec.Seed, spec.Precision),
            TeacherDataSpec teacher => TeacherData.Open(teacher, spec.Seed, spec.Precision),
            ImageDataSpec image => ImageData.Open(image, spec.Seed, spec.Precision),
            _ => throw new HesseException(
                ExitCode.BadData,
                $"data: {spec.Data.GetType().Name} has no source of samples"
            ),
        };
}
