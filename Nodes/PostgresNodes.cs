using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Floodgate.Nodes;

/// <summary>The data sources of the PostgreSQL nodes, by the names that the router and its headers use.</summary>
public sealed class PostgresNodes
{
    /// <summary>The name of the node that takes writes.</summary>
    public const string PrimaryName = "primary";

    private readonly Dictionary<string, NpgsqlDataSource> _byName;
    private int _turn;

    /// <summary>Creates the set.</summary>
    /// <param name="primary">The data source of the primary.</param>
    /// <param name="replicas">The data sources of the replicas, by name.</param>
    public PostgresNodes(NpgsqlDataSource primary, IEnumerable<KeyValuePair<string, NpgsqlDataSource>> replicas)
    {
        Primary = primary;
        _byName = new Dictionary<string, NpgsqlDataSource>(replicas, StringComparer.Ordinal) { [PrimaryName] = primary };
        Replicas = [.. _byName.Keys.Where(name => name != PrimaryName)];
    }

    /// <summary>The node that takes writes.</summary>
    public NpgsqlDataSource Primary { get; }

    /// <summary>The names of the replicas.</summary>
    public IReadOnlyList<string> Replicas { get; }

    /// <summary>The replicas in turn, for work that any of them can do; null where there is none.</summary>
    public string? NextReplica() =>
        Replicas.Count == 0 ? null : Replicas[(int)((uint)Interlocked.Increment(ref _turn) % (uint)Replicas.Count)];

    /// <summary>Finds a node by name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out NpgsqlDataSource? source) => _byName.TryGetValue(name, out source);
}
