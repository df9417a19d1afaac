namespace Aspire.RabbitMQ.Client;

/// <summary>What <c>AddRabbitMQClient</c> is configured with: section <c>Aspire:RabbitMQ:Client</c>, then <c>ConnectionStrings:{name}</c>, then the caller.</summary>
public sealed class RabbitMQClientSettings
{
    /// <summary>The connection string: <c>amqp://user:password@host:port</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>How often connecting is tried again, with growing pauses. Default: 5; 0 tries once.</summary>
    public int MaxConnectRetryCount { get; set; } = 5;

    /// <summary>Whether to leave out the health check that looks at the connection. Default: <see langword="false"/>.</summary>
    public bool DisableHealthChecks { get; set; }
}
