using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Floodgate.UnitTests;

/// <summary>A service as its Program makes it, in this process, on a free loopback port.</summary>
internal sealed class InProcessService : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Task _run;

    private InProcessService(IHost host, Task run)
    {
        (_host, _run) = (host, run);
        Address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(Address) };
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>A client without cookies of its own.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _host.Services;

    /// <summary>Runs the entry point of the assembly that holds <paramref name="type"/> until it listens.</summary>
    /// <param name="type">Any type of the service.</param>
    /// <param name="settings">Its configuration, as if given on the command line.</param>
    public static async Task<InProcessService> StartAsync(Type type, params (string Key, string Value)[] settings)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var started = new TaskCompletionSource<IHost>(TaskCreationOptions.RunContinuationsAsynchronously);
        string[] arguments = ["--urls=http://127.0.0.1:0", .. settings.Select(setting => $"--{setting.Key}={setting.Value}")];
        var run = Task.Factory.StartNew(
            () =>
            {
                using var hosts = DiagnosticListener.AllListeners.Subscribe(new HostObserver(Environment.CurrentManagedThreadId, started));
                type.Assembly.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        if (await Task.WhenAny(started.Task, run).WaitAsync(TimeSpan.FromSeconds(30), cancellationToken) == run)
        {
            await run;
            throw new InvalidOperationException("The service ended before it listened.");
        }

        return new InProcessService(await started.Task, run);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _run.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Hosting tells of each host that is built; the one built on this thread is ours.</summary>
    private sealed class HostObserver(int thread, TaskCompletionSource<IHost> started)
        : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
                value.Subscribe(this);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilt", Value: IHost host } && Environment.CurrentManagedThreadId == thread)
                host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => started.TrySetResult(host));
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
