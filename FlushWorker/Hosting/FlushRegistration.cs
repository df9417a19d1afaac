using Floodgate.FlushWorker.Applying;
using Floodgate.FlushWorker.Consuming;
using Floodgate.FlushWorker.Lag;
using Floodgate.FlushWorker.Reconciling;
using Floodgate.FlushWorker.Sharing;
using Floodgate.FlushWorker.Status;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Floodgate.FlushWorker.Hosting;

/// <summary>What FlushWorker is made of.</summary>
internal static class FlushRegistration
{
    /// <summary>Registers the servers.</summary>
    public static void AddServers(this WebApplicationBuilder builder)
    {
        builder.AddRedisClient("redis", settings => settings.DisableHealthChecks = true, redis => redis.AbortOnConnectFail = false);
        builder.AddRabbitMQClient("rabbitmq", settings => settings.DisableHealthChecks = true, BrokerRegistration.Configure);
        builder.Services.AddSingleton(services => new BrokerConnection(
            services.GetRequiredService<IConnectionFactory>(), "flush consume", services.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Registers the flush.</summary>
    public static void AddFlush(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<FlushOptions>().BindConfiguration(FlushOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, FlushJson.Default));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<FlushTelemetry>();
        builder.Services.AddVisibleCounters(services => services.GetRequiredService<IOptions<FlushOptions>>().Value.CounterLifetime);
        builder.Services.AddReactionMemory(services => services.GetRequiredService<IOptions<FlushOptions>>().Value.RememberFor);
        builder.Services.AddSingleton<IFlushStore, FlushTransaction>();
        builder.Services.AddSingleton<LateReactions>();
        builder.Services.AddSingleton<Reconciler>();
        builder.Services.AddSingleton<BatchFlusher>();
        builder.Services.AddSingleton<WorkerRoster>();
        builder.Services.AddSingleton<QueueWatch>();
        builder.Services.AddSingleton<FlushConsumers>();
        builder.Services.AddSingleton<LagWatch>();

        // Stopped in reverse order: who leaves says so only after it has stopped to consume.
        builder.Services.AddHostedService(services => services.GetRequiredService<WorkerRoster>());
        builder.Services.AddHostedService(services => services.GetRequiredService<QueueWatch>());
        builder.Services.AddHostedService(services => services.GetRequiredService<LagWatch>());
        builder.Services.AddHostedService(services => services.GetRequiredService<FlushConsumers>());
        builder.Services.AddHealthChecks().AddCheck<FlushConsumers>("broker");
    }
}
