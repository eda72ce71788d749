using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Backends.Distributed;

/// <summary>
/// What the last workers send in place of their gradient g: -g; 0; the gradient on labels C - 1 - y; the gradient of
/// <see cref="DelayOf"/> steps ago (until then the first one); -g / 2; mean minus 0.3 standard deviations of the honest gradients.
/// Z. Allen-Zhu, F. Ebrahimian, J. Li, D. Alistarh, Byzantine-resilient non-convex SGD, ICLR 2021, section 5 (the last after
/// G. Baruch, M. Baruch, Y. Goldberg, A little is enough, NeurIPS 2019).
/// </summary>
internal sealed class ByzantineAttack(WorkersSpec workers, int replicas, int length)
{
    private const int UsualDelay = 1000;
    private const double SafeguardFactor = -0.5;
    private const double Deviations = 0.3;

    private readonly ByzantineSpec? _spec = workers.Attackers;
    private readonly List<WorkerVectors> _past = []; // of attack delayed: [step mod delay] (Byzantine workers, R, P)

    /// <summary>Workers 0 .. Honest-1 do as they should.</summary>
    public int Honest { get; } = workers.Count - (workers.Attackers?.Count ?? 0);

    /// <summary>Whether a Byzantine worker's own gradient is looked at.</summary>
    public bool NeedsGradient => _spec?.Attack is not (Attack.Zero or Attack.Variance);

    /// <summary>Whether the Byzantine workers see flipped labels.</summary>
    public bool FlipsLabels => _spec?.Attack == Attack.LabelFlip;

    /// <summary>Steps by which attack delayed is late.</summary>
    public static int DelayOf(ByzantineSpec spec) => spec.Delay ?? UsualDelay;

    /// <summary>The samples with class C - 1 - y in place of y.</summary>
    /// <exception cref="HesseException">65: there are no classes.</exception>
    public static DataSet Flipped(DataSet data, Network network)
    {
        if (data.Labels is null)
        {
            throw new HesseException(
                ExitCode.BadData,
                "training.workers.byzantine.attack: label-flip needs class labels; the data has targets without classes"
            );
        }

        int last = network.Loss == Loss.Logistic ? 1 : network.OutputWidth - 1;
        int[] labels = [.. data.Labels.Select(label => last - label)];
        return new DataSet(
            data.Samples,
            data.Dimension,
            data.Outputs,
            data.Sets,
            data.Inputs,
            labels,
            targets: null
        ).ForNetwork(network);
    }

    /// <summary>Makes room for what a step needs, before the replicas are looked at side by side.</summary>
    public void Begin(int step)
    {
        if (_spec is { Attack: Attack.Delayed } && step < DelayOf(_spec))
        {
            _past.Add(new WorkerVectors(_spec.Count, replicas, length));
        }
    }

    /// <summary>Names what the attackers of a replica keep after this many updates.</summary>
    public void Transfer(int replica, int step, StateTransfer transfer)
    {
        int kept = _spec is { Attack: Attack.Delayed } ? Math.Min(step, DelayOf(_spec)) : 0;
        for (int slot = 0; slot < kept; slot++)
        {
            if (slot == _past.Count)
            {
                // A wave that is put to a step has not gone through those before it.
                Begin(slot);
            }

            _past[slot].Transfer(replica, transfer);
        }
    }

    /// <summary>Turns what the Byzantine workers of a replica would send into what they send.</summary>
    /// <param name="replica">Replica of the wave.</param>
    /// <param name="step">Updates made so far.</param>
    /// <param name="sent">The workers' gradients, changed.</param>
    public void Run(int replica, int step, WorkerVectors sent)
    {
        for (int worker = Honest; worker < sent.Workers; worker++)
        {
            Span<double> vector = sent.Of(worker, replica);
            switch (_spec!.Attack)
            {
                case Attack.SignFlip:
                    Scale(vector, -1);
                    break;
                case Attack.Safeguard:
                    Scale(vector, SafeguardFactor);
                    break;
                case Attack.Zero:
                    vector.Clear();
                    break;
                case Attack.Delayed:
                    Delay(worker - Honest, replica, step, vector);
                    break;
                case Attack.Variance:
                    Shift(replica, sent, vector);
                    break;
            }
        }
    }

    private static void Scale(Span<double> vector, double factor)
    {
        foreach (ref double g in vector)
        {
            g *= factor;
        }
    }

    private void Delay(int attacker, int replica, int step, Span<double> vector)
    {
        int delay = DelayOf(_spec!);
        Span<double> slot = _past[step % delay].Of(attacker, replica);
        if (step < delay)
        {
            vector.CopyTo(slot);
            _past[0].Of(attacker, replica).CopyTo(vector);
            return;
        }

        for (int i = 0; i < vector.Length; i++)
        {
            (vector[i], slot[i]) = (slot[i], vector[i]);
        }
    }

    private void Shift(int replica, WorkerVectors sent, Span<double> vector)
    {
        for (int i = 0; i < vector.Length; i++)
        {
            double mean = 0;
            for (int worker = 0; worker < Honest; worker++)
            {
                mean += sent.Of(worker, replica)[i];
            }

            mean /= Honest;
            double squares = 0;
            for (int worker = 0; worker < Honest; worker++)
            {
                double off = sent.Of(worker, replica)[i] - mean;
                squares += off * off;
            }

            vector[i] = mean - (Deviations * Math.Sqrt(squares / Honest));
        }
    }
}
