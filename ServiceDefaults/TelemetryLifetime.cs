using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Asking for the providers makes them, so that they listen before the first request. The container disposes of them, which sends the rest.</summary>
#pragma warning disable CS9113 // The parameters are wanted for being made.
internal sealed class TelemetryLifetime(TracerProvider tracing, MeterProvider metrics) : IHostedService
#pragma warning restore CS9113
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
