using Hesse.Backends.Cuda;

namespace Hesse.Tests.Backends.Cuda;

public sealed class KernelCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notices = [];
    private readonly KernelCache _cache;

    public KernelCacheTests() => _cache = new KernelCache(_folder.PathOf("kernels"), _notices.Add);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read_and_nothing_else()
    {
        string key = KernelCache.Key("source", ["sm_90"]);
        _cache.TryRead(key, out _).ShouldBeFalse();
        _cache.Write(key, [1, 2, 3]);
        _cache.TryRead(key, out byte[] image).ShouldBeTrue();
        image.ShouldBe([1, 2, 3]);
        KernelCache.Key("source", ["sm_80"]).ShouldNotBe(key);
        KernelCache.Key("sourc", ["sm_90"]).ShouldNotBe(key);
        Directory.GetFiles(_folder.PathOf("kernels")).ShouldBe([_cache.PathOf(key)]);
        _notices.ShouldBeEmpty();
    }

    [Fact]
    public void A_damaged_entry_is_told_and_not_used()
    {
        string key = KernelCache.Key("source", []);
        _cache.Write(key, new byte[100]);
        byte[] entry = File.ReadAllBytes(_cache.PathOf(key));
        entry[^1] ^= 1;
        File.WriteAllBytes(_cache.PathOf(key), entry);
        _cache.TryRead(key, out _).ShouldBeFalse();
        File.WriteAllBytes(_cache.PathOf(key), entry[..20]);
        _cache.TryRead(key, out _).ShouldBeFalse();
        _notices.Count.ShouldBe(2);
        _notices.ShouldAllBe(line => line.Contains(_cache.PathOf(key)) && line.Contains("damaged"));
        _cache.Write(key, [7]);
        _cache.TryRead(key, out byte[] image).ShouldBeTrue();
        image.ShouldBe([7]);
    }

    [Fact]
    public void Writers_at_the_same_time_leave_one_whole_entry()
    {
        string key = KernelCache.Key("source", []);
        byte[] image = [.. Enumerable.Range(0, 10_000).Select(i => (byte)i)];
        Parallel.For(0, 32, _ => _cache.Write(key, image));
        _cache.TryRead(key, out byte[] found).ShouldBeTrue();
        found.ShouldBe(image);
        Directory.GetFiles(_folder.PathOf("kernels")).Length.ShouldBe(1);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told()
    {
        File.WriteAllText(_folder.PathOf("file"), string.Empty);
        KernelCache cache = new(Path.Combine(_folder.PathOf("file"), "kernels"), _notices.Add);
        cache.Write("key", [1]);
        cache.TryRead("key", out _).ShouldBeFalse();
        _notices.ShouldHaveSingleItem().ShouldContain("cannot be written");
    }

    [Fact]
    public void Libraries_are_looked_for_in_absolute_folders_only()
    {
        CudaLibraries
            .Folders(static () => [".", "relative", string.Empty, "/usr/lib", "/usr/lib/", "/no/such/folder"])
            .ShouldAllBe(folder => Path.IsPathFullyQualified(folder) && Directory.Exists(folder));
        CudaLibraries.Folders(static () => ["/usr/lib", "/usr/lib/"]).Count(it => it == "/usr/lib").ShouldBe(1);
    }
}
