using System.Diagnostics.CodeAnalysis;
using Floodgate.Sessions;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Floodgate.Nodes;

/// <summary>The data sources of the PostgreSQL nodes, by the names that the router and its headers use.</summary>
public sealed class PostgresNodes
{
    /// <summary>The name of the node whose connection string is <see cref="NodeOptions.PrimaryConnection"/>: the primary, until a replica is promoted.</summary>
    public const string FirstPrimary = "primary";

    private readonly Dictionary<string, NpgsqlDataSource> _byName;
    private readonly ClusterTopology _topology;
    private int _turn;

    /// <summary>Creates the set.</summary>
    /// <param name="first">The data source of the node that was the primary at first.</param>
    /// <param name="replicas">The data sources of the nodes that were replicas at first, by name.</param>
    /// <param name="topology">Knows who takes writes now.</param>
    public PostgresNodes(NpgsqlDataSource first, IEnumerable<KeyValuePair<string, NpgsqlDataSource>> replicas, ClusterTopology topology)
    {
        _byName = new Dictionary<string, NpgsqlDataSource>(StringComparer.Ordinal) { [FirstPrimary] = first };
        foreach (var (name, source) in replicas)
        {
            _byName.Add(name, source);
        }

        _topology = topology;
        Names = [.. _byName.Keys];
    }

    /// <summary>Creates a set of one node, which takes writes.</summary>
    /// <param name="only">Its data source.</param>
    public PostgresNodes(NpgsqlDataSource only)
        : this(only, [], new ClusterTopology(FirstPrimary, TimeProvider.System, NullLogger<ClusterTopology>.Instance))
    {
    }

    /// <summary>All nodes, the one that was the primary at first in front.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Who takes writes, and the timelines that led there.</summary>
    public ClusterView View => _topology.View;

    /// <summary>Where a node is, by what it said while it was read from: see <see cref="ClusterTopology.Place(string, bool, WalPosition, DateTimeOffset)"/>.</summary>
    internal WalPosition Place(string name, bool inRecovery, WalPosition position, DateTimeOffset startedAt) =>
        _topology.Place(name, inRecovery, position, startedAt);

    /// <summary>Takes note of what a node said of itself while it was read from, unless it is not known yet which cluster this is.</summary>
    internal async ValueTask ObserveAsync(string name, NodeObservation node, CancellationToken cancellationToken)
    {
        if (_topology.SystemId is not 0 and var systemId)
        {
            await _topology.ObserveAsync(name, node with { SystemId = systemId }, _byName[name], cancellationToken);
        }
    }

    /// <summary>The name of the node that takes writes.</summary>
    public string PrimaryName => _topology.View.Primary;

    /// <summary>The node that takes writes. Ask for it anew for each piece of work: a promotion makes it another one.</summary>
    /// <exception cref="NodeUnavailableException">A promotion is known, and the promoted node is not: what was written now would be lost.</exception>
    public NpgsqlDataSource Primary
    {
        get
        {
            var view = _topology.View;
            return view.IsFenced
                ? throw new NodeUnavailableException(
                    view.Primary, $"Timeline {view.HighestTimeline} has begun elsewhere, and the primary is still on {view.History.Current}.")
                : _byName[view.Primary];
        }
    }

    /// <summary>The nodes that do not take writes, in turn, for reading work that any of them can do; null where there is none.</summary>
    public string? NextReplica()
    {
        if (Names.Count < 2)
        {
            return null;
        }

        var primary = PrimaryName;
        var name = NextName();
        return name == primary ? NextName() : name;
    }

    /// <summary>Finds a node by name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out NpgsqlDataSource? source) => _byName.TryGetValue(name, out source);

    private string NextName() => Names[(int)((uint)Interlocked.Increment(ref _turn) % (uint)Names.Count)];
}
