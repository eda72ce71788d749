using System.Runtime.ExceptionServices;

namespace Hesse.Backends.Cpu;

/// <summary>
/// One long-lived thread per core; the caller is worker 0. Results never depend on which worker does what: an item's
/// numbers are a function of the item alone.
/// </summary>
internal sealed class Workers : IDisposable
{
    private const int Line = 64 / sizeof(int);

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _start;
    private readonly CountdownEvent _finished;
    private readonly Lock _gate = new();
    private Action<int, int>? _work;
    private readonly int[] _next; // of each worker's range, a cache line apart
    private int _items;
    private Exception? _failure;
    private bool _stop;

    public Workers(int count)
    {
        Count = Math.Max(1, count);
        _threads = new Thread[Count - 1];
        _start = new SemaphoreSlim[Count - 1];
        _finished = new CountdownEvent(1);
        _next = new int[Count * Line];
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

    /// <summary>
    /// Runs work(worker, item) for every item. Each worker has a contiguous range of its own, the same in every call, so that items
    /// stay in its core's cache; who is done helps the others, because costs differ and cores are not always ours alone.
    /// </summary>
    public void Split(int items, Action<int, int> work)
    {
        lock (_gate)
        {
            _work = work;
            _items = items;
            for (int worker = 0; worker < Count; worker++)
            {
                _next[worker * Line] = First(worker);
            }

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
        for (int other = 0; other < Count; other++)
        {
            int owner = (worker + other) % Count;
            int end = First(owner + 1);
            ref int next = ref _next[owner * Line];
            for (int item = Interlocked.Increment(ref next) - 1; item < end; item = Interlocked.Increment(ref next) - 1)
            {
                _work!(worker, item);
            }
        }
    }

    private int First(int worker) => (int)((long)_items * worker / Count);
}
