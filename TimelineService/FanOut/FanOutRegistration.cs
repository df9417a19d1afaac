using Floodgate.Messaging;

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
        builder.Services.AddSingleton<FanOutWorker>();
        builder.Services.AddHostedService<FanOutConsumer>();
    }
}
