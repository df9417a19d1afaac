namespace Floodgate.TimelineService;

/// <summary>The names of the connection strings, as the AppHost gives them.</summary>
internal static class Connections
{
    public const string Redis = "redis";

    /// <summary>Also the service key of the connection that consumes; the one that publishes has no key.</summary>
    public const string Broker = "rabbitmq";

    public const string CounterService = "counter";
}
