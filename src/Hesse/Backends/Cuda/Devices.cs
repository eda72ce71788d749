using System.Runtime.ExceptionServices;

namespace Hesse.Backends.Cuda;

/// <summary>Work on several devices at once, a thread for each but the first.</summary>
internal static class Devices
{
    /// <summary>Calls work(0) .. work(count - 1) at the same time; throws the first failure after all have ended.</summary>
    public static void Each(int count, Action<int> work)
    {
        Exception?[] failures = new Exception?[count];
        Thread[] others = new Thread[count - 1];
        for (int i = 1; i < count; i++)
        {
            int part = i;
            others[i - 1] = new Thread(() => Run(part)) { Name = $"hesse cuda {part}", IsBackground = true };
            others[i - 1].Start();
        }

        Run(0);
        foreach (Thread other in others)
        {
            other.Join();
        }

        if (Array.Find(failures, it => it is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        void Run(int part)
        {
            try
            {
                work(part);
            }
            // Thrown again by the thread that waits for all of them.
            catch (Exception failure)
            {
                failures[part] = failure;
            }
        }
    }
}
