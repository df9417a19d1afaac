using Floodgate.Bench.Consistency.Disturbing;
using Floodgate.SystemTests.Running;
using Npgsql;

namespace Floodgate.SystemTests.Consistency;

/// <summary>The PostgreSQL nodes of the running system, to be disturbed.</summary>
internal sealed class RunningCluster(RunningSystem system) : ICluster
{
    public string Primary => "postgres";

    public IReadOnlyList<string> Replicas { get; } = ["replica-1", "replica-2"];

    public Task<NpgsqlConnection> ConnectAsync(string node, CancellationToken cancellation) => system.ConnectAsync(node, cancellation);

    public Task<int> KillAsync(string node, int? lastKilled, CancellationToken cancellation) => system.KillInstanceAsync(node, lastKilled, cancellation);

    public Task BackAsync(string node, int killed, CancellationToken cancellation) =>
        system.RestartedAsync(new Dictionary<string, int>(StringComparer.Ordinal) { [node] = killed }, cancellation);
}
