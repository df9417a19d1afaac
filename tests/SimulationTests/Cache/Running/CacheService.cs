using Floodgate.Leases;
using Floodgate.Sessions;
using Floodgate.SimulationTests.Cache.Cluster;
using Floodgate.SimulationTests.Scheduling;
using Npgsql;

namespace Floodgate.SimulationTests.Cache.Running;

/// <summary>What a service does with its cache: reads, writes that it tells the cache of, the outbox.</summary>
internal sealed class CacheService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly CacheSimulation _world;
    private readonly CacheProcess _process;
    private readonly Dictionary<long, Task<Cached<CacheValue>>> _looks = [];

    public CacheService(CacheProcess process, CacheSimulation world)
    {
        (_process, _world) = (process, world);
        process.Process.Start(RelayAsync);
    }

    public CacheProcess Host => _process;

    private Random Random => _world.Scheduler.Random;

    private SimulatedProcess Process => _process.Process;

    /// <summary>Reads keys through the cache.</summary>
    public async Task<Cached<CacheValue>[]> ReadAsync(IReadOnlyList<long> keys, WalPosition atLeast)
    {
        // As of a read index, as pages do; where that does not say, as everybody else.
        if (Random.Next(2) == 0 && ReadAt(await _process.Environment.AskReadIndexAsync(behind: null, CancellationToken.None), keys) is { } found)
        {
            _world.ReadsAtIndex++;
            return found;
        }

        return keys.Count == 1
            ? [await GetAsync(keys[0], new CacheRead(atLeast))]
            : await _process.Cache.GetManyAsync(keys, FillAsync, new CacheRead(atLeast));
    }

    /// <summary>Reads something else: where a page was read that shows more than the cache does.</summary>
    public async Task<WalPosition> LookAsync(WalPosition atLeast)
    {
        var (_, _, shown, _) = await ReadNodeAsync([], new FillRequest(atLeast, FromPrimary: false));
        return shown;
    }

    /// <summary>Writes a key and tells the cache.</summary>
    /// <returns>What its session has seen then.</returns>
    public async Task<WalPosition> WriteAsync(CacheWrite write)
    {
        var primary = _process.Known.Primary;
        await _world.Cluster.WriteAsync(Process, primary, write).WaitAsync(Patience, Process.Time);
        if (_world.Redis.Network.Chance(_world.Profile.SlowToAsk))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(60)), Process.Time);
        }

        var position = await primary.PositionAsync(Process).WaitAsync(Patience, Process.Time);
        if (_world.Redis.Network.Chance(_world.Profile.WriterForgets))
        {
            _world.Scheduler.Note($"{Process.Name} does not tell of {write}");
            throw new NpgsqlException("The writer died.");
        }

        await TellAsync(write, position, Random.Next(2) == 0);
        return position;
    }

    private Cached<CacheValue>[]? ReadAt(ReadIndex index, IReadOnlyList<long> keys) =>
        keys.Count > 1 ? _process.Cache.TryGetManyAt(index, keys) : _process.Cache.TryGetAt(index, keys[0], out var one) ? [one] : null;

    private Task<Cached<CacheValue>> GetAsync(long key, CacheRead read)
    {
        if (_world.Mutant.SharesLooks && _looks.TryGetValue(key, out var look) && !look.IsCompleted)
        {
            return look;
        }

        return _looks[key] = _process.Cache.GetAsync(key, OneAsync(key), read).AsTask();
    }

    private async Task TellAsync(CacheWrite write, WalPosition position, bool withValue)
    {
        var committed = new CommittedWrite(position, write.Id) { Locked = Random.Next(4) == 0 && !withValue ? WalPosition.None : write.Locked };
        var told = withValue
            ? await _process.Cache.UpdateAsync(write.Key, write.Value, committed)
            : await _process.Cache.InvalidateAsync(write.Key, committed);
        _world.Scheduler.Note($"{Process.Name}: {write} is told: {told}");
        if (told == Announcement.Done)
        {
            write.AnnouncedAt ??= _world.Scheduler.Elapsed;
        }
        else if (told == Announcement.Disbelieved)
        {
            _world.AnnounceOnceAllKnow(write);
        }
        else
        {
            throw new NpgsqlException("Left to the outbox.");
        }
    }

    private FillOne<CacheValue> OneAsync(long key) => async (request, cancellationToken) =>
    {
        var filled = await FillAsync([key], request, cancellationToken);
        return new Filled<CacheValue>(filled.Values.GetValueOrDefault(key), filled.Holds, filled.Shown);
    };

    private async Task<Filled<long, CacheValue>> FillAsync(IReadOnlyList<long> keys, FillRequest request, CancellationToken cancellationToken)
    {
        _world.Fills++;
        if (!_world.IsCalm)
        {
            if (_world.Redis.Network.Chance(_world.Profile.FillFails))
            {
                throw new NpgsqlException("The query failed.");
            }

            if (_world.Redis.Network.Chance(_world.Profile.FillSlow))
            {
                await Task.Delay(_world.Profile.Cache.FillTimeout * 0.6 * Random.NextDouble(), Process.Time, cancellationToken);
            }
        }

        var (holds, rows, shown, _) = await ReadNodeAsync(keys, request);
        if (!_world.IsCalm && _world.Redis.Network.Chance(_world.Profile.FillSlow))
        {
            await Task.Delay(_world.Profile.Cache.FillTimeout * Random.NextDouble(), Process.Time, cancellationToken);
        }

        return new Filled<long, CacheValue>(
            rows.Where(row => row?.Value is not null).ToDictionary(row => row!.Key, row => row!.Value!), holds, shown);
    }

    // As NodeReader: a replica that is far enough, else the primary.
    private async Task<(WalPosition Holds, CacheWrite?[] Rows, WalPosition Shown, bool TakesWrites)> ReadNodeAsync(IReadOnlyList<long> keys, FillRequest request)
    {
        if (!request.FromPrimary && Random.Next(5) > 0)
        {
            var replica = _world.Cluster.Nodes[Random.Next(_world.Cluster.Nodes.Count)];
            if (replica != _process.Known.Primary)
            {
                try
                {
                    var answer = await ReadAsync(keys, replica);
                    if (_process.Known.History.Covers(answer.Holds, request.AtLeast))
                    {
                        return answer;
                    }
                }
                catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
                {
                    // Then the primary.
                }
            }
        }

        var primary = _process.Known.Primary;
        var there = await ReadAsync(keys, primary);
        var history = _process.Known.History;
        return history.Covers(there.Holds, request.AtLeast)
            || (there.TakesWrites && _process.Known.Primary == primary && history.Judge(there.Holds) != Standing.Lost && history.Judge(request.AtLeast) != Standing.Ahead)
            ? there
            : throw new NpgsqlException("No node has reached that position.");
    }

    private async Task<(WalPosition Holds, CacheWrite?[] Rows, WalPosition Shown, bool TakesWrites)> ReadAsync(IReadOnlyList<long> keys, ClusterNode node)
    {
        var answer = await _world.Cluster.ReadAsync(Process, node, keys).WaitAsync(Patience, Process.Time);
        if (_process.Known.History.Judge(answer.Holds) == Standing.Ahead)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), Process.Time);
            _process.Known.Learn();
        }

        return answer;
    }

    // What a writer did not tell is told from the outbox; what it did, once more.
    private async Task RelayAsync()
    {
        while (true)
        {
            await Task.Delay(_world.Profile.OutboxInterval * (0.2 + Random.NextDouble()), Process.Time);
            try
            {
                var primary = _process.Known.Primary;
                var (rows, position) = await primary.Network.CallAsync(Process, null, () => (Outbox(primary), primary.Position)).WaitAsync(Patience, Process.Time);
                foreach (var write in rows.OrderBy(_ => Random.Next()).ToList())
                {
                    await TellAsync(write, position, Random.Next(3) == 0);
                    await primary.Network.CallAsync(Process, null, () => primary.Line.Told.Add(write.Id)).WaitAsync(Patience, Process.Time);
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                // The next time.
            }
        }
    }

    private static List<CacheWrite> Outbox(ClusterNode node) => !node.TakesWrites ? throw new NpgsqlException("It does not take writes.")
        : [.. node.Line.Records.Where(record => record.Write is { } write && node.Sees(record) && !node.Line.Told.Contains(write.Id)).Select(record => record.Write!)];
}
