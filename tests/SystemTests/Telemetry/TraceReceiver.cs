using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Floodgate.SystemTests.Telemetry;

/// <summary>
/// An OTLP receiver over HTTP with protobuf bodies (https://opentelemetry.io/docs/specs/otlp/#otlphttp) that keeps the
/// names of the spans by trace.
/// </summary>
public sealed class TraceReceiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<ReceivedSpan>> _spans = new(StringComparer.Ordinal);
    private WebApplication? _app;

    /// <summary>Where to export to.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The spans received so far of one trace.</summary>
    /// <param name="traceId">32 lower-case hexadecimal digits.</param>
    public IReadOnlyCollection<ReceivedSpan> Trace(string traceId) => _spans.TryGetValue(traceId, out var spans) ? spans : [];

    /// <summary>
    /// How many envelopes were flushed more than once: their transaction failed, or they came again. Each attempt is a
    /// span <c>flush envelope</c> below the one span that published the envelope.
    /// </summary>
    public int FlushedAgain() => _spans.Values
        .Sum(trace => trace.Where(span => span.Name == "flush envelope").GroupBy(span => span.ParentId, StringComparer.Ordinal).Count(attempts => attempts.Skip(1).Any()));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/v1/traces", ReceiveAsync);
        _app.MapPost("/v1/{signal}", () => Results.Ok());
        await _app.StartAsync(cancellationToken);
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
        {
            await app.DisposeAsync();
        }
    }

    private async Task<IResult> ReceiveAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        foreach (var span in TraceExport.Read(new CodedInputStream(body.ToArray())))
        {
            _spans.GetOrAdd(span.TraceId, _ => []).Add(span);
        }

        return Results.Bytes([], "application/x-protobuf");
    }
}
