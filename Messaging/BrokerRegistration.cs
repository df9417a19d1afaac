using RabbitMQ.Client;

namespace Floodgate.Messaging;

/// <summary>How connections to the broker are made.</summary>
public static class BrokerRegistration
{
    /// <summary>
    /// For the connections that <see cref="BrokerConnection"/> holds: no recovery of the client's own, a dead broker is
    /// noticed within seconds.
    /// </summary>
    public static void Configure(ConnectionFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        factory.AutomaticRecoveryEnabled = false;
        factory.TopologyRecoveryEnabled = false;
        factory.RequestedHeartbeat = TimeSpan.FromSeconds(10);
        factory.RequestedConnectionTimeout = TimeSpan.FromSeconds(5);
        factory.ContinuationTimeout = TimeSpan.FromSeconds(10);
    }
}
