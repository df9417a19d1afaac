using System.Diagnostics.Metrics;
using Floodgate.ReadRouter;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.UnitTests.ReadRouter;

/// <summary>A primary and two replicas as the polls would describe them, and the chooser over them.</summary>
internal sealed class Cluster : IDisposable
{
    public const ulong SystemId = 42;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Measures _measures;

    public Cluster(RouterOptions? options = null)
    {
        Options = options ?? new RouterOptions();
        Table = new NodeTable(["replica-1", "replica-2"], Options, Clock);
        _measures = new Measures(_services.GetRequiredService<IMeterFactory>());
        Chooser = new NodeChooser(
            Table, new LeastLoaded(new Random(1)), Microsoft.Extensions.Options.Options.Create(Options), _measures, Clock);
    }

    public RouterOptions Options { get; }

    public ManualClock Clock { get; } = new();

    public NodeTable Table { get; }

    public NodeChooser Chooser { get; }

    public Node Primary => Table.Primary;

    public Node First => Table.Replicas[0];

    public Node Second => Table.Replicas[1];

    public static WalPosition At(ulong lsn, uint timeline = 1) => new(timeline, new Lsn(lsn));

    /// <summary>Polls all nodes, as the background polling does.</summary>
    public void Poll(ulong primary, ulong first, ulong second)
    {
        Poll(Primary, primary);
        Poll(First, first);
        Poll(Second, second);
    }

    public void Poll(Node node, ulong lsn)
    {
        node.Polled(new NodeSample(Clock.GetTimestamp(), InRecovery: node != Primary, At(lsn), SystemId));
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
        Chooser.ChooseAsync(consistency, seen, except, TestContext.Current.CancellationToken).AsTask();

    public void Dispose()
    {
        _measures.Dispose();
        _services.Dispose();
    }
}
