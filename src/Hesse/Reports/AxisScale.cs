using System.Globalization;
using System.Text.Json.Nodes;

namespace Hesse.Reports;

/// <summary>Kind of an axis.</summary>
internal enum ScaleKind
{
    /// <summary>t = x</summary>
    Linear,

    /// <summary>t = log10 x</summary>
    Log,

    /// <summary>t = sign(x) log(1 + |x| / c): linear near 0, logarithmic on both sides (Webber 2013).</summary>
    SymLog,
}

/// <summary>An axis that fits some numbers: its kind, domain and ticks.</summary>
internal sealed record AxisScale(ScaleKind Kind, double Low, double High, double Constant)
{
    // Above this ratio of the largest to the smallest number a logarithmic axis shows more.
    private const double LogRatio = 30;
    private const double Margin = 0.04;
    private const int MostTicks = 7;

    // Linear axes beyond these write their numbers with an exponent.
    private const double SmallestPlain = 1e-3;
    private const double LargestPlain = 1e6;

    // A power of ten is met although its logarithm is rounded.
    private const double Rounding = 1e-9;

    // 1, 10, 100 and 1,000 as they are, other powers with a superscript that is looked up by the exponent.
    private const string PowerLabel =
        "datum.value == 0 ? '0' : (datum.value < 0 ? '\u2212' : '') + "
        + "(abs(datum.value) > 0.9 && abs(datum.value) < 1001 ? format(abs(datum.value), ',~r') : "
        + "'10' + (abs(datum.value) < 1 ? '\u207b' : '') + "
        + "['\u2070','\u00b9','\u00b2','\u00b3','\u2074','\u2075','\u2076','\u2077','\u2078','\u2079','\u00b9\u2070','\u00b9\u00b9','\u00b9\u00b2','\u00b9\u00b3','\u00b9\u2074','\u00b9\u2075','\u00b9\u2076','\u00b9\u2077','\u00b9\u2078','\u00b9\u2079','\u00b2\u2070']"
        + "[min(20, round(abs(log(abs(datum.value)) / LN10)))])";

    /// <summary>Logarithmic for positive numbers over more than 1.5 decades, else linear.</summary>
    public static AxisScale Of(IEnumerable<double> values, bool mayBeLog = true)
    {
        (double low, double high, _) = Extent(values);
        return mayBeLog && low > 0 && high / low > LogRatio ? Log(values) : Linear(values);
    }

    /// <summary>Linear, with a small margin.</summary>
    public static AxisScale Linear(IEnumerable<double> values)
    {
        (double low, double high, _) = Extent(values);
        double gap = high - low;
        // Around one number alone; around 0 an axis that does not tell of tiny ones.
        double margin =
            gap > 0 ? Margin * gap
            : high != 0 ? Math.Abs(high) * Margin
            : 1;
        // A margin does not leave the numbers' own side of zero.
        double bottom = low >= 0 ? Math.Max(0, low - margin) : low - margin;
        return new AxisScale(ScaleKind.Linear, bottom, high + margin, 0);
    }

    /// <summary>Logarithmic over the positive numbers among the values.</summary>
    public static AxisScale Log(IEnumerable<double> values)
    {
        (double low, double high, _) = Extent(values.Where(value => value > 0));
        double factor = Math.Pow(Math.Max(high / low, 1.1), Margin);
        return new AxisScale(ScaleKind.Log, low / factor, high * factor, 0);
    }

    /// <summary>Symmetric logarithmic; linear within the decades below the largest number.</summary>
    /// <param name="values">What is shown.</param>
    /// <param name="decades">Decades between the largest number and the linear part.</param>
    public static AxisScale SymLog(IEnumerable<double> values, int decades = 5)
    {
        (double low, double high, double smallest) = Extent(values);
        double largest = Math.Max(Math.Abs(low), Math.Abs(high));
        double constant = largest > 0 ? Math.Pow(10, Math.Ceiling(Math.Log10(largest)) - decades) : 1;
        // Nothing to see in decades that no number reaches.
        constant = smallest > constant ? Math.Pow(10, Math.Floor(Math.Log10(smallest))) : constant;
        AxisScale open = new(ScaleKind.SymLog, low, high, constant);
        double margin = Margin * Math.Max(1, open.Transform(high) - open.Transform(low));
        return open with
        {
            Low = low >= 0 ? 0 : open.Inverse(open.Transform(low) - margin),
            High = high <= 0 ? 0 : open.Inverse(open.Transform(high) + margin),
        };
    }

    /// <summary>t of x</summary>
    public double Transform(double x) =>
        Kind switch
        {
            ScaleKind.Linear => x,
            ScaleKind.Log => Math.Log10(x),
            _ => Math.CopySign(Math.Log(1 + (Math.Abs(x) / Constant)), x),
        };

    /// <summary>x of t</summary>
    public double Inverse(double t) =>
        Kind switch
        {
            ScaleKind.Linear => t,
            ScaleKind.Log => Math.Pow(10, t),
            _ => Math.CopySign(Constant * (Math.Exp(Math.Abs(t)) - 1), t),
        };

    /// <summary>The scale and axis members of an encoding channel.</summary>
    public void WriteTo(JsonObject channel, string title)
    {
        JsonObject scale = new()
        {
            ["type"] = Kind.ToString().ToLowerInvariant(),
            ["domain"] = new JsonArray(Low, High),
            ["nice"] = false,
            ["zero"] = false,
        };
        if (Kind != ScaleKind.Linear)
        {
            scale.Remove("zero");
        }

        if (Kind == ScaleKind.SymLog)
        {
            scale["constant"] = Constant;
        }

        channel["scale"] = scale;
        JsonObject axis = new() { ["title"] = title };
        double[] ticks = Ticks();
        if (ticks.Length > 0)
        {
            axis["values"] = new JsonArray([.. ticks.Select(tick => JsonValue.Create(tick))]);
            if (ticks.All(IsPower))
            {
                axis["labelExpr"] = PowerLabel;
            }
            else
            {
                axis["format"] = ",~r";
            }
        }
        else
        {
            axis["tickCount"] = 5;
            double largest = Math.Max(Math.Abs(Low), Math.Abs(High));
            if (Kind == ScaleKind.Log || largest is < SmallestPlain or >= LargestPlain)
            {
                // A precision of its own: the axis would otherwise round 10 to 1e+1.
                axis["format"] = ".4~g";
            }
        }

        channel["axis"] = axis;
    }

    /// <summary>Powers of ten in the domain, and 0 on a symmetric axis; none where the browser chooses better.</summary>
    public double[] Ticks()
    {
        if (Kind == ScaleKind.Linear)
        {
            return [];
        }

        if (Kind == ScaleKind.Log)
        {
            double[] decades = Powers(Low, High, MostTicks);
            return decades.Length > 2 ? decades : Between(Low, High);
        }

        // The same powers on both sides; those next to 0 would stand in its label.
        int sides = Low < 0 && High > 0 ? 2 : 1;
        double largest = Math.Max(-Low, High);
        double[] powers = Powers(2 * Constant, largest, MostTicks / sides);
        powers = powers.Length > 1 ? powers : Between(2 * Constant, largest);
        return
        [
            .. powers.Reverse().Select(power => -power).Where(power => power >= Low),
            0,
            .. powers.Where(power => power <= High),
        ];
    }

    // Over one decade the powers are too few: 1, 2 and 5 times them.
    private static double[] Between(double low, double high) =>
        [
            .. Powers(low / 10, high, int.MaxValue)
                .SelectMany(power => new[] { power, 2 * power, 5 * power })
                .Where(tick => tick >= low && tick <= high),
        ];

    // The largest power always has a tick; below it every one, or every second, third ...
    private static double[] Powers(double low, double high, int most)
    {
        int first = (int)Math.Ceiling(Math.Log10(low) - Rounding);
        int last = (int)Math.Floor(Math.Log10(high) + Rounding);
        int stride = Math.Max(1, (int)Math.Ceiling((last - first + 1) / (double)Math.Max(1, most)));
        return
        [
            .. Enumerable
                .Range(0, Math.Max(0, last - first + 1))
                .Where(i => (last - first - i) % stride == 0)
                // Parsed, so that the tick is the double nearest to the power.
                .Select(i => double.Parse($"1e{first + i}", CultureInfo.InvariantCulture)),
        ];
    }

    private static bool IsPower(double tick) =>
        tick == 0 || Math.Abs(Math.Log10(Math.Abs(tick)) - Math.Round(Math.Log10(Math.Abs(tick)))) < Rounding;

    private static (double Low, double High, double Smallest) Extent(IEnumerable<double> values)
    {
        double low = double.PositiveInfinity;
        double high = double.NegativeInfinity;
        double smallest = double.PositiveInfinity;
        foreach (double value in values.Where(double.IsFinite))
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
            smallest = value == 0 ? smallest : Math.Min(smallest, Math.Abs(value));
        }

        return low > high ? (0.1, 1, 0.1) : (low, high, smallest);
    }
}
