using Floodgate.Schema;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Floodgate.Nodes;

/// <summary>Adds the PostgreSQL nodes to a service.</summary>
public static class NodeRegistration
{
    private const int CancellationMilliseconds = 500;

    /// <summary>
    /// Registers a data source per node (keyed by node name, the primary also unkeyed), <see cref="PostgresNodes"/> and
    /// <see cref="NodeReader"/>. A node that is down does not make the service unhealthy: the router watches nodes.
    /// </summary>
    /// <remarks>Who takes writes is found out by <see cref="AddTopologyWatch"/>, or by a watch of the caller's own.</remarks>
    public static IHostApplicationBuilder AddPostgresNodes(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<NodeOptions>().BindConfiguration(NodeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        var options = builder.Configuration.GetSection(NodeOptions.Section).Get<NodeOptions>() ?? new NodeOptions();

        builder.AddNpgsqlDataSource(options.PrimaryConnection, settings => settings.DisableHealthChecks = true, source => Configure(source, options));
        foreach (var replica in options.Replicas)
        {
            builder.AddKeyedNpgsqlDataSource(replica, settings => settings.DisableHealthChecks = true, source => Configure(source, options));
        }

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => new ClusterTopology(
            PostgresNodes.FirstPrimary, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<ClusterTopology>>()));
        builder.Services.AddSingleton(services => new PostgresNodes(
            services.GetRequiredService<NpgsqlDataSource>(),
            options.Replicas.Select(name => KeyValuePair.Create(name, services.GetRequiredKeyedService<NpgsqlDataSource>(name))),
            services.GetRequiredService<ClusterTopology>()));
        builder.Services.AddSingleton<NodeReader>();
        return builder;
    }

    /// <summary>Has the service follow the primary: see <see cref="ClusterTopology"/>.</summary>
    public static IHostApplicationBuilder AddTopologyWatch(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<TopologyWatch>();
        return builder;
    }

    /// <summary>
    /// Brings the schema up to date before the service reports itself ready, trying again until the primary answers.
    /// The health check <c>schema</c> is unhealthy until then.
    /// </summary>
    public static IHostApplicationBuilder AddSchemaMigration(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(services => new Migrator(
            () => services.GetRequiredService<PostgresNodes>().Primary, services.GetRequiredService<ILogger<Migrator>>()));
        builder.Services.AddSingleton<SchemaMigration>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SchemaMigration>());
        builder.Services.AddHealthChecks().AddCheck<SchemaMigration>("schema");
        return builder;
    }

    private static void Configure(NpgsqlDataSourceBuilder source, NodeOptions options)
    {
        var settings = source.ConnectionStringBuilder;

        // A statement that a connection runs for the second time is prepared: the services run few different ones, and
        // planning one of them costs more than running it (https://www.npgsql.org/doc/prepare.html#automatic-preparation).
        settings.MaxAutoPrepare = 64;
        settings.AutoPrepareMinUsages = 2;

        // Nor is a session reset each time, which is seven statements more: nobody changes one but in a transaction. What is still open is rolled back.
        settings.NoResetOnClose = true;
        settings.MaxPoolSize = options.MaximumConnections;

        // The driver obeys neither a token while a server takes the connection and says nothing, nor one while it waits for a cancelled
        // statement to end: these are its own limits (https://www.npgsql.org/doc/connection-string-parameters.html).
        settings.Timeout = (int)Math.Ceiling(options.ReadTimeout.TotalSeconds);
        settings.CancellationTimeout = CancellationMilliseconds;
    }
}
