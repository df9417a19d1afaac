using System.Globalization;

namespace Floodgate.Bench.Baselines;

/// <summary>What the baselines are made of.</summary>
internal static class BaselineRegistration
{
    /// <summary>The setting that says how many connections to PostgreSQL the pool holds; by default the client's own 100.</summary>
    public const string PoolSetting = "Baselines:PostgresConnections";

    /// <summary>Registers the servers, and what CounterService sets of its own HTTP stack.</summary>
    public static void AddBaselines(this WebApplicationBuilder builder)
    {
        // The host names a port and not an address; nothing here is for others than this machine.
        if (builder.Configuration["Baselines:Port"] is { } port) builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, BaselineJson.Default));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 64 * 1024);
        var pool = int.Parse(builder.Configuration[PoolSetting] ?? "100", CultureInfo.InvariantCulture);
        builder.AddNpgsqlDataSource("floodgate", configureDataSourceBuilder: source => source.ConnectionStringBuilder.MaxPoolSize = pool);
        builder.AddRedisClient("redis");
        builder.Services.AddHostedService<UpdatedRow>();
    }
}
