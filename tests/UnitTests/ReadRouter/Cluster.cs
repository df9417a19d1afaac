using System.Diagnostics.Metrics;
using Floodgate.Nodes;
using Floodgate.ReadRouter;
using Floodgate.ReadRouter.Alerts;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Nodes;
using Floodgate.ReadRouter.Sessions;
using Floodgate.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Floodgate.UnitTests.ReadRouter;

/// <summary>A primary and two replicas as the polls would describe them, and the chooser over them.</summary>
internal sealed class Cluster : IDisposable
{
    public const ulong SystemId = 42;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public Cluster(RouterOptions? options = null)
    {
        Options = options ?? new RouterOptions();
        var wrapped = Microsoft.Extensions.Options.Options.Create(Options);
        Topology = new ClusterTopology(PostgresNodes.FirstPrimary, Clock, NullLogger<ClusterTopology>.Instance);
        Table = new NodeTable([PostgresNodes.FirstPrimary, "replica-1", "replica-2"], Topology, Options, Clock);
        Measures = new Measures(_services.GetRequiredService<IMeterFactory>());
        Alerts = new AlertBoard(Table, wrapped, Clock, NullLogger<AlertBoard>.Instance);
        Chooser = new NodeChooser(Table, new LeastLoaded(new Random(1)), new SpillOver(wrapped, Clock), Measures, Alerts, Clock);
        (Primary, First, Second) = (Table.All[0], Table.All[1], Table.All[2]);
    }

    public RouterOptions Options { get; }

    public ManualClock Clock { get; } = new();

    public ClusterTopology Topology { get; }

    public NodeTable Table { get; }

    public Measures Measures { get; }

    public AlertBoard Alerts { get; }

    public NodeChooser Chooser { get; }

    /// <summary>The node that is the primary at first.</summary>
    public Node Primary { get; }

    public Node First { get; }

    public Node Second { get; }

    public static WalPosition At(ulong lsn, uint timeline = 1) => new(timeline, new Lsn(lsn));

    /// <summary>Polls all nodes, as the background polling does.</summary>
    public void Poll(ulong primary, ulong first, ulong second)
    {
        Poll(Primary, primary);
        Poll(First, first);
        Poll(Second, second);
    }

    /// <summary>Polls a node that takes writes if it is the primary, and replays otherwise.</summary>
    public void Poll(Node node, ulong lsn, uint timeline = 1) => Poll(node, node == Table.Primary, At(lsn, timeline), history: "");

    /// <summary>Polls a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="takesWrites">What it says of itself.</param>
    /// <param name="position">Where it is.</param>
    /// <param name="history">Its timeline history file; null where it may not be read.</param>
    public void Poll(Node node, bool takesWrites, WalPosition position, string? history)
    {
        var said = new NodeObservation(InRecovery: !takesWrites, position, SystemId) { Streams = !takesWrites };
        if (Topology.IsNews(node.Name, said))
            Topology.Adopt(node.Name, said, history);
        Table.Polled(node, new NodeSample(Clock.GetTimestamp(), said));
        Table.Announce();
    }

    /// <summary>Polls all nodes again and again while the clock moves.</summary>
    public void PollFor(TimeSpan time, ulong primary, ulong first, ulong second)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Options.PollInterval)
        {
            Clock.Advance(Options.PollInterval);
            Poll(primary, first, second);
        }
    }

    public void Fail(Node node)
    {
        for (var poll = 0; poll < Options.FailedPollsToEject; poll++)
            node.Failed();
        Table.Announce();
    }

    public Task<NodeChoice> ChooseAsync(Consistency consistency, WalPosition seen, Node? except = null) =>
        ChooseAsync(consistency, new SeenState(seen, IsLost: false, seen == WalPosition.None ? null : Clock.GetUtcNow()), except);

    public Task<NodeChoice> ChooseAsync(Consistency consistency, SeenState session, Node? except = null) =>
        Chooser.ChooseAsync(new ReadRequest(consistency, RouteReads.Of(Options, "GET /timeline"), session, except), TestContext.Current.CancellationToken).AsTask();

    public void Dispose()
    {
        Measures.Dispose();
        _services.Dispose();
    }
}
