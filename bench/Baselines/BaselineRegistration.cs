using System.Globalization;
using Npgsql;

namespace Floodgate.Bench.Baselines;

/// <summary>What the baselines are made of.</summary>
internal static class BaselineRegistration
{
    /// <summary>The data source with few connections, which suit one row that all wait for better than the client's own 100.</summary>
    public const string Few = "few";

    private const string Database = "floodgate";

    /// <summary>Registers the servers, and what CounterService sets of its own HTTP stack.</summary>
    public static void AddBaselines(this WebApplicationBuilder builder)
    {
        // The host names a port and not an address; nothing here is for others than this machine.
        if (builder.Configuration["Baselines:Port"] is { } port) builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, BaselineJson.Default));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 64 * 1024);
        builder.AddNpgsqlDataSource(Database);
        var few = int.Parse(builder.Configuration["Baselines:FewConnections"] ?? "4", CultureInfo.InvariantCulture);
        builder.Services.AddKeyedSingleton(Few, (_, _) =>
            NpgsqlDataSource.Create($"{builder.Configuration.GetConnectionString(Database)};Maximum Pool Size={few}"));
        builder.AddRedisClient("redis");
        builder.Services.AddHostedService<UpdatedRow>();
    }
}
