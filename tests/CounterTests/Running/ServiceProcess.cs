using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Floodgate.CounterTests.Running;

/// <summary>A service in a process of its own, which can be killed with -9.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly string _assembly;
    private readonly Dictionary<string, string> _environment;
    private Process? _process;

    private ServiceProcess(string assembly, Dictionary<string, string> environment)
    {
        _assembly = assembly;
        _environment = environment;
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(20) };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public static Task<ServiceProcess> StartCounterAsync(Servers servers, params (string Name, string Value)[] settings) =>
        StartAsync("Floodgate.CounterService.dll", servers, settings);

    public static Task<ServiceProcess> StartFlushAsync(Servers servers, params (string Name, string Value)[] settings) =>
        StartAsync("Floodgate.FlushWorker.dll", servers, settings);

    /// <summary>Starts it again, on the same port.</summary>
    public async Task StartAsync(bool untilHealthy = true)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, _assembly));
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["ASPNETCORE_URLS"] = Address.ToString();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (untilHealthy)
        {
            await Wait.UntilAsync(IsHealthyAsync, () => $"{_assembly} is healthy; it wrote: {string.Join('\n', _output)}", seconds: 60);
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        Http.Dispose();
        // A port comes again.
        TestContext.Current.AddAttachment($"{_assembly} {Address.Port} {Guid.NewGuid():N}", string.Join('\n', _output));
    }

    private static async Task<ServiceProcess> StartAsync(string assembly, Servers servers, (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__floodgate"] = servers.PostgresConnection,
            ["ConnectionStrings__replica-1"] = servers.ReplicaConnection,
            ["Floodgate__Nodes__Replicas__0"] = "replica-1",
            ["ConnectionStrings__redis"] = servers.RedisConnection,
            ["ConnectionStrings__rabbitmq"] = servers.BrokerConnection,
            ["Floodgate__Counters__FlushInterval"] = "00:00:00.200",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        var service = new ServiceProcess(assembly, environment);
        await service.StartAsync(!settings.Any(setting => setting.Name == "unhealthy"));
        if (settings.Any(setting => setting.Name == "unhealthy"))
        {
            await Wait.UntilAsync(() => service.AnswersAsync("/alive"), "the process answers", seconds: 60);
        }

        return service;
    }

    private async Task<bool> IsHealthyAsync() => await AnswersAsync("/health");

    private async Task<bool> AnswersAsync(string path)
    {
        try
        {
            using var answer = await Http.GetAsync(path);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
