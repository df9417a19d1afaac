using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace Floodgate.UnitTests.ServiceDefaults;

/// <summary>Listeners are process-wide: these run one after the other, as they are one class.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Without_a_collector_nothing_listens()
    {
        using var host = Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        using var source = new ActivitySource("Floodgate.Silence");

        Assert.Null(host.Services.GetService<TracerProvider>());
        Assert.False(source.HasListeners());
    }

    [Fact]
    public async Task With_a_collector_spans_metrics_and_logs_reach_it_under_the_service_name()
    {
        var received = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await using var collector = await LoopbackServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            received.AddOrUpdate(context.Request.Path, Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        });

        using (var host = Build(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_SERVICE_NAME", "telemetry-test"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=instance-7")))
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            using var source = new ActivitySource("Floodgate.TelemetryTests");
            using var meter = new Meter("Floodgate.TelemetryTests");
            var counter = meter.CreateCounter<int>("floodgate.test.hits");
            using (source.StartActivity("a span of the test"))
            {
                counter.Add(1);
                host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Test").LogWarning("a line of the test");
            }

            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains("a span of the test", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("floodgate.test.hits", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("a line of the test", received["/v1/logs"], StringComparison.Ordinal);
        Assert.All(received.Values, sent =>
        {
            Assert.Contains("telemetry-test", sent, StringComparison.Ordinal);
            Assert.Contains("instance-7", sent, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Spans_of_requests_are_sent_and_spans_of_health_probes_are_not()
    {
        var received = new ConcurrentQueue<string>();
        await using var collector = await LoopbackServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            if (context.Request.Path == "/v1/traces")
                received.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
        });
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
        [
            KeyValuePair.Create("OTEL_EXPORTER_OTLP_ENDPOINT", (string?)collector.Address),
            KeyValuePair.Create("OTEL_EXPORTER_OTLP_PROTOCOL", (string?)"http/protobuf"),
        ]);
        builder.AddServiceDefaults();
        await using (var app = builder.Build())
        {
            app.MapDefaultEndpoints();
            app.MapGet("/things/{id}", () => "one");
            await app.StartAsync(TestContext.Current.CancellationToken);
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            foreach (var path in new[] { "/health", "/things/7", "/alive" })
                await client.GetStringAsync(path, TestContext.Current.CancellationToken);
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        // The client's own spans go out too, with a whole address; the server's have the route.
        var sent = string.Concat(received);
        Assert.Contains("/things/{id}", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("GET /health", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("GET /alive", sent, StringComparison.Ordinal);
    }

    private static IHost Build(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddServiceDefaults();
        return builder.Build();
    }
}
