using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Hesse.Planning;
using Hesse.Stores;

namespace Hesse.Reports;

/// <summary>
/// The report of a folder while its runs go on, served on this machine only: the address holds a random word, and pages ask nothing of
/// anybody else. Shows finished chunks.
/// </summary>
public sealed class LiveReport : IDisposable
{
    private const int TokenBytes = 16;
    private const int Attempts = 20;
    private const string Html = "text/html; charset=utf-8";

    private readonly string _folder;
    private readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
    private readonly HttpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, (string Version, byte[] Page)> _pages = new(StringComparer.Ordinal);
    private readonly Task _serving;

    /// <summary>Begins to serve, on a thread of its own.</summary>
    /// <param name="folder">An --out folder, one run inside it, or where one will be.</param>
    /// <param name="port">A port of this machine; 0 for any that is free.</param>
    /// <exception cref="HesseException">69: the port cannot be used.</exception>
    public LiveReport(string folder, int port = 0)
    {
        _folder = Path.GetFullPath(folder);
        _listener = Listen(port, out int used);
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{used}/{_token}/"));
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>What to open in a browser.</summary>
    public Uri Address { get; }

    /// <summary>Ends.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Close();
        // Stops within the page in work; nothing that it does outlives the process.
        _ = _serving.Wait(TimeSpan.FromSeconds(2));
        _stop.Dispose();
    }

    private static HttpListener Listen(int port, out int used)
    {
        for (int attempt = 1; ; attempt++)
        {
            used = port > 0 ? port : FreePort();
            HttpListener listener = new();
            listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{used}/"));
            try
            {
                listener.Start();
                return listener;
            }
            catch (HttpListenerException failure)
            {
                listener.Close();
                // Another program may have taken the free port in between.
                if (port > 0 || attempt == Attempts)
                {
                    throw new HesseException(
                        ExitCode.DeviceUnavailable,
                        $"port {used} of this machine cannot be used: {failure.Message}",
                        failure
                    );
                }
            }
        }
    }

    private static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            // Closing the listener ends the wait.
            catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            try
            {
                (HttpStatusCode status, string type, byte[] body) = Answer(context.Request);
                await SendAsync(context.Response, status, type, body);
            }
            // A browser that has gone away, or the end.
            catch (Exception end)
                when (end
                        is HttpListenerException
                            or ObjectDisposedException
                            or OperationCanceledException
                            or IOException
                )
            {
                context.Response.Abort();
            }
        }
    }

    private static async Task SendAsync(HttpListenerResponse response, HttpStatusCode status, string type, byte[] body)
    {
        response.StatusCode = (int)status;
        response.ContentType = type;
        response.Headers["Cache-Control"] = "no-store";
        response.Headers["X-Content-Type-Options"] = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.ContentLength64 = body.Length;
        await response.OutputStream.WriteAsync(body);
        response.Close();
    }

    private (HttpStatusCode Status, string Type, byte[] Body) Answer(HttpListenerRequest request)
    {
        // A page elsewhere whose name points to this machine would send its own name.
        bool mine = request.UserHostName == Address.Authority && request.HttpMethod == "GET";
        string[] path = (request.Url?.AbsolutePath ?? string.Empty).Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!mine || path.Length is 0 or > 3 || !IsToken(path[0]))
        {
            return (HttpStatusCode.NotFound, "text/plain", "not found"u8.ToArray());
        }

        try
        {
            return Answer([.. path.Skip(1).Select(Uri.UnescapeDataString)]);
        }
        // What is being written at this moment is read at the next question.
        catch (Exception failure) when (failure is HesseException || StoreFailure.Is(failure))
        {
            return (HttpStatusCode.ServiceUnavailable, Html, Waiting(failure.Message));
        }
    }

    private bool IsToken(string word) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(word), Encoding.UTF8.GetBytes(_token));

    private (HttpStatusCode Status, string Type, byte[] Body) Answer(string[] path)
    {
        bool state = path.Length > 0 && path[^1] == "state";
        string? name = path.FirstOrDefault(word => word != "state");
        if (state)
        {
            JsonObject answer = new() { ["version"] = Version() };
            return (HttpStatusCode.OK, "application/json", Encoding.UTF8.GetBytes(answer.ToJsonString()));
        }

        if (!HasResults())
        {
            return (HttpStatusCode.OK, Html, Waiting("No chunk is finished yet."));
        }

        IReadOnlyList<StoredExperiment> experiments = StoredExperiment.Find(DiskFiles.Instance, _folder);
        if (name is null && experiments.Count > 1)
        {
            string links = string.Concat(
                experiments.Select(one =>
                    $"<li><a href=\"{Uri.EscapeDataString(one.Name)}/\">{Reports.Html.Text(one.Name)}</a></li>"
                )
            );
            return (HttpStatusCode.OK, Html, Plain($"<h1>Runs</h1><ul>{links}</ul>"));
        }

        StoredExperiment? chosen = name is null ? experiments[0] : experiments.FirstOrDefault(one => one.Name == name);
        return chosen is null
            ? (HttpStatusCode.NotFound, "text/plain", "not found"u8.ToArray())
            : (HttpStatusCode.OK, Html, Page(chosen));
    }

    private byte[] Page(StoredExperiment experiment)
    {
        string version = Version();
        if (!_pages.TryGetValue(experiment.Folder, out (string Version, byte[] Page) known) || known.Version != version)
        {
            ExperimentFigures figures = ExperimentFigures.Of(experiment, _stop.Token);
            known = (version, Encoding.UTF8.GetBytes(ReportPage.Write(figures, version)));
            _pages[experiment.Folder] = known;
        }

        return known.Page;
    }

    private bool HasResults()
    {
        try
        {
            return Directory.Exists(_folder) && Results.Find(_folder).Count > 0;
        }
        // A run that has only just made its folder.
        catch (HesseException failure) when (failure.Code == ExitCode.InputMissing)
        {
            return false;
        }
    }

    /// <summary>Changes whenever something more is finished: a hash of the manifests' times and the chunks' names.</summary>
    private string Version()
    {
        StringBuilder seen = new();
        foreach (string folder in HasResults() ? Results.Find(_folder) : [])
        {
            ResultPaths paths = new(folder, Shard.Whole);
            seen.Append(ManifestFile.Read(DiskFiles.Instance, paths).Written.UtcTicks).Append(':');
            seen.AppendJoin(',', DiskFiles.Instance.Folders(paths.Chunks)).Append(';');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(seen.ToString())))[..16];
    }

    private static byte[] Waiting(string why) =>
        Plain(
            $"<meta http-equiv=\"refresh\" content=\"2\"><h1>hesse</h1><p>{Reports.Html.Text(why)} This page follows the run.</p>"
        );

    private static byte[] Plain(string body) =>
        Encoding.UTF8.GetBytes(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>hesse</title>"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
                + $"<style>{PageAssets.Style}</style>{body}</html>"
        );
}
