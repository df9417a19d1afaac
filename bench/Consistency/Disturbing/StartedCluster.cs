using Floodgate.Bench.Gateway;
using Npgsql;

namespace Floodgate.Bench.Consistency.Disturbing;

/// <summary>The nodes of a system that the bench has started.</summary>
internal sealed class StartedCluster(StartedSystem system) : ICluster
{
    /// <inheritdoc/>
    public string Primary => "postgres";

    /// <inheritdoc/>
    public IReadOnlyList<string> Replicas { get; } = ["replica-1", "replica-2"];

    /// <inheritdoc/>
    public async Task<NpgsqlConnection> ConnectAsync(string node, CancellationToken cancellation)
    {
        var address = new NpgsqlConnectionStringBuilder(await system.ConnectionStringAsync(node, cancellation)) { Database = "floodgate", Pooling = false };
        var connection = new NpgsqlConnection(address.ConnectionString);
        await connection.OpenAsync(cancellation);
        return connection;
    }

    /// <inheritdoc/>
    public Task<int> KillAsync(string node, int? lastKilled, CancellationToken cancellation) => system.KillAsync(node, lastKilled, cancellation);

    /// <inheritdoc/>
    public Task BackAsync(string node, int killed, CancellationToken cancellation) => system.BackAsync(node, killed, cancellation);
}
