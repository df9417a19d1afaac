using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Nodes;
using Floodgate.Problems;
using StackExchange.Redis;

namespace Floodgate.Bench.CacheNode;

/// <summary>What a node stands on: PostgreSQL with its replicas, Redis, JSON, errors.</summary>
internal static class Foundations
{
    private const string Redis = "redis";

    public static void AddFoundations(this WebApplicationBuilder builder)
    {
        // The host names a port and not an address; nothing here is for others than this machine.
        if (builder.Configuration["CacheNode:Port"] is { } port) builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.AddServiceDefaults();
        builder.AddProblems(problems => problems.Unavailable<NodeUnavailableException>().Unavailable<RedisException>());
        builder.AddPostgresNodes();
        builder.AddTopologyWatch();
        builder.AddSchemaMigration();
        builder.AddRedisClient(Redis, settings => settings.DisableHealthChecks = true);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, NodeJson.Default));
    }

    public static void UseFoundations(this WebApplication app)
    {
        app.UseProblems();
        app.MapDefaultEndpoints();
    }
}
