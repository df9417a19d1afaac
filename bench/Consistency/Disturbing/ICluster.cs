using Npgsql;

namespace Floodgate.Bench.Consistency.Disturbing;

/// <summary>The PostgreSQL nodes of a running system, as far as they are to be disturbed.</summary>
internal interface ICluster
{
    /// <summary>The primary.</summary>
    string Primary { get; }

    /// <summary>The replicas.</summary>
    IReadOnlyList<string> Replicas { get; }

    /// <summary>Opens a connection to a node as superuser.</summary>
    Task<NpgsqlConnection> ConnectAsync(string node, CancellationToken cancellation);

    /// <summary>Kills a node with SIGKILL, once it runs as another process than the one that was killed last.</summary>
    /// <returns>The process.</returns>
    Task<int> KillAsync(string node, int? lastKilled, CancellationToken cancellation);

    /// <summary>Waits until a killed node is healthy again, started by whoever watches over it.</summary>
    Task BackAsync(string node, int killed, CancellationToken cancellation);
}
