using Npgsql;

namespace Floodgate.Bench.Consistency.Disturbing;

/// <summary>What is said to nodes: their replay is paused, resumed, slowed, and waited for. A node that does not answer yet is asked again.</summary>
internal sealed class NodeCommands(ICluster cluster, TimeProvider time)
{
    private const string Pause = "SELECT pg_wal_replay_pause()";
    private const string Resume = "SELECT pg_wal_replay_resume()";
    private const string Delay = "ALTER SYSTEM SET recovery_min_apply_delay = '700ms'";
    private const string NoDelay = "ALTER SYSTEM RESET recovery_min_apply_delay";
    private const string Reload = "SELECT pg_reload_conf()";
    private const string Written = "SELECT pg_current_wal_lsn()::text";
    private const string HasReplayed = "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Replay stops; what was replayed is still served.</summary>
    public Task PauseAsync(string replica, CancellationToken cancellation) => TellAsync(replica, cancellation, Pause);

    /// <summary>Replay goes on.</summary>
    public Task ResumeAsync(string replica, CancellationToken cancellation) => TellAsync(replica, cancellation, Resume);

    /// <summary>Each commit is replayed 700 ms after it was made.</summary>
    public Task SlowAsync(string replica, CancellationToken cancellation) => TellAsync(replica, cancellation, Delay, Reload);

    /// <summary>Commits are replayed at once again.</summary>
    public Task UnslowAsync(string replica, CancellationToken cancellation) => TellAsync(replica, cancellation, NoDelay, Reload);

    /// <summary>Undoes all that is done here, on every replica, and waits until each has replayed what the primary has written by now.</summary>
    public async Task PutRightAsync(CancellationToken cancellation)
    {
        var written = await ReadyAsync(cluster.Primary, (connection, token) => ScalarAsync(connection, Written, null, token), cancellation);
        foreach (var replica in cluster.Replicas)
        {
            await TellAsync(replica, cancellation, Resume, NoDelay, Reload);
            await UntilAsync(
                async token => await ScalarAsync(replica, HasReplayed, (string)written!, token) is true, $"{replica} does not replay what the primary wrote", cancellation);
        }
    }

    private Task<object?> TellAsync(string node, CancellationToken cancellation, params string[] statements) => ReadyAsync(
        node,
        async (connection, token) =>
        {
            foreach (var statement in statements) await ScalarAsync(connection, statement, null, token);
            return null;
        },
        cancellation);

    private async Task<object?> ReadyAsync(string node, Func<NpgsqlConnection, CancellationToken, Task<object?>> work, CancellationToken cancellation)
    {
        object? answer = null;
        await UntilAsync(
            async token =>
            {
                await using var connection = await cluster.ConnectAsync(node, token);
                answer = await work(connection, token);
                return true;
            },
            $"{node} does not answer",
            cancellation);
        return answer;
    }

    private async Task UntilAsync(Func<CancellationToken, Task<bool>> done, string otherwise, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        Exception? last = null;
        try
        {
            while (true)
            {
                try
                {
                    if (await done(both.Token)) return;
                }
                catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
                {
                    last = exception;
                }

                await Task.Delay(Interval, time, both.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{otherwise} within {Patience}.", last);
        }
    }

    private async Task<object?> ScalarAsync(string node, string sql, string? parameter, CancellationToken cancellation)
    {
        await using var connection = await cluster.ConnectAsync(node, cancellation);
        return await ScalarAsync(connection, sql, parameter, cancellation);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, string? parameter, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // The statements are the constants above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        if (parameter is not null) command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteScalarAsync(cancellation);
    }
}
