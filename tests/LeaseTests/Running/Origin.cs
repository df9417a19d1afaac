using System.Globalization;
using Floodgate.Leases;
using Floodgate.Sessions;
using Npgsql;

namespace Floodgate.LeaseTests.Running;

/// <summary>
/// The database as an origin that a test holds up where it wants, and that reads from the node that the test names, however far that one is: as a broken
/// service would.
/// </summary>
internal sealed class Origin(Servers servers)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _heldAfter;
    private TaskCompletionSource? _reached;
    private int _calls;

    /// <summary>How often it was asked.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>The node that is read.</summary>
    public string Node { get; set; } = "floodgate";

    /// <summary>Fails instead of reading.</summary>
    public bool Fails { get; set; }

    /// <summary>What it was asked for last.</summary>
    public FillRequest Asked { get; private set; }

    /// <summary>The next fills read, and then wait before they answer.</summary>
    /// <returns>Completes once one has read.</returns>
    public Task HoldAfterSnapshot()
    {
        lock (_lock)
        {
            (_heldAfter, _reached) = (NewSource(), NewSource());
            return _reached.Task;
        }
    }

    /// <summary>They go on.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _heldAfter?.TrySetResult();
            _heldAfter = null;
        }
    }

    /// <summary>Loads one.</summary>
    public async Task<Filled<Item>> OneAsync(long key, FillRequest request, CancellationToken cancellationToken)
    {
        var filled = await ManyAsync([key], request, cancellationToken);
        return new Filled<Item>(filled.Values.GetValueOrDefault(key), filled.Holds, filled.Shown);
    }

    /// <summary>Loads many in one query.</summary>
    public async Task<Filled<long, Item>> ManyAsync(IReadOnlyList<long> keys, FillRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        Asked = request;
        if (Fails)
        {
            throw new InvalidOperationException("the origin is broken");
        }

        var filled = await ReadAsync(keys, cancellationToken);
        Task? held;
        lock (_lock)
        {
            held = _heldAfter?.Task;
            _reached?.TrySetResult();
        }

        if (held is not null)
        {
            await held.WaitAsync(cancellationToken);
        }

        return filled;
    }

    private async Task<Filled<long, Item>> ReadAsync(IReadOnlyList<long> keys, CancellationToken cancellationToken)
    {
        const string Position = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text";
        await using var connection = new NpgsqlConnection(servers.ConnectionTo(Node));
        await connection.OpenAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Position));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT id, text FROM items WHERE id = ANY ($1)") { Parameters = { new() { Value = keys.ToArray() } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Position));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var holds = await PositionAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var items = new Dictionary<long, Item>();
        while (await reader.ReadAsync(cancellationToken))
        {
            items[reader.GetInt64(0)] = new Item(reader.GetInt64(0), reader.GetString(1));
        }

        await reader.NextResultAsync(cancellationToken);
        return new Filled<long, Item>(items, holds, await PositionAsync(reader, cancellationToken));
    }

    private static async Task<WalPosition> PositionAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        return new WalPosition(1, Lsn.Parse(reader.GetString(0), CultureInfo.InvariantCulture));
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
