using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Floodgate.ReadRouter.Nodes;

/// <summary>Asks every node where it is, in the background: no user's request ever waits for a dead host.</summary>
internal sealed class NodePoller(
    PostgresNodes sources, ClusterTopology topology, NodeTable table, VisibilityProbe visibility, IOptions<RouterOptions> options, TimeProvider time, ILogger<NodePoller> logger) : BackgroundService
{
    // Polls on demand keep this distance: at most 200 a second and node, however many requests wait.
    private static readonly TimeSpan DemandSpacing = TimeSpan.FromMilliseconds(5);

    private readonly RouterOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Ten spans a second and node would drown the traces of requests.
        using var quiet = SuppressInstrumentationScope.Begin();
        await Task.WhenAll(table.All.Select(node => Task.Run(() => PollAsync(node, stoppingToken), stoppingToken)));
    }

    private async Task PollAsync(Node node, CancellationToken stoppingToken)
    {
        if (!sources.TryGet(node.Name, out var source))
            throw new InvalidOperationException($"There is no data source for the node {node.Name}.");

        while (!stoppingToken.IsCancellationRequested)
        {
            var wanted = table.Wanted;
            var poll = AskAsync(source, stoppingToken);
            try
            {
                var sample = await poll.WaitAsync(_options.PollTimeout, time, stoppingToken);
                NodeNews.Tell(logger, node, await TakeInAsync(node, sample, source, stoppingToken));
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                NodeNews.TellFailure(logger, node, node.Failed(), exception.Message);
            }

            table.Announce();
            visibility.Polled();
            if (stoppingToken.IsCancellationRequested || !await EndAsync(node, poll, stoppingToken))
                return;
            await PauseAsync(wanted, stoppingToken);
        }
    }

    // Until the next turn, or until a reader wants to know. The one that lost is cancelled: nothing stays behind.
    private async Task PauseAsync(Task wanted, CancellationToken stoppingToken)
    {
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(Task.Delay(_options.PollInterval, time, turn.Token), DemandAsync(wanted, turn.Token));
        await turn.CancelAsync();
    }

    // A poll that hangs is left alone until the client gives it up, and each interval of it is one more failure.
    private async Task<bool> EndAsync(Node node, Task<NodeSample> poll, CancellationToken stoppingToken)
    {
        while (!poll.IsCompleted)
        {
            await Task.WhenAny(poll, Task.Delay(_options.PollInterval, time, stoppingToken));
            if (stoppingToken.IsCancellationRequested)
                return false;
            if (poll.IsCompleted)
                break;
            NodeNews.TellFailure(logger, node, node.Failed(), "no answer in time");
            table.Announce();
        }

        _ = poll.Exception;
        return true;
    }

    private async Task<(NodeStatus Before, NodeStatus After)> TakeInAsync(
        Node node, NodeSample sample, NpgsqlDataSource source, CancellationToken stoppingToken)
    {
        // The first primary decides which cluster this is; a node of another one must never serve.
        var expected = topology.SystemId;
        if (expected != 0 && sample.Node.SystemId != expected)
            throw new InvalidOperationException($"it belongs to the cluster {sample.Node.SystemId}, not to {expected}");
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limited.CancelAfter(_options.PollTimeout);
        var said = topology.Place(node.Name, sample.Node);
        await topology.ObserveAsync(node.Name, said, source, limited.Token);
        return table.Polled(node, sample with { Node = said });
    }

    private async Task DemandAsync(Task wanted, CancellationToken turn)
    {
        await wanted.WaitAsync(turn);
        await Task.Delay(DemandSpacing, time, turn);
    }

    private async Task<NodeSample> AskAsync(NpgsqlDataSource source, CancellationToken stoppingToken)
    {
        var askedAt = time.GetTimestamp();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limited.CancelAfter(_options.PollTimeout);
        return new NodeSample(askedAt, await NodeObservationQuery.AskAsync(source, limited.Token));
    }
}
