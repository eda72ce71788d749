using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Backends.SelfTests;

/// <summary>The small problems that need no random numbers: S(n, offset, amplitude)[k] = amplitude sin((offset + k)^2).</summary>
internal static class ReferenceCases
{
    public const int Samples = 8;

    public static ReferenceCase A1 { get; } =
        new()
        {
            Name = "A1 linear regression",
            Network = new Network([5, 1], [false], Activation.Identity, Loss.Mse),
            Parameters = S(5, 50, 0.5),
            Data = new DataSet(16, 5, 1, 1, S(80, 1), null, S(16, 100)),
            Loss = 0.802010922084995,
            Largest = [1.46245116616, 1.38363173339, 1.1027581189, 0.630411548, 0.573390600028],
            Trace = 5.15264316647907,
            Frobenius = 2.44856512184237,
        };

    public static ReferenceCase A2 { get; } =
        new()
        {
            Name = "A2 logistic regression",
            Network = new Network([5, 1], [false], Activation.Identity, Loss.Logistic),
            Parameters = S(5, 50, 0.5),
            Data = new DataSet(16, 5, 1, 1, S(80, 1), [.. S(16, 100).Select(y => y > 0 ? 1 : 0)], null),
            Loss = 0.749778004380221,
            Largest = [.180053659261, .159068149208, .127546083661, .0732297257974, .0639583868062],
            Trace = 0.603856004733632,
        };

    public static ReferenceCase A3 { get; } =
        new()
        {
            Name = "A3 softmax regression",
            Network = new Network([4, 3], [false], Activation.Identity, Loss.CrossEntropy),
            Parameters = S(12, 30, 0.5),
            Data = new DataSet(12, 4, 3, 1, S(48, 1), [.. Enumerable.Range(0, 12).Select(n => n % 3)], null),
            Loss = 1.4823989664911,
            Largest = [.268280753216, .200447634736, .185519098287, .172340718301],
            Trace = 1.22523610865142,
        };

    public static ReferenceCase B1 { get; } =
        Mlp(
            "B1 3-5-2 tanh mse",
            [3, 5, 2],
            Activation.Tanh,
            Loss.Mse,
            [
                0.952869111127513,
                3.07274831997061,
                3.09996080621,
                2.59755403987,
                1.91562238381,
                -0.917464750084,
                9.94679362259153,
                5.22644274975837,
                9.89080140699319,
                5.54082851060121,
                2.95240229017,
                9.39800378793864,
                8.37871990523528,
                4.502303395926,
                6.06396752601677,
                3.362208437729,
            ]
        );

    public static ReferenceCase B2 { get; } =
        Mlp(
            "B2 3-5-4 tanh cross-entropy",
            [3, 5, 4],
            Activation.Tanh,
            Loss.CrossEntropy,
            [
                1.85571396581747,
                0.85836414956073,
                0.789913193343,
                0.666870350318,
                0.542012963767,
                -0.687460669401,
                1.76106472934155,
                1.71012550911224,
                -0.0496649982275541,
                0.746435151865473,
                0.628284868569,
                2.11706123404881,
                5.01237031087582,
                2.053402003515,
                4.74743561293154,
                1.695573454983,
            ]
        );

    public static ReferenceCase B3 { get; } =
        Mlp(
            "B3 2-4-4-1 softplus half-squared-error",
            [2, 4, 4, 1],
            Activation.Softplus,
            Loss.HalfSquaredError,
            [
                0.322503656534771,
                0.609967226903643,
                4.35637406617,
                0.554953971605,
                0.290152938022,
                -0.502208328091,
                4.04148345704769,
                4.47394102306669,
                13.5120703145702,
                7.9294654240164,
                4.24538213364,
                4.36503817752604,
                2.68297889352935,
                2.571784250499,
                2.36915619042938,
                2.245514195014,
            ]
        );

    public static ReferenceCase B4 { get; } =
        Mlp(
            "B4 3-6-3 relu cross-entropy",
            [3, 6, 3],
            Activation.Relu,
            Loss.CrossEntropy,
            [
                1.61831737003687,
                2.34464490408628,
                2.67558229874,
                0.814617086797,
                0.69063954531,
                -0.687210587063,
                3.58851875036917,
                3.35285367104229,
                0.173502465013286,
                0.677762112798828,
                2.39186355174,
                3.58851875036917,
                10.4627082965538,
                6.303441904478,
                9.27778673424856,
                4.666873151457,
            ]
        );

    public static ReferenceCase B5 { get; } =
        Mlp(
            "B5 3-4-2 gelu mse",
            [3, 4, 2],
            Activation.Gelu,
            Loss.Mse,
            [
                0.654912133446532,
                0.81886783770917,
                3.55969199926,
                2.77696077211,
                0.851495727179,
                -0.838685330173,
                6.3785388895935,
                4.86165960387452,
                9.27669672233199,
                5.76161365775208,
                3.41611819644,
                6.86443293753855,
                3.5949736440753,
                2.025995836916,
                3.17269235013272,
                1.866014936680,
            ]
        );

    public static IReadOnlyList<ReferenceCase> All { get; } = [A1, A2, A3, B1, B2, B3, B4, B5];

    /// <summary>S(n, offset, amplitude)</summary>
    public static double[] S(int n, double offset, double amplitude = 1)
    {
        double[] values = new double[n];
        for (int k = 0; k < n; k++)
        {
            values[k] = amplitude * Math.Sin((offset + k) * (offset + k));
        }

        return values;
    }

    /// <summary>Inputs S(N d, 7), targets S(N C, 21) or labels n mod C; N = 8 unless said otherwise.</summary>
    public static DataSet DataFor(Network network, int samples = Samples, double shift = 0)
    {
        double[] inputs = S(samples * network.InputWidth, 7 + shift);
        int classes = network.OutputWidth;
        return network.Loss switch
        {
            Loss.CrossEntropy => new(
                samples,
                network.InputWidth,
                classes,
                1,
                inputs,
                [.. Enumerable.Range(0, samples).Select(n => n % classes)],
                null
            ),
            Loss.Logistic => new(
                samples,
                network.InputWidth,
                1,
                1,
                inputs,
                [.. Enumerable.Range(0, samples).Select(n => n % 2)],
                null
            ),
            _ => new(samples, network.InputWidth, classes, 1, inputs, null, S(samples * classes, 21 + shift)),
        };
    }

    private static ReferenceCase Mlp(string name, int[] widths, Activation activation, Loss loss, double[] values)
    {
        Network network = new(widths, [true], activation, loss);
        return new ReferenceCase
        {
            Name = name,
            Network = network,
            Parameters = S(network.ParameterCount, 1, 0.8),
            Data = DataFor(network),
            Loss = values[0],
            SquaredGradientNorm = values[1],
            Largest = values[2..5],
            Smallest = values[5],
            Trace = values[6],
            Frobenius = values[7],
            SumOfRowSums = values[8],
            NormOfRowSums = values[9],
            LargestGgn = values[10],
            GgnTrace = values[11],
            SecondMomentTrace = values[12],
            LargestSecondMoment = values[13],
            UnbiasedCovarianceTrace = values[14],
            LargestUnbiasedCovariance = values[15],
        };
    }
}
