using System.Security.Cryptography;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Data;

/// <summary>NumPy arrays: inputs (N,d), targets (N) of integer classes or (N,C) of floating-point numbers, rounded once.</summary>
internal static class NpyData
{
    /// <summary>Reads the files.</summary>
    /// <exception cref="HesseException">A file is missing (66), broken or of another shape (65), or does not fit in memory (71).</exception>
    public static IDataSource Open(NpyDataSpec spec, Precision precision)
    {
        if (spec.TestInputs is null != spec.TestTargets is null)
        {
            throw new HesseException(ExitCode.BadData, "data: test-inputs and test-targets go together");
        }

        Samples training = new(spec.Inputs, spec.Targets, precision);
        Samples? test = spec.TestInputs is null ? null : new Samples(spec.TestInputs, spec.TestTargets!, precision);
        if (test is not null)
        {
            CheckAlike(training, test);
        }

        int outputs = training.Labels is null
            ? training.Columns
            : Math.Max(2, 1 + Math.Max(training.Labels.Max(), test?.Labels!.Max() ?? 0));
        return new FileData(
            training.ToDataSet(outputs),
            test?.ToDataSet(outputs),
            FileData.HashOf(training.InputHash, training.TargetHash, test?.InputHash, test?.TargetHash)
        );
    }

    private static void CheckAlike(Samples training, Samples test)
    {
        if (test.Dimension != training.Dimension)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{test.InputPath}: {test.Dimension} columns; the training inputs have {training.Dimension}"
            );
        }

        if (test.Labels is null != training.Labels is null || test.Columns != training.Columns)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{test.TargetPath}: is not of the kind of the training targets {training.TargetPath}"
            );
        }
    }

    /// <summary>One pair of files.</summary>
    private sealed class Samples
    {
        private readonly int _count;
        private readonly double[] _inputs;
        private readonly double[]? _targets;

        public Samples(string inputPath, string targetPath, Precision precision)
        {
            InputPath = inputPath;
            TargetPath = targetPath;
            NpyArray inputs = Read(inputPath, out byte[] inputHash);
            InputHash = inputHash;
            if (inputs.Shape.Count != 2 || inputs.Length == 0)
            {
                throw Bad(inputPath, $"has shape {NpyHeader.Format(inputs.Shape)}; inputs are (samples, dimension)");
            }

            _count = (int)inputs.Shape[0];
            Dimension = (int)inputs.Shape[1];
            _inputs = Rounded(inputs, precision, inputPath);
            NpyArray targets = Read(targetPath, out byte[] targetHash);
            TargetHash = targetHash;
            bool classes = targets.IsInteger && targets.Shape.Count == 1;
            bool numbers = !targets.IsInteger && targets.Shape.Count == 2 && targets.Length > 0;
            if (!classes && !numbers)
            {
                throw Bad(
                    targetPath,
                    $"has shape {NpyHeader.Format(targets.Shape)} of {NpyHeader.Describe(targets.Type)}; "
                        + "targets are (samples,) of integers or (samples, outputs) of floating-point numbers"
                );
            }

            if (targets.Shape[0] != _count)
            {
                throw Bad(targetPath, $"{targets.Shape[0]} targets for the {_count} inputs of {inputPath}");
            }

            if (classes)
            {
                Labels = Classes(targets.ToInt64s(), targetPath);
            }
            else
            {
                Columns = (int)targets.Shape[1];
                _targets = Rounded(targets, precision, targetPath);
            }
        }

        public string InputPath { get; }

        public string TargetPath { get; }

        public byte[] InputHash { get; }

        public byte[] TargetHash { get; }

        public int Dimension { get; }

        /// <summary>Columns of floating-point targets, 0 for labels.</summary>
        public int Columns { get; }

        public int[]? Labels { get; }

        public DataSet ToDataSet(int outputs) => new(_count, Dimension, outputs, 1, _inputs, Labels, _targets);

        private static NpyArray Read(string path, out byte[] hash)
        {
            using FileStream stream = InputFile.Open(path);
            NpyArray array = NpyFile.Read(stream, path);
            stream.Position = 0;
            hash = SHA256.HashData(stream);
            return array;
        }

        private static double[] Rounded(NpyArray array, Precision precision, string path)
        {
            double[] values = array.ToDoubles();
            for (int i = 0; i < values.Length; i++)
            {
                double value = precision == Precision.Float32 ? (float)values[i] : values[i];
                if (!double.IsFinite(value))
                {
                    long columns = array.Shape[1];
                    string format = precision == Precision.Float32 ? "float32" : "float64";
                    throw Bad(path, $"row {i / columns}, column {i % columns} is not a finite {format} number");
                }

                values[i] = value;
            }

            return values;
        }

        private static int[] Classes(long[] labels, string path)
        {
            // More classes than this is a column of numbers that was meant to be a target.
            const int LargestClass = 1_000_000;
            int[] classes = new int[labels.Length];
            for (int row = 0; row < labels.Length; row++)
            {
                if (labels[row] is < 0 or > LargestClass)
                {
                    throw Bad(path, $"label {labels[row]} of row {row} is not a class 0, 1, ...");
                }

                classes[row] = (int)labels[row];
            }

            return classes;
        }

        private static HesseException Bad(string path, string what) => new(ExitCode.BadData, $"{path}: {what}");
    }
}
