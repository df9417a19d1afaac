using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http.Resilience;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service has: telemetry, health checks, service discovery and resilient HTTP clients.</summary>
public static class Extensions
{
    private const string LiveTag = "live";

    /// <summary>Adds all of it. Call it first.</summary>
    /// <typeparam name="TBuilder">The kind of application.</typeparam>
    /// <param name="builder">The application.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.ConfigureOpenTelemetry();
        builder.AddDefaultHealthChecks();
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
#pragma warning disable EXTEXP0001 // Marked experimental in some versions of the package.
            // A write that got no answer may have been done: repeating it is for the caller to decide.
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
#pragma warning restore EXTEXP0001
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>
    /// Logs one line per message to the console, and sends traces, metrics and logs to the collector at <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.
    /// Without that setting nothing is collected, so nothing is paid for it.
    /// </summary>
    /// <typeparam name="TBuilder">The kind of application.</typeparam>
    /// <param name="builder">The application.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ConsoleLog.Configure(builder);
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            Telemetry.Export(builder);
        return builder;
    }

    /// <summary>Adds the health check <c>self</c>, tagged <c>live</c>: the process answers.</summary>
    /// <typeparam name="TBuilder">The kind of application.</typeparam>
    /// <param name="builder">The application.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (ready: every check passes) and <c>/alive</c> (only those tagged <c>live</c>).
    /// They answer one word, so they give nothing away and are mapped in every environment.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns><paramref name="app"/>.</returns>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);

        app.MapHealthChecks(Telemetry.HealthPath).AllowAnonymous();
        app.MapHealthChecks(Telemetry.AlivePath, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) }).AllowAnonymous();
        return app;
    }
}
