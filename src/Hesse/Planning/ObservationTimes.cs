using System.Collections;
using Hesse.Specs;

namespace Hesse.Planning;

/// <summary>The steps at which a quantity is measured, in 0 .. steps, ascending and distinct.</summary>
public static class ObservationTimes
{
    /// <summary>0, k, 2k, ... up to the last step. Computed, not stored: a long run observed at every step costs nothing.</summary>
    /// <param name="stride">k, at least 1</param>
    /// <param name="steps">Length of the training.</param>
    public static IReadOnlyList<int> Every(int stride, int steps) => new Progression(stride, (steps / stride) + 1);

    /// <summary>0 and k points in geometric progression from 1 to the last step, rounded, equal ones once.</summary>
    /// <param name="points">k, at least 1; a single point is the last step.</param>
    /// <param name="steps">Length of the training.</param>
    public static IReadOnlyList<int> LogSpaced(int points, int steps)
    {
        List<int> times = [0];
        for (int i = 0; i < points && steps > 0; i++)
        {
            double exponent = points == 1 ? 1 : (double)i / (points - 1);
            int time =
                i == points - 1 ? steps : (int)Math.Round(Math.Pow(steps, exponent), MidpointRounding.AwayFromZero);
            if (time > times[^1])
            {
                times.Add(time);
            }
        }

        return times;
    }

    /// <summary>The observation with its times filled in for a training of this length.</summary>
    internal static ObservationSpec Resolve(ObservationSpec observation, int steps) =>
        observation switch
        {
            { Every: { } stride } => observation with { Times = Every(stride, steps) },
            { LogSpaced: { } points } => observation with { Times = LogSpaced(points, steps) },
            _ => observation,
        };

    private sealed class Progression(int stride, int count) : IReadOnlyList<int>
    {
        public int Count => count;

        public int this[int index] =>
            (uint)index < (uint)count ? index * stride : throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<int> GetEnumerator()
        {
            for (int i = 0; i < count; i++)
            {
                yield return i * stride;
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
