using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.Sessions;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.PullRanges;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RabbitMQ.Client.Exceptions;
using StackExchange.Redis;

namespace Floodgate.TimelineService;

/// <summary>What every feature of this service stands on: the nodes, Redis, the broker, JSON, errors, telemetry.</summary>
internal static class Foundations
{
    // A text of 5,000 code points is at most 60,000 bytes of JSON, each written as two \u escapes.
    private const long MaximumBody = 128 * 1024;

    public static void AddFoundations(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            // Whoever logs requests also makes a span and a scope for each, and one for each call to CounterService: where nothing collects them they are
            // not worth their cost.
            builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        }

        builder.AddProblems(problems => problems.Unavailable<NodeUnavailableException>().Unavailable<CacheUnavailableException>().Unavailable<RedisException>().Unavailable<RabbitMQClientException>());
        builder.AddSessions();
        builder.AddPostgresNodes();
        builder.AddTopologyWatch();
        builder.AddSchemaMigration();
        builder.AddRedisClient(Connections.Redis, settings => settings.DisableHealthChecks = true);
        builder.AddCaches();
        builder.AddPullRanges();
        builder.AddBroker();
        builder.Services.AddOptions<TimelineOptions>()
            .BindConfiguration(TimelineOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.PollInterval < options.Grace, "Floodgate:Timelines:PollInterval must be shorter than Grace.")
            .Validate(options => options.ThresholdBack < options.Threshold, "Floodgate:Timelines:ThresholdBack must be less than Threshold.")
            .Validate(options => options.ShedUntil < options.ShedAfter, "Floodgate:Timelines:ShedUntil must be shorter than ShedAfter.")
            .Validate(options => options.ConnectTimeout < options.WriteTimeout, "Floodgate:Timelines:ConnectTimeout must be shorter than WriteTimeout.")
            .Validate(options => options.LikeCopies is 0 or >= 1000, "Floodgate:Timelines:LikeCopies must be 0 or at least 1000: with fewer, all are forgotten at each page.")
            .Validate(
                options => 2 * options.QueueTimeout <= options.PendingTolerance,
                "Floodgate:Timelines:QueueTimeout must be at most half of PendingTolerance: a post that is confirmed late would be called lost.")
            .Validate(
                options => options.PendingTolerance < options.RequestKeyLifetime,
                "Floodgate:Timelines:PendingTolerance must be shorter than RequestKeyLifetime: a published post would be forgotten while it is called processing.")
            .ValidateOnStart();
        builder.Services.AddSingleton<TimelineMetrics>();
        builder.Services.AddSingleton<RedisGate>();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, TimelineJson.Default);

            // Which of the two was meant nobody knows, and a proxy may have read the other.
            json.SerializerOptions.AllowDuplicateProperties = false;
        });
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = MaximumBody);
    }

    public static void UseFoundations(this WebApplication app)
    {
        app.UseProblems();
        app.UseRouterTimeline();
        app.MapDefaultEndpoints();
    }
}
