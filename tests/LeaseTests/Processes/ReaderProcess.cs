using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.LeaseTests.Running;

namespace Floodgate.LeaseTests.Processes;

/// <summary>A process of its own that reads through the cache, the one that <c>bench cache</c> measures.</summary>
internal sealed class ReaderProcess : IAsyncDisposable
{
    private const string Assembly = "Floodgate.Bench.CacheNode.dll";

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;
    private readonly HttpClient _http;

    private ReaderProcess(Servers servers, string database, IEnumerable<(string Name, string Value)> settings)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, Assembly));
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        start.Environment["ConnectionStrings__floodgate"] = servers.ConnectionTo("floodgate") + ";Database=" + database;
        start.Environment["ConnectionStrings__replica-1"] = servers.ConnectionTo("replica-1") + ";Database=" + database;
        start.Environment["Floodgate__Nodes__Replicas__0"] = "replica-1";
        start.Environment["ConnectionStrings__redis"] = servers.Redis;
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;

        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    /// <summary>Starts one, and does not wait until it is healthy.</summary>
    public static ReaderProcess Start(Servers servers, string database, params (string Name, string Value)[] settings) => new(servers, database, settings);

    /// <summary>Waits until it is.</summary>
    public Task HealthyAsync() => Until.Async(async () =>
    {
        Assert.False(_process.HasExited, string.Join('\n', _output));
        try
        {
            using var answer = await _http.GetAsync("/health", Patience);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            return false;
        }
    });

    public Task MakeItemsAsync(long rows) => TellAsync(HttpMethod.Post, "/items", new NewItems(rows, Bytes: 100), NodeJson.Default.NewItems);

    public Task<ReadItem> ReadAsync(long id, bool brief) =>
        AskAsync(HttpMethod.Get, $"/items/{id}?mode={ModeName.Leases}&brief={brief}", NodeJson.Default.ReadItem);

    public Task ReadyAsync(WaveRequest wave) => TellAsync(HttpMethod.Post, "/callers", wave, NodeJson.Default.WaveRequest);

    public Task<WaveAnswer> GoAsync() => AskAsync(HttpMethod.Post, "/callers/go", NodeJson.Default.WaveAnswer);

    public Task SetGateAsync(bool closed) => TellAsync(HttpMethod.Put, "/gate", new GateState(closed), NodeJson.Default.GateState);

    public Task<OriginFigures> OriginAsync() => AskAsync(HttpMethod.Get, "/origin", NodeJson.Default.OriginFigures);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _http.Dispose();
        // A port comes again.
        TestContext.Current.AddAttachment($"{Assembly} {_http.BaseAddress!.Port} {Guid.NewGuid():N}", string.Join('\n', _output));
    }

    private async Task TellAsync<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, type) };
        using var answer = await _http.SendAsync(request, Patience);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Patience));
    }

    private async Task<T> AskAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type)
    {
        using var request = new HttpRequestMessage(method, path);
        using var answer = await _http.SendAsync(request, Patience);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Patience));
        return (await answer.Content.ReadFromJsonAsync(type, Patience))!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
