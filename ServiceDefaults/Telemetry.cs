using System.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Traces, metrics and logs over OTLP, from the sources that the frameworks and Floodgate have themselves.
/// The providers read <c>OTEL_*</c> settings from the application's configuration.
/// </summary>
internal static class Telemetry
{
    public const string HealthPath = "/health";
    public const string AlivePath = "/alive";

    private static readonly string[] Sources =
    [
        "Floodgate.*", "Microsoft.AspNetCore", "System.Net.Http", "Npgsql",
        "RabbitMQ.Client.Publisher", "RabbitMQ.Client.Subscriber", "Aspire.RabbitMQ.Client",
    ];

    private static readonly string[] Meters =
    [
        "Floodgate.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql",
    ];

    public static void Export(IHostApplicationBuilder builder)
    {
        // RabbitMQ's client and HttpClient both take the process-wide propagator.
        DistributedContextPropagator.Current = DistributedContextPropagator.CreateW3CPropagator();

        var configuration = builder.Configuration;
        var fallbackName = builder.Environment.ApplicationName;
        builder.Services.AddSingleton(_ => BuildTracing(configuration, fallbackName));
        builder.Services.AddSingleton(_ => BuildMetrics(configuration, fallbackName));
        builder.Services.AddHostedService<TelemetryLifetime>();
        builder.Services.AddTransient<IStartupFilter, RequestSpans>();
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
            logging.SetResourceBuilder(Resource(ResourceBuilder.CreateEmpty(), configuration, fallbackName));
            logging.AddOtlpExporter();
        });
    }

    private static TracerProvider BuildTracing(IConfiguration configuration, string fallbackName) =>
        Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(configuration))
            .ConfigureResource(resource => Resource(resource, configuration, fallbackName))
            .AddSource(Sources)
            .AddOtlpExporter()
            .Build();

    private static MeterProvider BuildMetrics(IConfiguration configuration, string fallbackName) =>
        Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(configuration))
            .ConfigureResource(resource => Resource(resource, configuration, fallbackName))
            .AddMeter(Meters)
            .AddOtlpExporter()
            .Build();

    private static ResourceBuilder Resource(ResourceBuilder resource, IConfiguration configuration, string fallbackName)
    {
        var pairs = (configuration["OTEL_RESOURCE_ATTRIBUTES"] ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(pair => pair.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .Select(pair => KeyValuePair.Create<string, object>(pair[0], Uri.UnescapeDataString(pair[1])));
        return resource
            .Clear()
            .AddTelemetrySdk()
            .AddAttributes(pairs)
            .AddService(configuration["OTEL_SERVICE_NAME"] ?? fallbackName, autoGenerateServiceInstanceId: false);
    }
}
