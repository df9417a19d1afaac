using Floodgate.Messaging;
using Floodgate.TimelineService.PullRanges;

namespace Floodgate.TimelineService.FanOut;

/// <summary>Adds the broker and the fan-out.</summary>
internal static class FanOutRegistration
{
    public static void AddBroker(this WebApplicationBuilder builder)
    {
        builder.AddRabbitMQClient(Connections.Broker, settings => settings.DisableHealthChecks = true, BrokerRegistration.Configure);
        builder.Services.AddSingleton<Broker>();
    }

    public static void AddFanOut(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FanOutPublisher>();
        builder.Services.AddSingleton<OpenJobs>();
        builder.Services.AddSingleton<FanOutLag>();
        builder.Services.AddSingleton<FollowerReader>();
        builder.Services.AddSingleton<ChunkLedger>();
        builder.Services.AddSingleton<AudiencePlanner>();
        builder.Services.AddSingleton<Backfill>();
        builder.Services.AddSingleton<PostRouting>();
        builder.Services.AddSingleton<FanOutWorker>();
        builder.Services.AddHostedService<FanOutConsumer>();
        builder.Services.AddHostedService<OpenJobsWatch>();
        builder.Services.AddSingleton<PullRangeWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PullRangeWatch>());
    }
}
