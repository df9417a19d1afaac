namespace Floodgate.TimelineService;

/// <summary>The names of the connection strings, as the AppHost gives them.</summary>
internal static class Connections
{
    public const string Redis = "redis";

    public const string Broker = "rabbitmq";

    public const string CounterService = "counter";
}
