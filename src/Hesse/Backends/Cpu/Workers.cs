using System.Runtime.ExceptionServices;

namespace Hesse.Backends.Cpu;

/// <summary>
/// One long-lived thread per core; the caller is worker 0. Results never depend on which worker does what: an item's
/// numbers are a function of the item alone.
/// </summary>
internal sealed class Workers : IDisposable
{
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _start;
    private readonly CountdownEvent _finished;
    private readonly Lock _gate = new();
    private Action<int, int>? _work;
    private int _items;
    private int _next;
    private bool _share;
    private Exception? _failure;
    private bool _stop;

    public Workers(int count)
    {
        Count = Math.Max(1, count);
        _threads = new Thread[Count - 1];
        _start = new SemaphoreSlim[Count - 1];
        _finished = new CountdownEvent(1);
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _start[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Loop(worker)) { IsBackground = true, Name = $"hesse-worker-{worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Number of workers, the caller included.</summary>
    public int Count { get; }

    /// <summary>Runs work(worker, item) for every item; items of equal cost are split statically into contiguous ranges.</summary>
    public void Split(int items, Action<int, int> work) => Run(items, work, share: false);

    /// <summary>Runs work(worker, item) for every item; each worker takes the next item when it is free (unequal costs).</summary>
    public void Share(int items, Action<int, int> work) => Run(items, work, share: true);

    public void Dispose()
    {
        _stop = true;
        foreach (SemaphoreSlim start in _start)
        {
            start.Release();
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        foreach (SemaphoreSlim start in _start)
        {
            start.Dispose();
        }

        _finished.Dispose();
    }

    private void Run(int items, Action<int, int> work, bool share)
    {
        lock (_gate)
        {
            _work = work;
            _items = items;
            _share = share;
            _next = -1;
            _failure = null;
            _finished.Reset(Count);
            foreach (SemaphoreSlim start in _start)
            {
                start.Release();
            }

            Guarded(0);
            _finished.Wait();
            _work = null;
            if (_failure is not null)
            {
                ExceptionDispatchInfo.Throw(_failure);
            }
        }
    }

    private void Loop(int worker)
    {
        while (true)
        {
            _start[worker - 1].Wait();
            if (_stop)
            {
                return;
            }

            Guarded(worker);
        }
    }

    private void Guarded(int worker)
    {
        try
        {
            Work(worker);
        }
        // Whatever fails in a worker fails the call: it is thrown again on the caller's thread.
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
        finally
        {
            _finished.Signal();
        }
    }

    private void Work(int worker)
    {
        if (_share)
        {
            for (int item = Interlocked.Increment(ref _next); item < _items; item = Interlocked.Increment(ref _next))
            {
                _work!(worker, item);
            }

            return;
        }

        int to = (int)((long)_items * (worker + 1) / Count);
        for (int item = (int)((long)_items * worker / Count); item < to; item++)
        {
            _work!(worker, item);
        }
    }
}
