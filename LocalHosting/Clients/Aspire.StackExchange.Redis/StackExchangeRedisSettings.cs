namespace Aspire.StackExchange.Redis;

/// <summary>What <c>AddRedisClient</c> is configured with: section <c>Aspire:StackExchange:Redis</c>, then <c>ConnectionStrings:{name}</c>, then the caller.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>The connection string, in StackExchange.Redis' form (<c>host:port,password=…</c>).</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether to leave out the health check that pings the server. Default: <see langword="false"/>.</summary>
    public bool DisableHealthChecks { get; set; }
}
