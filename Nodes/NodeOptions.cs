using System.ComponentModel.DataAnnotations;

namespace Floodgate.Nodes;

/// <summary>Which PostgreSQL nodes there are. Bound from the section <c>Floodgate:Nodes</c>.</summary>
public sealed class NodeOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Floodgate:Nodes";

    /// <summary>The name of the connection string of the node that is the primary at first. Default <c>floodgate</c>.</summary>
    [Required]
    public string PrimaryConnection { get; set; } = "floodgate";

    /// <summary>
    /// The names of the nodes that are replicas at first; each is also the name of its connection string. Default: none, all
    /// reads go to the primary.
    /// </summary>
    public IList<string> Replicas { get; } = [];

    /// <summary>
    /// How long one read may take on a node, from opening the connection to the last row, before it is tried on the
    /// primary instead. Default 2 s; 100 ms to 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How many connections a process opens to a node at most; a request waits for a free one. All processes together must stay below the
    /// node's <c>max_connections</c>. Default 40; 1 to 1,000.
    /// </summary>
    [Range(1, 1000)]
    public int MaximumConnections { get; set; } = 40;

    /// <summary>
    /// How often a service asks every node whether it takes writes: a promoted replica is followed after about as long. Default 500 ms;
    /// 50 ms to 1 minute. The router asks more often (<c>Floodgate:Router:PollInterval</c>).
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan TopologyInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a node may take to answer that. Default 1 s; 100 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan TopologyTimeout { get; set; } = TimeSpan.FromSeconds(1);
}
