using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Counters;
using Floodgate.CounterService.Lag;
using Floodgate.CounterService.Likes;
using Floodgate.CounterService.Oracle;
using Floodgate.CounterService.Ranking;
using Floodgate.CounterService.Reading;
using Floodgate.CounterService.Spreading;
using Floodgate.CounterService.Status;
using Floodgate.CounterService.Telemetry;
using Floodgate.Leases;
using Floodgate.Messaging;
using Floodgate.Posts;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Floodgate.CounterService.Hosting;

/// <summary>What CounterService is made of.</summary>
internal static class CounterRegistration
{
    /// <summary>Registers the servers: Redis may come and go, and the broker's connection is made anew when it is lost.</summary>
    public static void AddServers(this WebApplicationBuilder builder)
    {
        builder.AddRedisClient("redis", settings => settings.DisableHealthChecks = true, redis => redis.AbortOnConnectFail = false);
        builder.AddRabbitMQClient("rabbitmq", settings => settings.DisableHealthChecks = true, BrokerRegistration.Configure);
        builder.Services.AddSingleton(services => new BrokerConnection(
            services.GetRequiredService<IConnectionFactory>(), "counter publish", services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services =>
        {
            var options = services.GetRequiredService<IOptions<CounterOptions>>().Value;
            return new ConfirmedPublisher(
                services.GetRequiredService<BrokerConnection>().GetAsync, options.Partitions * options.EnvelopesInFlight, options.ConfirmTimeout);
        });
        builder.Services.AddSingleton<IEnvelopePublisher, EnvelopeQueues>();
        builder.Services.AddSingleton<QueueDeclaration>();
        builder.Services.AddHostedService(services => services.GetRequiredService<QueueDeclaration>());
        builder.Services.AddHealthChecks().AddCheck<QueueDeclaration>("broker");
    }

    /// <summary>Registers the writes and the reads.</summary>
    public static void AddCounters(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            // Whoever logs requests also makes a span and a scope for each: where nothing collects them that is a good part of
            // what a small request costs.
            builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        }

        builder.Services.AddOptions<CounterOptions>().BindConfiguration(CounterOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CounterOptions>, CounterOptionsValidation>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, CounterJson.Default));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;

            // Five hundred keys of two hundred characters are one request line.
            kestrel.Limits.MaxRequestLineSize = 128 * 1024;
            kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<CounterTelemetry>();
        builder.Services.AddVisibleCounters(services => services.GetRequiredService<IOptions<CounterOptions>>().Value.CounterLifetime);
        builder.AddLeaseCaches();
        builder.AddPostCache();
        builder.Services.AddSingleton<EnvelopeSender>();
        builder.Services.AddSingleton<WriteCoalescer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WriteCoalescer>());
        builder.Services.AddSingleton<LagTracker>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LagTracker>());
        builder.Services.AddSingleton<ConservationAudit>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ConservationAudit>());
        builder.Services.AddHealthChecks().AddCheck<ConservationAudit>("conservation");
        builder.Services.AddSingleton<ISlotSource, SlotTable>();
        builder.Services.AddSingleton<SlotLookup>();
        builder.Services.AddSingleton<ValueReader>();
        builder.Services.AddSingleton<HotCounters>();
        builder.Services.AddHostedService(services => services.GetRequiredService<HotCounters>());
        builder.Services.AddSingleton<RequestMemory>();
        builder.Services.AddSingleton<RequestLookup>();
        builder.Services.AddSingleton<CounterWrites>();
        builder.Services.AddSingleton<VersionClock>();
        builder.Services.AddSingleton<RedisPatience>();
        builder.Services.AddReactionMemory(services => services.GetRequiredService<IOptions<CounterOptions>>().Value.RememberFor);
        builder.Services.AddSingleton<IStoredReactionSource, StoredReactionTable>();
        builder.Services.AddSingleton<ReactionFill>();
        builder.Services.AddSingleton<IReactionSource, ReactionTable>();
        builder.Services.AddSingleton<ReactionLookup>();
        builder.Services.AddSingleton<PostLookup>();
        builder.Services.AddSingleton<LikeWrites>();
        builder.Services.AddSingleton<LikesOfPage>();
        builder.Services.AddSingleton<BucketStore>();
        builder.Services.AddSingleton<TopCounters>();
        builder.Services.AddSingleton<LikesOracle>();
        builder.Services.AddSingleton<Backlog>();
    }

    /// <summary>Maps what other services and the router's development routes call.</summary>
    public static void MapInternal(this IEndpointRouteBuilder app)
    {
        var route = app.MapGroup("/internal");
        route.MapGet("/likes", (HttpContext context, string? posts, LikesOfPage likes) => likes.ReadAsync(context, posts));
        route.MapGet("/oracle/likes", (string? posts, LikesOracle oracle, CancellationToken aborted) => oracle.CheckAsync(posts, aborted));
        route.MapGet("/oracle/backlog", (Backlog backlog, CancellationToken aborted) => backlog.AnswerAsync(aborted));
        route.MapGet("/status", CounterStatus.Answer);
    }
}
