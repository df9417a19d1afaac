using RabbitMQ.Client;

namespace Floodgate.TimelineService.FanOut;

/// <summary>Adds the broker and the fan-out.</summary>
internal static class FanOutRegistration
{
    private static readonly TimeSpan RecoveryInterval = TimeSpan.FromSeconds(1);

    public static void AddBroker(this WebApplicationBuilder builder)
    {
        // Who needs the broker tries again by itself, so a connect that fails says so at once.
        builder.AddRabbitMQClient(Connections.Broker, settings => (settings.MaxConnectRetryCount, settings.DisableHealthChecks) = (0, true), Recover);
        builder.AddKeyedRabbitMQClient(Connections.Broker, settings => (settings.MaxConnectRetryCount, settings.DisableHealthChecks) = (0, true), Recover);
        builder.Services.AddSingleton<Broker>();
    }

    public static void AddFanOut(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FanOutPublisher>();
        builder.Services.AddSingleton<FanOutWorker>();
        builder.Services.AddHostedService<FanOutConsumer>();
    }

    // The connection comes back by itself; consumers are opened anew by their loop, not behind its back.
    private static void Recover(ConnectionFactory factory)
    {
        factory.AutomaticRecoveryEnabled = true;
        factory.TopologyRecoveryEnabled = false;
        factory.NetworkRecoveryInterval = RecoveryInterval;
    }
}
