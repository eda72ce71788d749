using Hesse.Planning;
using Hesse.Stores;

namespace Hesse.Observables;

/// <summary>The values of a wave, array by array, until the wave is written; NaN where nothing was measured.</summary>
internal sealed class WaveValues
{
    private readonly ObservationLayout[] _layouts; // one an observation
    private readonly double[][] _rows; // of each array of each observation: (R, times, element shape)
    private readonly int[] _firstArray; // of each observation

    /// <summary>Room for the observations of some replicas.</summary>
    /// <param name="layouts">One for each observation.</param>
    /// <param name="replicas">R</param>
    public WaveValues(IEnumerable<ObservationLayout> layouts, int replicas)
    {
        _layouts = [.. layouts];
        _firstArray = new int[_layouts.Length];
        List<double[]> rows = [];
        for (int i = 0; i < _layouts.Length; i++)
        {
            _firstArray[i] = rows.Count;
            foreach (ArrayLayout array in _layouts[i].Arrays)
            {
                rows.Add(new double[checked(replicas * array.RowLength)]);
                Array.Fill(rows[^1], double.NaN);
            }
        }

        _rows = [.. rows];
    }

    /// <summary>Number of arrays of all observations.</summary>
    public int Arrays => _rows.Length;

    /// <summary>An array, in the order of the observations and their parts. (R, times, element shape)</summary>
    public ReadOnlySpan<double> Rows(int array) => _rows[array];

    /// <summary>The same, to be filled from a checkpoint.</summary>
    public Span<double> WritableRows(int array) => _rows[array];

    /// <summary>Which of its times an observation has at a step; -1 for none.</summary>
    public int TimeIndex(int observation, int step)
    {
        IReadOnlyList<int> times = _layouts[observation].Times;
        int low = 0;
        int high = times.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (times[middle] == step)
            {
                return middle;
            }

            (low, high) = times[middle] < step ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    /// <summary>Puts what was measured of some replicas at one time in its places.</summary>
    /// <param name="observation">Which observation.</param>
    /// <param name="time">Index of the time.</param>
    /// <param name="replicas">Places of the replicas in the wave.</param>
    /// <param name="values">(replicas, all parts one after the other)</param>
    public void Store(int observation, int time, ReadOnlySpan<int> replicas, ReadOnlySpan<double> values)
    {
        int from = 0;
        foreach (int replica in replicas)
        {
            for (int part = 0; part < _layouts[observation].Arrays.Count; part++)
            {
                ArrayLayout array = _layouts[observation].Arrays[part];
                int length = (int)array.ElementCount;
                long to = (replica * array.RowLength) + ((long)time * length);
                values.Slice(from, length).CopyTo(_rows[_firstArray[observation] + part].AsSpan((int)to));
                from += length;
            }
        }
    }
}
