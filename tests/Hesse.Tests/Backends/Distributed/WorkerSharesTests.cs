using Hesse.Backends.Distributed;
using Hesse.Data;
using Hesse.Specs;
using static Hesse.Tests.Backends.Distributed.DistributedCases;

namespace Hesse.Tests.Backends.Distributed;

public sealed class WorkerSharesTests
{
    [Fact]
    public void Fewer_workers_than_classes_have_classes_of_their_own()
    {
        DataSet data = Labelled(Enumerable.Range(0, 30).Select(n => n % 10));
        int[]?[] shares = WorkerShares.Of(ByClass(4), data);
        int[][] classes = [.. shares.Select(rows => rows!.Select(row => row % 10).Distinct().ToArray())];
        classes.SelectMany(owned => owned).ShouldBe(Enumerable.Range(0, 10));
        shares.SelectMany(rows => rows!).Order().ShouldBe(Enumerable.Range(0, 30));
        classes.ShouldAllBe(owned => owned.Length >= 2 && owned.Length <= 3);
    }

    [Fact]
    public void More_workers_than_classes_have_one_class_each()
    {
        DataSet data = Labelled(Enumerable.Range(0, 30).Select(n => n % 3));
        int[]?[] shares = WorkerShares.Of(ByClass(7), data);
        shares.ShouldAllBe(rows => rows!.Select(row => row % 3).Distinct().Count() == 1);
        shares.SelectMany(rows => rows!).Order().ShouldBe(Enumerable.Range(0, 30));
        // Three, two and two workers share ten rows.
        shares.Select(rows => rows!.Length).ShouldBe([4, 3, 3, 5, 5, 5, 5]);
    }

    [Fact]
    public void Iid_workers_have_all_rows() =>
        WorkerShares.Of(Of(3, Aggregation.Mean), Labelled([0, 1])).ShouldBe([null, null, null]);

    [Fact]
    public void Data_that_cannot_be_split_say_why()
    {
        Message(ByClass(3), Labelled([0, 1, 1]))
            .ShouldBe("training.workers.split: by-class leaves worker 1 of 3 without samples; use fewer workers");
        Message(ByClass(2), new DataSet(2, 1, 1, 1, [1, 2], null, [1, 2])).ShouldContain("by-class needs class labels");
        Message(ByClass(2), new DataSet(2, 1, 2, 2, [1, 2, 3, 4], [0, 1, 1, 0], null))
            .ShouldContain("the same labels in every replica");
    }

    private static string Message(WorkersSpec workers, DataSet data)
    {
        HesseException failure = Should.Throw<HesseException>(() => WorkerShares.Of(workers, data));
        failure.Code.ShouldBe(ExitCode.BadData);
        return failure.Message;
    }

    private static WorkersSpec ByClass(int count) => Of(count, Aggregation.Mean) with { Split = WorkerSplit.ByClass };

    private static DataSet Labelled(IEnumerable<int> labels)
    {
        int[] all = [.. labels];
        return new DataSet(all.Length, 1, all.Max() + 1, 1, [.. all.Select(label => (double)label)], all, null);
    }
}
