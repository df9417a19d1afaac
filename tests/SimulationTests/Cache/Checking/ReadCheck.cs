using Floodgate.Leases;
using Floodgate.Sessions;
using Floodgate.SimulationTests.Cache.Cluster;
using Floodgate.SimulationTests.Cache.Running;

namespace Floodgate.SimulationTests.Cache.Checking;

/// <summary>
/// What a read must find: what its session has seen or written before, and of what its session's position covers all that the caches knew when the read
/// began. Writes that a failover lost are left out.
/// </summary>
internal sealed class ReadCheck
{
    private readonly CacheSimulation _world;
    private readonly CacheSession _session;
    private readonly long[] _keys;
    private readonly List<(CacheWrite Write, string Why)> _required = [];
    private readonly List<CacheWrite> _announced;

    public ReadCheck(CacheSimulation world, CacheSession session, long[] keys)
    {
        (_world, _session, _keys) = (world, session, keys);
        _announced = world.Writes.FindAll(write => write.AnnouncedAt is not null);
        if (session.IsAnonymous)
        {
            return;
        }

        foreach (var key in keys)
        {
            if (session.Seen.TryGetValue(key, out var seen))
            {
                _required.Add((seen, "has seen it"));
            }
        }

        _required.AddRange(_announced.Where(write => Covers(session.Position, write)).Select(write => (write, $"is at {session.Position}")));
    }

    /// <summary>Compares what was found.</summary>
    public void Compare(Cached<CacheValue>[] found, CacheService service)
    {
        var furthest = found.Aggregate(_session.IsAnonymous ? WalPosition.None : _session.Position, (all, one) => _world.Cluster.History.Furthest(all, one.Position));
        for (var i = 0; i < _keys.Length; i++)
        {
            var key = _keys[i];
            var required = _required.FindAll(of => of.Write.Key == key);
            // What is kept without Redis is as old as it is, though not older than what its reader has seen.
            if (found.Length > 1 && !_session.IsAnonymous && found[i].Source != CacheSource.WithoutRedis)
            {
                required.AddRange(_announced.Where(write => write.Key == key && Covers(furthest, write)).Select(write => (write, $"was shown {furthest} beside it")));
            }

            required.RemoveAll(of => !_world.Cluster.IsKept(of.Write));
            var write = WriteOf(key, found[i].Value, required);
            foreach (var (wanted, why) in required)
            {
                // Later timelines hold what is left of the earlier ones.
                if (write is null || write.Commit < wanted.Commit)
                {
                    _world.Scheduler.Fail(
                        $"{_session} reads {write?.ToString() ?? "nothing"} ({found[i].Source}) of key {key} at {service.Host.Process.Name}, and not {wanted}, committed at {wanted.Commit}, which was told {(wanted.AnnouncedAt is { } at ? $"at {at.TotalMilliseconds:F3} ms" : "to no cache yet")}: it {why}.");
                    return;
                }
            }

            // What Redis did not take is not known to others before it is told.
            if (write is not null && !_session.IsAnonymous && (write.AnnouncedAt is not null || found[i].Source is not (CacheSource.Filled or CacheSource.WithoutRedis)))
            {
                _session.See(write);
            }
        }
    }

    // Where there is none, any delete may be why: the first that will do. Who has seen nothing of the key does not know that there was one.
    private CacheWrite? WriteOf(long key, CacheValue? value, List<(CacheWrite Write, string Why)> required) => value is not null
        ? _world.Writes.Find(write => write.Id == value.Write)
        : required.Count == 0 ? null
        : _world.Writes.FindAll(write => write.Key == key && write.Value is null && write.Commit != WalPosition.None && required.TrueForAll(of => of.Write.Commit <= write.Commit))
            .MinBy(write => write.Commit);

    private bool Covers(WalPosition position, CacheWrite write) =>
        _world.Cluster.IsKept(write) && _world.Cluster.History.Passes(position, write.Commit);
}
