using Floodgate.Sessions;
using Floodgate.SimulationTests.Cache.Running;
using Floodgate.SimulationTests.Scheduling;
using Npgsql;

namespace Floodgate.SimulationTests.Cache.Cluster;

/// <summary>A primary and its replicas, which replay late; promotions.</summary>
internal sealed class SimulatedCluster
{
    private readonly Scheduler _scheduler;
    private readonly CacheProfile _profile;
    private readonly List<ClusterNode> _nodes = [];
    private readonly List<Action> _onPromotion = [];
    private uint _lastTimeline = 1;

    public SimulatedCluster(Scheduler scheduler, CacheProfile profile)
    {
        (_scheduler, _profile) = (scheduler, profile);
        var line = new WalLine(new TimelineHistory(1, []), [], []);
        for (var i = 0; i <= profile.Replicas; i++)
        {
            _nodes.Add(new ClusterNode(scheduler, $"node-{i}", line) { Network = { Faults = profile.Database } });
        }

        Primary = _nodes[0];
        Primary.TakesWrites = true;
        foreach (var replica in _nodes.Skip(1))
        {
            ReplayLater(replica);
        }
    }

    /// <summary>Who takes writes in truth.</summary>
    public ClusterNode Primary { get; private set; }

    /// <summary>The line of timelines in truth.</summary>
    public TimelineHistory History => Primary.Line.History;

    /// <summary>All nodes.</summary>
    public IReadOnlyList<ClusterNode> Nodes => _nodes;

    private Random Random => _scheduler.Random;

    /// <summary>Has something done when a replica is promoted.</summary>
    public void OnPromotion(Action action) => _onPromotion.Add(action);

    /// <summary>Whether a write is part of the data, or would be if it were visible.</summary>
    public bool IsKept(CacheWrite write) => write.Commit != WalPosition.None && History.Judge(write.Commit) == Standing.OnLine;

    /// <summary>Promotes a replica; what it has not replayed is lost. The old primary may go on for a while without knowing.</summary>
    public void Promote(ClusterNode chosen, TimeSpan oldGoesOn)
    {
        var old = Primary;
        _scheduler.Note($"{chosen.Name} is promoted at {chosen.Replayed}; {old.Name} has written {old.Line.Written:X}");
        chosen.Line = chosen.Line.Promote(++_lastTimeline, chosen.Replayed);
        chosen.TakesWrites = true;
        chosen.IsPaused = false;
        Primary = chosen;
        _onPromotion.ForEach(action => action());
        _scheduler.PostLater(owner: null, oldGoesOn, () => Stop(old));
        foreach (var replica in _nodes.Where(node => node != old && node != chosen))
        {
            FollowLater(replica);
        }
    }

    /// <summary>Runs a transaction on a node.</summary>
    /// <returns>The position under the row's lock, once it is committed and visible.</returns>
    /// <exception cref="NpgsqlException">It is not, or nobody knows.</exception>
    public async Task<WalPosition> WriteAsync(SimulatedProcess caller, ClusterNode node, CacheWrite write)
    {
        var answer = new TaskCompletionSource<WalPosition>();
        await node.Network.CallAsync(caller, $"begin {write}", () =>
        {
            Lock(caller, node, write, answer);
            return true;
        });
        return await answer.Task;
    }

    /// <summary>Reads keys: the position before the snapshot, the snapshot, the position after it.</summary>
    public async Task<(WalPosition Holds, CacheWrite?[] Rows, WalPosition Shown, bool TakesWrites)> ReadAsync(
        SimulatedProcess caller, ClusterNode node, IReadOnlyList<long> keys)
    {
        var answer = new TaskCompletionSource<(WalPosition, CacheWrite?[], WalPosition, bool)>();
        await node.Network.CallAsync(caller, null, () =>
        {
            var (holds, generation) = (node.Position, node.Network.Generation);
            Later(_profile.SnapshotDelay, () =>
            {
                var rows = keys.Select(node.Last).ToArray();
                Later(_profile.SnapshotDelay, () =>
                {
                    if (!node.Network.IsUp || node.Network.Generation != generation)
                    {
                        answer.TrySetException(new NpgsqlException("The connection broke."));
                        return;
                    }

                    _scheduler.Note($"{caller.Name} ← {node.Name}: {string.Join(", ", keys.Zip(rows, (key, row) => $"{key}={row?.ToString() ?? "none"}"))} at {holds} to {node.Position}");
                    answer.TrySetResult((holds, rows, node.Position, node.TakesWrites));
                });
            });
            return true;
        });
        return await answer.Task;
    }

    /// <summary>Raises the epoch past what somebody knows.</summary>
    public Task<long> RaiseEpochAsync(SimulatedProcess caller, ClusterNode node, long known) =>
        node.Network.CallAsync(caller, $"raise the epoch", () =>
        {
            MustTakeWrites(node);
            var epoch = Math.Max(node.Line.Epoch(node.Sees), known & ((1L << 40) - 1)) + 1;
            Append(node.Line, null, epoch);
            return node.Epoch;
        });

    /// <summary>Everything works, and the replicas replay at once.</summary>
    public void Heal()
    {
        foreach (var node in _nodes)
        {
            node.Network.Faults = new Servers.NetworkFaults();
            node.Network.IsUp = true;
            node.IsPaused = false;
            if (node != Primary)
            {
                node.TakesWrites = false;
                Follow(node);
            }
        }
    }

    /// <summary>Stops a node and starts it again.</summary>
    public void SetUp(ClusterNode node, bool isUp)
    {
        _scheduler.Note($"{node.Name} {(isUp ? "starts" : "stops")}");
        node.Network.IsUp = isUp;
        node.Network.Generation++;
    }

    private void Lock(SimulatedProcess caller, ClusterNode node, CacheWrite write, TaskCompletionSource<WalPosition> answer)
    {
        if (!node.TakesWrites || !node.Network.IsUp)
        {
            answer.TrySetException(new NpgsqlException("It does not take writes."));
            return;
        }

        if (!node.LockedRows.Add(write.Key))
        {
            Later(TimeSpan.FromMilliseconds(2), () => Lock(caller, node, write, answer));
            return;
        }

        var line = node.Line;
        line.Inserted += (ulong)Random.Next(8, 100);
        write.Locked = line.AtEnd(line.Inserted);
        Later(_profile.TransactionTime, () =>
        {
            if (!node.TakesWrites || !node.Network.IsUp)
            {
                node.LockedRows.Remove(write.Key);
                answer.TrySetException(new NpgsqlException("The server went away."));
                return;
            }

            var record = Append(line, write, line.Records.Count == 0 ? 1 : line.Records[^1].Epoch);
            write.Commit = line.AtEnd(record.End);
            _scheduler.Note($"{node.Name}: {write} commits at {write.Commit}, locked at {write.Locked}");
            Later(_profile.VisibilityDelay, () =>
            {
                record.IsVisible = true;
                node.LockedRows.Remove(write.Key);
                _scheduler.Note($"{node.Name}: {write} is visible");
                var broke = !node.Network.IsUp || node.Network.Chance(node.Network.Faults.AnswerLost);
                Later(TimeSpan.FromMilliseconds(1), () =>
                {
                    if (broke)
                    {
                        answer.TrySetException(new NpgsqlException("The connection broke."));
                    }
                    else
                    {
                        answer.TrySetResult(write.Locked);
                    }
                });
            });
        });
    }

    private WalRecord Append(WalLine line, CacheWrite? write, long epoch)
    {
        line.Inserted += (ulong)Random.Next(8, 100);
        line.Written = line.Inserted;
        var record = new WalRecord(line.Written, write, epoch);
        line.Records.Add(record);
        return record;
    }

    private static void MustTakeWrites(ClusterNode node)
    {
        if (!node.TakesWrites)
        {
            throw new NpgsqlException("It does not take writes.");
        }
    }

    private void Stop(ClusterNode old)
    {
        SetUp(old, isUp: false);
        old.TakesWrites = false;
        old.LockedRows.Clear();
        Later(_profile.RebuildTime, () =>
        {
            // It is copied anew from the new primary.
            old.Line = Primary.Line;
            old.Replayed = Primary.Line.At(Primary.Line.Written);
            SetUp(old, isUp: true);
            ReplayLater(old);
        });
    }

    private void FollowLater(ClusterNode replica) => Later(_profile.FollowTime, () =>
    {
        if (!replica.TakesWrites)
        {
            Follow(replica);
        }
    });

    // One that is past the switch point is copied anew.
    private void Follow(ClusterNode replica)
    {
        if (replica.Line != Primary.Line)
        {
            // Where its log and the new primary's part.
            var common = History.Judge(replica.Replayed) == Standing.OnLine ? replica.Replayed.Lsn.Value
                : History.Ends.Where(end => end.Timeline <= replica.Replayed.Timeline).Select(end => end.End.Value).DefaultIfEmpty(0x1000UL).Max();
            replica.Line = Primary.Line;
            replica.Replayed = Primary.Line.At(Math.Min(replica.Replayed.Lsn.Value, common));
            _scheduler.Note($"{replica.Name} follows {Primary.Name} from {replica.Replayed}");
        }
    }

    private void ReplayLater(ClusterNode replica) => _scheduler.PostLater(owner: null, _profile.ReplayInterval * (0.2 + Random.NextDouble()), () =>
    {
        if (replica.TakesWrites)
        {
            return;
        }

        var replayed = replica.Replayed.Lsn.Value;
        if (!replica.IsPaused && replica.Network.IsUp && replica.Line.Written > replayed)
        {
            var to = replica.Line.Written;
            if (Random.Next(3) == 0)
            {
                to = replica.Line.Records.Find(record => record.End > replayed)?.End ?? to;
            }

            replica.Replayed = replica.Line.At(to);
        }

        ReplayLater(replica);
    });

    private void Later(TimeSpan most, Action action) => _scheduler.PostLater(owner: null, most * Random.NextDouble(), action);
}
