using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports.Figures;

/// <summary>Weighted points of every replica at a step, as a density on a linear and on a symmetric logarithmic axis.</summary>
/// <param name="Name">Name of the figure.</param>
/// <param name="Label">Title, and definition for the caption.</param>
/// <param name="Symbol">What the horizontal axis shows.</param>
/// <param name="Steps">The steps shown.</param>
/// <param name="Observed">Number of the observed steps.</param>
/// <param name="Points">Points of a replica.</param>
/// <param name="Visit">Gives every replica's points and weights at the i-th of the steps, in any order and on several threads.</param>
internal sealed record Densities(
    string Name,
    QuantityLabel Label,
    string Symbol,
    IReadOnlyList<int> Steps,
    int Observed,
    int Points,
    Action<int, Densities.Receiver> Visit
)
{
    private const int GridPoints = 160;
    private const string Density = "density";

    // Of the axis: narrow enough to part outliers from the bulk, wide enough that few points give a curve.
    private const double NarrowestBandwidth = 0.008;
    private const double WidestBandwidth = 0.03;
    private const int Decades = 4;

    // Leaves out of the axis what few replicas have.
    private static readonly double[] AxisLevels = [0.05, 0.95];

    /// <summary>Takes the points of a replica.</summary>
    /// <param name="replica">Its position.</param>
    /// <param name="nodes">Points.</param>
    /// <param name="weights">Their weights, which sum to 1; none for equal ones.</param>
    public delegate void Receiver(int replica, ReadOnlySpan<double> nodes, ReadOnlySpan<double> weights);

    /// <summary>Whether the logarithmic axis stands first.</summary>
    public bool LogarithmFirst { get; init; }

    private double Bandwidth => Math.Clamp(1.0 / Points, NarrowestBandwidth, WidestBandwidth);

    /// <summary>Draws them.</summary>
    /// <param name="setting">Whose.</param>
    /// <param name="replicas">R</param>
    public Figure Draw(StoredSetting setting, int replicas)
    {
        Bands bands = new(setting.Manifest.Quantiles);
        double[] ends = Ends(replicas);
        AxisScale[] axes = [AxisScale.Linear(ends), AxisScale.SymLog(ends)];
        FigureTable table = new($"{Name}.csv", ["$axis", "step", "eigenvalue", .. bands.Columns]);
        List<double>[] extents =
        [
            [],
            [],
        ];
        for (int axis = 0; axis < axes.Length; axis++)
        {
            AxisScale scale = axes[axis];
            double low = scale.Transform(scale.Low);
            double high = scale.Transform(scale.High);
            KernelDensity kernel = new(low, high, GridPoints, Bandwidth * (high - low));
            for (int i = 0; i < Steps.Count; i++)
            {
                double[] densities = Sample(kernel, scale, i, replicas);
                ReplicaDistribution[] all = ReplicaDistribution.OfColumns(densities, GridPoints, bands.Levels);
                for (int point = 0; point < GridPoints; point++)
                {
                    double eigenvalue = scale.Inverse(kernel.At(point));
                    table.Add([axis == 0 ? "linear" : "symlog", Steps[i], eigenvalue, .. Bands.Cells(all[point])]);
                    extents[axis].AddRange(all[point].Quantiles);
                }
            }
        }

        JsonObject[] panels =
        [
            Panel(bands, "linear", axes[0], extents[0], LogarithmFirst ? string.Empty : Density),
            Panel(bands, "symlog", axes[1], extents[1], LogarithmFirst ? Density : string.Empty),
        ];
        string[] words = ["linear axis", $"linear between ±{Words.Short(axes[1].Constant)}, logarithmic beyond"];
        (int left, int right) = LogarithmFirst ? (1, 0) : (0, 1);
        return new Figure
        {
            Name = Name,
            Title = Label.Title,
            Caption = string.Join(
                    ' ',
                    Label.Definition,
                    $"Each point is a Gaussian whose standard deviation is {100 * Bandwidth:0.#} % of the axis; density per unit of the axis as drawn.",
                    $"Left: {words[left]}; right: {words[right]}.",
                    $"Lines: medians; bands: {bands.Words} quantiles over {Words.Replicas(setting, replicas)}.",
                    Words.Thinned("steps", Steps.Count, Observed)
                )
                .Trim(),
            Description =
                $"Density of the eigenvalues at steps {string.Join(", ", Steps)} on two axes, from {Words.Short(ends.Min())} to {Words.Short(ends.Max())}.",
            View = new JsonObject
            {
                ["data"] = table.Reference(),
                ["hconcat"] = new JsonArray(panels[left], panels[right]),
            },
            Tables = [table],
        };
    }

    private JsonObject Panel(Bands bands, string axis, AxisScale x, List<double> extent, string title)
    {
        AxisScale scale = AxisScale.SymLog(extent, Decades);
        JsonObject y = Views.Axis(Bands.MedianColumn, scale, title);
        return new JsonObject
        {
            ["width"] = Views.HalfWidth,
            ["height"] = Views.Height,
            ["transform"] = new JsonArray(new JsonObject { ["filter"] = $"datum.axis == '{axis}'" }),
            ["encoding"] = new JsonObject
            {
                ["x"] = Views.Axis("eigenvalue", x, Symbol),
                ["color"] = Views.StepColor(),
            },
            ["layer"] = new JsonArray([.. Views.Fan(bands, y, points: false)]),
        };
    }

    // A diverged replica has no density: NaN, which the distributions leave out and count.
    private double[] Sample(KernelDensity kernel, AxisScale scale, int step, int replicas)
    {
        double[] densities = new double[replicas * GridPoints];
        Visit(
            step,
            (replica, nodes, weights) =>
            {
                Span<double> density = densities.AsSpan(replica * GridPoints, GridPoints);
                double equal = 1.0 / nodes.Length;
                for (int i = 0; i < nodes.Length; i++)
                {
                    kernel.Add(scale.Transform(nodes[i]), weights.IsEmpty ? equal : weights[i], density);
                }

                if (!double.IsFinite(nodes[0]))
                {
                    density.Fill(double.NaN);
                }
            }
        );
        return densities;
    }

    private double[] Ends(int replicas)
    {
        List<double> ends = [];
        for (int step = 0; step < Steps.Count; step++)
        {
            double[] lows = new double[replicas];
            double[] highs = new double[replicas];
            Visit(
                step,
                (replica, nodes, weights) =>
                {
                    double low = double.PositiveInfinity;
                    double high = double.NegativeInfinity;
                    for (int i = 0; i < nodes.Length; i++)
                    {
                        if (weights.IsEmpty || weights[i] > 0)
                        {
                            low = Math.Min(low, nodes[i]);
                            high = Math.Max(high, nodes[i]);
                        }
                    }

                    lows[replica] = low;
                    highs[replica] = high;
                }
            );
            ends.AddRange(ReplicaDistribution.Of(lows, AxisLevels).Quantiles);
            ends.AddRange(ReplicaDistribution.Of(highs, AxisLevels).Quantiles);
        }

        double[] finite = [.. ends.Where(double.IsFinite)];
        return finite.Length > 0 ? finite : [0, 1];
    }
}
